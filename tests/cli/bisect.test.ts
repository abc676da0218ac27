// bisect: which change makes a check fail. Every file is as it was when it ends, however it ends.
import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync } from "node:fs";
import { binary } from "../binary.ts";
import { bisected } from "../contract.ts";
import { type Layout, lacks, liveTree, must, plist, type Tree, type World, world } from "../harness.ts";
import { agentWorld, labelOf } from "../launchctl/stand-in.ts";

const agentAt = (n: number) => `Library/LaunchAgents/com.petesbrain.a${n}.plist`;
const agent = (n: number, word: string, keep: string) =>
  plist(
    `com.petesbrain.a${n}`,
    `<key>ProgramArguments</key><array><string>/bin/sh</string><string>${word}.py</string></array><key>Comment</key><string>${keep}</string>`,
  );
const agents = (count: number, word: string): Layout =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [agentAt(n), agent(n, word, word)]));

/** So many agents, each of which was changed in two keys since the snapshot. */
function migrated(count: number): { w: World; id: string } {
  const w = world({ home: agents(count, "old"), root: { "shared/paths.py": lines("old") } });
  const id = w.create();
  w.put(Object.fromEntries(Object.entries(agents(count, "new")).map(([name, item]) => [`home/${name}`, item])));
  w.put({ "root/shared/paths.py": lines("new") });
  return { w, id };
}
/** Three places that are far enough apart to be three hunks. */
const lines = (word: string) =>
  Array.from({ length: 60 }, (_, n) => (n % 20 === 10 ? `${word}_${n} = 1\n` : `line_${n} = 1\n`)).join("");

const has = (w: World, n: number, word = "old.py") => `grep -q ${word} '${w.home}/${agentAt(n)}'`;

/** Every live file and link with its time, and the folders without theirs: a search makes and removes names in them. */
const filesOf = (w: World): Tree =>
  Object.fromEntries(
    Object.entries(liveTree(w, { mtimes: true }))
      .filter(([path]) => /^(home|root)\b/.test(path))
      .map(([path, seen]) => [path, seen.kind === "folder" ? { kind: seen.kind, mode: seen.mode } : seen]),
  );

function bisect(w: World, ...words: string[]) {
  const before = filesOf(w);
  const ran = w.json(bisected, "bisect", ...words);
  if (!words.includes("--apply")) expect(filesOf(w)).toEqual(before);
  return ran;
}

