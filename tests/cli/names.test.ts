// One file in two spellings: patterns, --only, history and `never` on a disk that ignores case, and on one that does not. A home that
// stands there as HOME, too, answers as on a disk that ignores case.
import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manifest } from "../contract.ts";
import { must, plist, readJson, world } from "../harness.ts";

const NFD = "cafe\u0301-token.json";
const NFC = "caf\u00e9-token.json";
const CONFIG = `plists: ["~/library/launchagents/COM.acme.*.plist", "~/Library/LaunchAgents/com.acme.a.plist"]
configs: ["[a-z]*/x.json"]
credentials: {files: ["~/${NFC}"]}
never: [Clients]
`;
const disk = (caseless: boolean) => {
  const w = world({
    home: {
      "Library/LaunchAgents/com.acme.a.plist": plist("com.acme.a"),
      "Library/LaunchAgents/com.acme.b.plist": plist("com.acme.b"),
      "Library/LaunchAgents/._com.acme.b.plist": "AppleDouble",
      [NFD]: "{}",
    },
    root: { "rollback.yaml": CONFIG, "clients/x.json": "{}", "Shared/x.json": "{}" },
  });
  if (caseless) w.put({ [join(w.base, "HOME")]: { link: "home" } });
  const stored = readJson(join(w.store, w.create(), "manifest.json"), manifest);
  const { plist_files, config_files, credential_files } = stored;
  const paths = [...plist_files, ...config_files, ...credential_files].map(({ original }) => original);
  return { w, paths: paths.map((path) => path.slice(w.base.length + 1)).sort() };
};

test("a disk that ignores case: each file once, as the disk spells it, and any spelling finds it", () => {
  const { w, paths } = disk(true);
  expect(paths).toEqual([
    "home/Library/LaunchAgents/com.acme.a.plist",
    "home/Library/LaunchAgents/com.acme.b.plist",
    `home/${NFD}`,
    "root/Shared/x.json",
  ]);
  expect(must(w.run("restore", "latest", "--only", "COM.acme.*")).stdout).toContain("com.acme.b.plist");
  expect(must(w.run("history", "CAF\u00c9-token.json")).stdout).toContain(NFD);
});

test("a disk that does not: case counts, the Unicode form does not", () => {
  const { w, paths } = disk(false);
  expect(paths).toEqual(["home/Library/LaunchAgents/com.acme.a.plist", `home/${NFD}`, "root/clients/x.json"]);
  expect(w.run("restore", "latest", "--only", "COM.acme.*").exit).toBe(5);
  expect(must(w.run("history", NFC)).stdout).toContain(NFD);
  expect(w.run("history", "CAF\u00c9-token.json").exit).toBe(5);
});

test("what Finder left beside a plist, and an older tool captured, is restored and never taken for an agent", () => {
  const { w } = disk(false);
  const path = join(w.store, must(w.run("list", "--quiet")).stdout.trim(), "manifest.json");
  const old = "LaunchAgents/com.acme.a.plist";
  writeFileSync(path, readFileSync(path, "utf8").replaceAll(old, "LaunchAgents/._com.acme.a.plist"));
  const preview = must(w.run("restore", "latest", "--only", "plist")).stdout;
  expect(preview).toContain("Would restore (new): ");
  const { stdout, stderr, exit } = w.run("restore", "latest", "--only", "plist", "--force");
  expect([exit, stderr.includes("refused")]).toEqual([0, false]);
  expect(existsSync(w.path("home/Library/LaunchAgents/._com.acme.a.plist"))).toBe(true);
  expect(stdout).not.toContain("launchctl");
  expect(stdout).not.toContain("rollback reload");
});
