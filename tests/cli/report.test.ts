// report writes one page: whole or not at all, for its owner alone, and with what every snapshot changed.
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reported } from "../contract.ts";
import { modeOf, plist, readTree, world } from "../harness.ts";
import { manifestPath } from "../manifests.ts";

const calendar = (minute: number) =>
  `<key>StartCalendarInterval</key><dict><key>Hour</key><integer>3</integer><key>Minute</key><integer>${minute}</integer></dict>`;
const agent = "Library/LaunchAgents/com.petesbrain.a.plist";
const parts = {
  home: { [agent]: plist("com.petesbrain.a", calendar(0)) },
  root: { ".mcp.json": '{"a": 1}', "shared/paths.py": "A = 1\n" },
};
/** What a reader sees of a part of the page. */
const words = (html: string): string =>
  html
    .replace(/<(style|script)>.*?<\/\1>/gs, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

test("each snapshot tells what it changed, and every change is where the matrix points", () => {
  const w = world(parts);
  w.create("the first");
  writeFileSync(join(w.home, agent), plist("com.petesbrain.a", calendar(30)));
  w.create("another time", "hotfix");
  rmSync(join(w.root, "shared/paths.py"));
  w.create("without paths");
  const path = join(w.base, "page.html");
  const { value } = w.json(reported, "report", "-o", path);
  const page = readFileSync(path, "utf8");
  const size_bytes = Buffer.byteLength(page);
  expect(value).toEqual({ schema: 1, ok: true, command: "report", path, snapshots: 3, size_bytes });
  expect(modeOf(path)).toBe("0600");
  const text = words(page);
  expect(text).toMatch(/without paths manual 1 change .*paths\.py removed.*another time hotfix 1 change /);
  expect(text).toContain("com.petesbrain.a 03:00 → 03:30 daily");
  expect(text).toMatch(/the first manual the first, 3 files /);
  expect(text).toContain("One thing needs you");
  expect(text).toContain("1 of 2 configs lost: paths.py");
  expect(text).toContain("Configs 1 of 1 there");
  expect(text).toMatch(/03 30 com\.petesbrain\.a 04 none/);
  const linked = [...page.matchAll(/<a class="k\d" href="#(\d+_\d+-\d+)"/g)].map(([, id]) => id);
  expect(linked).toHaveLength(2);
  for (const id of linked) expect(page).toContain(`<li id="${id}"`);
});

test("only the snapshots that are named, whatever their order, each once", () => {
  const w = world(parts);
  const [first, second, third] = ["one", "two", "three"].map((description, index) => {
    writeFileSync(join(w.root, ".mcp.json"), `{"a": ${index}}`);
    return w.create(description);
  }) as [string, string, string];
  const page = w.run("report", third, first, third, "-o", "-").stdout;
  expect([...page.matchAll(/<li class="entry[^>]* id="s([^"]*)"/g)].map(([, id]) => id)).toEqual([third, first]);
  expect(page).not.toContain(second);
  expect(words(page)).toContain(".mcp.json a 0 → 2");
});

test("to stdout the page is all there is, and with --json it is told about instead", () => {
  const w = world(parts);
  w.create();
  const { stdout, exit } = w.run("report", "-o", "-", "--quiet");
  expect(exit).toBe(0);
  expect(stdout).toStartWith("<!doctype html>\n");
  expect(stdout).toEndWith("</html>\n");
  expect(w.json(reported, "report", "-o", "-").value).toMatchObject({ path: null, snapshots: 1 });
});

test("--open shows the page that was written, with its path alone; where nothing can show it, it is there all the same", () => {
  const opener = { file: '#!/bin/sh\necho "$# $1" > "$HOME/opened"\n', mode: 0o755 };
  const w = world({ ...parts, bin: { open: opener } });
  const path = join(w.base, "a page.html");
  expect(w.run("report", "-o", path, "--open")).toMatchObject({ exit: 0, stdout: `✅ Written: ${path}\n`, stderr: "" });
  expect(readFileSync(join(w.home, "opened"), "utf8")).toBe(`1 ${path}\n`);
  w.put({ "bin/open": { file: "#!/bin/sh\nexit 1\n", mode: 0o755 } });
  const { exit, stderr } = w.run("report", "-o", path, "--open");
  expect(exit).toBe(0);
  expect(stderr).toContain("the page is not shown");
  expect(w.run("report", "-o", "-", "--open").exit).toBe(2);
  expect(w.run("report", "-o", path, "--serve").exit).toBe(2);
});

test("its commands lead to the project that was named, from anywhere; a hidden value is nowhere, and tiles tell of what is there now", () => {
  const w = world({
    home: parts.home,
    root: { ".mcp.json": '{"env": {"API_TOKEN": "s3cr3t-Value-0987654321"}}', "shared/paths.py": "A = 1\n" },
  });
  w.create();
  writeFileSync(join(w.root, ".mcp.json"), '{"env": {"API_TOKEN": "s3cr3t-Other-1234567890"}}');
  const id = w.create("new key");
  writeFileSync(join(w.root, ".mcp.json"), '{"env": {"API_TOKEN": "s3cr3t-Third-5555555555"}}');
  const { stdout } = w.runWith(
    { cwd: w.base, env: { ROLLBACK_ROOT: undefined } },
    "report",
    "-o",
    "-",
    "--root",
    "root",
  );
  expect(stdout).toContain(`rollback diff ${id} --root ${w.root}<`);
  expect(words(stdout)).toContain(".mcp.json env.API_TOKEN changed, not shown");
  expect(words(stdout)).toContain("2 of 2 there .mcp.json differs from the last snapshot");
  expect(stdout).not.toContain("s3cr3t");
});

test("without a snapshot the page says so; a word that names none is an error, and nothing is written", () => {
  const w = world(parts);
  expect(words(w.run("report", "-o", "-").stdout)).toMatch(/Nothing is kept yet .*How to begin /);
  const before = readTree(w.base);
  expect(w.run("report", "20200101_000000", "-o", join(w.base, "x.html")).exit).toBe(5);
  expect(w.run("report").exit).toBe(2);
  expect(w.run("report", "-o", "").exit).toBe(2);
  for (const place of [w.root, "/dev/null", "/dev/stdout", w.path("away/to-a-device")]) {
    w.put({ "away/to-a-device": { link: "/dev/full" } });
    expect(w.run("report", "-o", place).exit).toBe(2);
  }
  rmSync(w.path("away/to-a-device"));
  expect(w.run("report", "-o", join(w.store, "page.html")).exit).toBe(2);
  const nowhere = w.run("report", "-o", join(w.base, "no/such/folder.html"));
  expect(nowhere.exit).toBe(1);
  expect(nowhere.stderr).toContain("folder.html");
  expect(readTree(w.base)).toEqual(before);
});

test("what stood there is replaced as a whole: a link is not followed, and no other name is left", () => {
  const w = world(parts);
  w.create();
  const folder = join(w.base, "pages");
  mkdirSync(folder);
  const old = "<!doctype html>\nan older page\n";
  writeFileSync(join(w.base, "precious"), old);
  symlinkSync("../precious", join(folder, "page.html"));
  expect(w.run("report", "-o", join(folder, "page.html")).exit).toBe(0);
  expect(readFileSync(join(w.base, "precious"), "utf8")).toBe(old);
  // Whatever else stands there stays.
  for (const path of [join(w.root, ".mcp.json"), join(w.store, "../notes.txt")]) {
    writeFileSync(path, "precious");
    expect(w.run("report", "-o", path).exit).toBe(2);
    expect(readFileSync(path, "utf8")).toBe("precious");
  }
  rmSync(join(w.store, "../notes.txt"));
  expect(readdirSync(folder)).toEqual(["page.html"]);
  expect(modeOf(join(folder, "page.html"))).toBe("0600");
});

test("a snapshot whose manifest is broken, one with a damaged file and one that lacks it: named, and the page still made", () => {
  const w = world(parts);
  w.create("good");
  writeFileSync(join(w.root, ".mcp.json"), '{"a": 2}');
  const changed = w.create("changed");
  writeFileSync(join(w.store, changed, "config/mcp.json"), '{"a": 3}');
  writeFileSync(join(w.root, ".mcp.json"), '{"a": 4}');
  const broken = w.create("broken");
  writeFileSync(manifestPath(w, broken), "{");
  writeFileSync(join(w.root, ".mcp.json"), '{"a": 5}');
  const lacking = w.create("lacking");
  rmSync(join(w.store, lacking, "config/mcp.json"));
  const { stdout, exit } = w.run("report", "-o", "-");
  expect(exit).toBe(0);
  const text = words(stdout);
  expect(text).toContain("config/mcp.json");
  expect(text).toMatch(/Its manifest can't be read damaged/);
  expect(text).toMatch(/lacking manual damaged/);
});

test("names and descriptions that look like HTML stay text", () => {
  const hostile = "<img src=x onerror=alert(1)>\"'&";
  const w = world({ home: { [`Library/LaunchAgents/com.petesbrain.${hostile.replace("/", "")}.plist`]: plist("a") } });
  w.create(hostile, "a<b>&");
  const { stdout } = w.run("report", "-o", "-");
  expect(stdout).not.toContain("<img");
  expect(stdout).not.toContain("a<b>");
  expect(stdout).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;");
});