describe("a search", () => {
  test("finds one key of one file among forty, in about log2 trials, and its command mends it", () => {
    const { w, id } = migrated(40);
    const check = has(w, 17);
    const { exit, value } = bisect(w, id, "--check", check, "--force");
    expect([exit, value.verdict, value.passes_today, value.changes.length]).toEqual([0, "found", true, 41]);
    expect(value.found).toEqual([
      {
        path: w.path(`home/${agentAt(17)}`),
        name: "com.petesbrain.a17.plist",
        kind: "plist",
        key: "ProgramArguments",
        hunk: null,
        words: ["ProgramArguments: runs with new.py instead of old.py"],
      },
    ]);
    expect(value.trials.length).toBeLessThanOrEqual(12);
    expect(value.trials.slice(0, 2).map(({ passed }) => passed)).toEqual([false, true]);
    const [fix = []] = value.next;
    must(w.run(...fix.slice(1)));
    must({ ...w.runWith({}, "verify") });
    expect(Bun.spawnSync(["/bin/sh", "-c", check]).exitCode).toBe(0);
    expect(readFileSync(w.path(`home/${agentAt(17)}`), "utf8")).toBe(agent(17, "old", "new"));
  });

  test("finds two changes that are needed together, in two files and in two keys of one", () => {
    const { w, id } = migrated(20);
    const { value } = bisect(w, id, "--check", has(w, 3), "--check", has(w, 11), "--force");
    expect(value.found.map(({ name, key }) => [name, key])).toEqual([
      ["com.petesbrain.a11.plist", "ProgramArguments"],
      ["com.petesbrain.a3.plist", "ProgramArguments"],
    ]);
    const both = bisect(w, id, "--check", has(w, 5), "--check", has(w, 5, "'<string>old<'"), "--force").value;
    expect(both.found.map(({ key }) => key)).toEqual(["ProgramArguments", "Comment"]);
    expect(both.next).toHaveLength(1);
  });

  test("finds one file among two hundred in a dozen trials", () => {
    const { w, id } = migrated(200);
    const { value } = bisect(w, id, "--check", has(w, 123), "--force");
    expect(value.found.map(({ name, key }) => [name, key])).toEqual([
      ["com.petesbrain.a123.plist", "ProgramArguments"],
    ]);
    expect(value.trials.length).toBeLessThanOrEqual(2 + 9 + 3);
  });

  test.skipIf(lacks("script"))("counts its trials on a terminal (needs script)", () => {
    const { w, id } = migrated(10);
    // A second passes before anything is shown.
    const check = `sleep 0.4; ${has(w, 3)}`;
    const words = [binary, "bisect", id, "--check", check, "--force"].map(
      (word) => `'${word.replaceAll("'", "'\\''")}'`,
    );
    const ended = Bun.spawnSync(["script", "-qec", words.join(" "), "/dev/null"], {
      cwd: w.root,
      env: w.environment({ TERM: "xterm" }),
      stdin: "ignore",
    });
    expect(ended.stdout.toString()).toMatch(/Trial \d+ of \d+ · \d+ of 11 changes undone, \d+ still possible/);
  });

  test("finds one hunk of a text", () => {
    const { w, id } = migrated(2);
    const check = `grep -q old_30 '${w.root}/shared/paths.py'`;
    const { value } = bisect(w, id, "--check", check, "--force");
    expect(value.found.map(({ name, hunk }) => [name, hunk])).toEqual([["paths.py", 2]]);
    must(w.run(...(value.next[0] ?? []).slice(1)));
    expect(readFileSync(w.path("root/shared/paths.py"), "utf8")).toBe(lines("new").replace("new_30 = 1", "old_30 = 1"));
  });

  test("a file that is gone, one whose mode changed, a binary one: each as a whole", () => {
    const w = world({ root: { "shared/paths.py": "A = 1\n", ".mcp.json": "{}\n", "shared/secrets.py": "\0\x01old" } });
    const id = w.create();
    Bun.spawnSync(["/bin/rm", w.path("root/shared/paths.py")]);
    chmodSync(w.path("root/.mcp.json"), 0o755);
    w.put({ "root/shared/secrets.py": "\0\x01new" });
    for (const [check, name] of [
      [`test -e '${w.root}/shared/paths.py'`, "paths.py"],
      [`test ! -x '${w.root}/.mcp.json'`, ".mcp.json"],
      [`grep -q old '${w.root}/shared/secrets.py'`, "secrets.py"],
    ] as const) {
      const { value } = bisect(w, id, "--check", check, "--force");
      expect([check, value.found.map((one) => [one.name, one.key, one.hunk])]).toEqual([check, [[name, null, null]]]);
    }
  });

  test("--apply leaves the fix in place, and undo takes it back", () => {
    const { w, id } = migrated(5);
    const { exit, value } = bisect(w, id, "--check", has(w, 2), "--force", "--apply");
    expect([exit, value.applied, value.back]).toEqual([0, true, ["rollback", "undo"]]);
    expect(readFileSync(w.path(`home/${agentAt(2)}`), "utf8")).toBe(agent(2, "old", "new"));
    must(w.run("undo", "--force"));
    expect(readFileSync(w.path(`home/${agentAt(2)}`), "utf8")).toBe(agent(2, "new", "new"));
  });

  test("the preview runs no check, and names how many changes and trials there are", () => {
    const { w, id } = migrated(40);
    const { exit, value } = bisect(w, id, "--check", `touch '${w.away}/ran'`);
    expect([exit, value.dry_run, value.changes.length, value.verdict]).toEqual([0, true, 41, null]);
    expect(value.trials_expected).toBe(7);
    expect(value.next).toEqual([["rollback", "bisect", id, "--check", `touch '${w.away}/ran'`, "--force"]]);
    expect(Bun.spawnSync(["/bin/ls", w.away]).stdout.toString()).toBe("");
  });
});

