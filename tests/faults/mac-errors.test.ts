// What a Mac's system says where a grant is missing, a file is locked, or iCloud keeps it, caused here: each is named, with what helps,
// and no file is half done. And a machine whose name the network changed.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { binary } from "../binary.ts";
import { created } from "../contract.ts";
import { straceMissing } from "../crash/strace.ts";
import { needing } from "../crash/tracing.ts";
import { liveTree, must, type World, world } from "../harness.ts";

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };

/** Runs the binary; one sort of call fails, where there is a path whenever it is about that. */
function failing(w: World, path: string | null, inject: string, ...words: string[]) {
  const about = path === null ? [] : ["-P", path];
  const strace = ["strace", "-f", "-qqq", "-o", "/dev/null", ...about, "-e", `inject=${inject}`, "--"];
  const ended = Bun.spawnSync([...strace, binary, ...words], {
    ...{ cwd: w.root, env: w.environment(), stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  });
  return { exit: ended.exitCode, stdout: ended.stdout.toString(), stderr: ended.stderr.toString() };
}

needing(straceMissing(), "a captured file that can't be opened or read is skipped, named, and told what helps", () => {
  const w = world(parts);
  const path = join(w.root, "shared/paths.py");
  for (const [inject, says] of [
    ["openat,open:error=EPERM", "operation not permitted (EPERM)"],
    ["openat,open:error=EDEADLK", `\`brctl download ${path}\` fetches it (EDEADLK)`],
    ["read,pread64:error=ETIMEDOUT", `\`brctl download ${path}\` fetches it (ETIMEDOUT)`],
  ] as const) {
    const { exit, stdout } = failing(w, path, inject, "create", "x", "--json");
    const value = v.parse(created, JSON.parse(stdout));
    expect([inject, exit, value.complete]).toEqual([inject, 3, false]);
    expect(value.skipped).toEqual([{ path, reason: expect.stringContaining(says) }]);
  }
});

needing(
  straceMissing(),
  "a rename that is refused takes the whole restore back, and its words are the system's",
  () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/shared/paths.py": "changed" });
    const before = liveTree(w);
    const path = join(w.root, "shared/paths.py");
    for (const [error, says] of [
      ["EPERM", "operation not permitted (EPERM)"],
      ["EXDEV", "on another file system (EXDEV)"],
      ["EOPNOTSUPP", "the file system does not support it (E"],
    ] as const) {
      // The first renames are the auto-backup's and the journal's.
      const { exit, stderr } = failing(w, null, `rename:error=${error}:when=3`, "restore", id, "--force");
      expect([error, exit]).toEqual([error, 1]);
      expect(stderr).toContain(`could not restore ${path}: ${says}`);
      expect(stderr).toContain("every file is as it was");
      expect(liveTree(w)).toEqual(before);
    }
    must(w.run("restore", id, "--force"));
    expect(readFileSync(path, "utf8")).toBe("p");
  },
);

const asRoot = process.geteuid?.() === 0;
const NAMESPACE = ["unshare", "--uts", ...(asRoot ? [] : ["--user", "--map-root-user"])];
const RENAME = 'echo "$0" >/proc/sys/kernel/hostname && exec "$@"';
const canRename =
  process.platform === "linux" && Bun.spawnSync([...NAMESPACE, "sh", "-c", RENAME, "x", "true"]).exitCode === 0;

test.skipIf(!canRename)(
  `a network's other name is this machine all the same; another machine's is told${canRename ? "" : " (skipped: it takes unshare --uts)"}`,
  () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/shared/paths.py": "changed" });
    const previewAs = (name: string) => {
      const ended = Bun.spawnSync([...NAMESPACE, "sh", "-c", RENAME, name, binary, "restore", id], {
        ...{ cwd: w.root, env: w.environment(), stdin: "ignore", stdout: "pipe", stderr: "pipe" },
      });
      return ended.stdout.toString();
    };
    const [first = ""] = hostname().split(".");
    expect(previewAs(`${first}.corp.example`)).not.toContain("From: ");
    expect(previewAs("another-mac")).toContain(`From: ${hostname()} (`);
  },
);