describe("what can't be found", () => {
  test("a check that passes now, or fails with all files of the snapshot: said after one or two trials", () => {
    const { w, id } = migrated(5);
    const passing = bisect(w, id, "--check", "true", "--force");
    expect([passing.exit, passing.value.verdict, passing.value.trials.length]).toEqual([1, "passes-now", 1]);
    const older = w.create("later");
    const failing = bisect(w, id, "--check", "false", "--force");
    expect([failing.exit, failing.value.verdict, failing.value.trials.length]).toEqual([1, "fails-with-all", 2]);
    const none = bisect(w, older, "--check", "false", "--force");
    expect([none.exit, none.value.verdict, none.value.trials.length]).toEqual([1, "nothing-differs", 0]);
  });

  test("a check that wavers is named, with --repeat and at the end without it", () => {
    const { w, id } = migrated(5);
    // Passes every second time.
    const wavering = `test -e '${w.away}/even' && rm '${w.away}/even' || { touch '${w.away}/even'; false; }`;
    const repeated = bisect(w, id, "--check", wavering, "--repeat", "2", "--force");
    expect([repeated.exit, repeated.value.verdict]).toEqual([1, "unsteady"]);
    // Steady till the search is nearly over: the answers are asked for again.
    const count = `echo >> '${w.away}/count'; test $(wc -l < '${w.away}/count') -lt 6`;
    const { value } = bisect(w, id, "--check", count, "--check", has(w, 1), "--force");
    expect(value.verdict).toBe("unsteady");
  });

  test("a check that takes too long fails", () => {
    const { w, id } = migrated(2);
    const check = `${has(w, 1)} || exec sleep 1000`;
    const { value } = bisect(w, id, "--check", check, "--timeout", "1s", "--force");
    expect(value.found.map(({ name }) => name)).toEqual(["com.petesbrain.a1.plist"]);
  });

  test("a file that the check itself changes ends the search, with its content kept and the old one named", () => {
    const { w, id } = migrated(2);
    const path = w.path(`home/${agentAt(1)}`);
    const ran = w.run("bisect", id, "--check", `echo mine > '${path}'; false`, "--force", "--json");
    expect([ran.exit, ran.stdout]).toEqual([
      1,
      expect.stringContaining("was changed by somebody else during the search"),
    ]);
    expect(readFileSync(path, "utf8")).toBe("mine\n");
    const backup = /stands in (\d{8}_\d{6})/.exec(ran.stdout)?.[1] ?? "";
    must(w.run("restore", backup, "--force"));
    expect(readFileSync(path, "utf8")).toBe(agent(1, "new", "new"));
  });

  test("no check, an empty one, a REF that is not there", () => {
    const { w, id } = migrated(1);
    expect(w.run("bisect", id, "--force").exit).toBe(2);
    expect(w.run("bisect", id, "--check", " ", "--force").exit).toBe(2);
    expect(w.run("bisect", "20200101_000000", "--check", "true", "--force").exit).toBe(5);
  });
});

describe("--between", () => {
  function history() {
    const w = world({ root: { "shared/paths.py": "A = 1\nB = 1\n", ".mcp.json": '{"v": 0}\n' } });
    const ids = [w.create("good")];
    for (let n = 1; n <= 6; n++) {
      w.put({ "root/.mcp.json": `{"v": ${n}}\n`, ...(n === 4 && { "root/shared/paths.py": "A = 2\nB = 2\n" }) });
      ids.push(w.create(`step ${n}`));
    }
    w.put({ "root/.mcp.json": '{"v": 7}\n' });
    return { w, ids };
  }

  test("finds the first snapshot in which the check fails, and the change in it", () => {
    const { w, ids } = history();
    const check = `grep -q 'A = 1' '${w.root}/shared/paths.py'`;
    const { exit, value } = bisect(w, ids[0] ?? "", "--between", "--check", check, "--force");
    expect([exit, value.verdict, value.first_failing?.id, value.passes_today]).toEqual([
      0,
      "found",
      ids[4] ?? "",
      true,
    ]);
    expect(value.found.map(({ name }) => name)).toEqual(["paths.py"]);
    must(w.run(...(value.next[0] ?? []).slice(1)));
    expect(readFileSync(w.path("root/shared/paths.py"), "utf8")).toBe("A = 1\nB = 1\n");
    expect(readFileSync(w.path("root/.mcp.json"), "utf8")).toBe('{"v": 7}\n');
  });

  test("a mode alone, in a snapshot that is an archive by now", () => {
    const w = world({ root: { "shared/paths.py": "A = 1\n", ".mcp.json": "{}\n" } });
    const good = w.create("good");
    w.put({ "root/.mcp.json": '{"v": 1}\n' });
    const between = w.create("between");
    chmodSync(w.path("root/shared/paths.py"), 0o755);
    const bad = w.create("bad");
    w.put({ "root/.mcp.json": '{"v": 2}\n' });
    for (const id of [between, bad]) must(w.run("pack", id, "--move"));
    const check = `test ! -x '${w.root}/shared/paths.py'`;
    const { value } = bisect(w, good, "--between", "--check", check, "--force");
    expect([value.first_failing?.id, value.found.map(({ name }) => name)]).toEqual([bad, ["paths.py"]]);
  });

  test("where every snapshot passes the change came since", () => {
    const { w, ids } = history();
    const { value } = bisect(w, ids[0] ?? "", "--between", "--check", `! grep -q 7 '${w.root}/.mcp.json'`, "--force");
    expect([value.verdict, value.first_failing]).toEqual(["found", { id: null, description: null }]);
    expect(value.found.map(({ name, key }) => [name, key])).toEqual([[".mcp.json", "v"]]);
  });
});

test("--reload: agents that a trial touches run as their plist says then, and at the end as before", () => {
  const { w, launchd } = agentWorld(["mail", "notes"]);
  for (const name of ["mail", "notes"]) launchd.load(labelOf(name));
  const id = w.create();
  const path = w.path(`home/Library/LaunchAgents/${labelOf("mail")}.plist`);
  w.put({ [path]: readFileSync(path, "utf8").replace("</dict>", "<key>Nice</key><integer>5</integer></dict>") });
  const check = `! grep -q Nice '${launchd.plistOf(labelOf("mail"))}'`;
  const { value } = bisect(w, id, "--check", check, "--reload", "--force");
  expect(value.verdict).toBe("found");
  expect(launchd.isLoaded(labelOf("mail"))).toBe(true);
  const bootstraps = launchd.calls(labelOf("mail")).filter((call) => call.startsWith("bootstrap"));
  expect(bootstraps.length).toBeGreaterThanOrEqual(2);
  expect(launchd.calls(labelOf("notes")).filter((call) => call.startsWith("bootout"))).toEqual([]);
});

test("Ctrl-C during a check ends the search, and every file is as it was", async () => {
  const { w, id } = migrated(5);
  const before = filesOf(w);
  // Is there while the check of the second trial runs.
  const check = `echo >> '${w.away}/n'; test $(wc -l < '${w.away}/n') -lt 2 && exit 1; echo > '${w.away}/in'; exec sleep 1000`;
  const child = w.start([binary, "bisect", id, "--check", check, "--force"]);
  while (!(await Bun.file(`${w.away}/in`).exists())) await Bun.sleep(5);
  expect(filesOf(w)).not.toEqual(before);
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect(await new Response(child.stderr).text()).toContain("every file is as it was");
  expect(filesOf(w)).toEqual(before);
  expect(w.run("recover").stdout).toContain("no restore was cut off");
});
