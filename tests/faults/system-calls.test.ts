// What the binary asks of the system beyond node:fs: whose library it loads, and what it says where the calls are refused.
import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { straceMissing } from "../crash/strace.ts";
import { needing } from "../crash/tracing.ts";
import { must, type World, world } from "../harness.ts";

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };

/** Runs the binary under strace, and returns what it said and strace's log of these calls. */
function traced(w: World, calls: string, words: string[], options: string[] = []) {
  const log = w.path("away/strace.log");
  const ended = Bun.spawnSync(
    ["strace", "-f", "-qqq", "-o", log, "-e", `trace=${calls}`, ...options, "--", binary, ...words],
    { cwd: w.root, env: w.environment(), stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  );
  return { exit: ended.exitCode, stdout: ended.stdout.toString(), stderr: ended.stderr.toString(), log };
}

needing(
  straceMissing(),
  "no library is opened but by its whole path, whatever lies in the current folder",
  async () => {
    const planted = ["libc.so.6", "libSystem.B.dylib", "libdl.so.2", "libm.so.6", "libpthread.so.0"];
    const w = world({ root: { ...parts.root, ...Object.fromEntries(planted.map((name) => [name, "not a library"])) } });
    const { exit, log } = traced(w, "open,openat", ["create", "x"]);
    expect(exit).toBe(0);
    const opened = [
      ...(await Bun.file(log).text()).matchAll(/open(?:at)?\((?:AT_FDCWD, )?"([^"]*\.(?:so|dylib)[^"]*)"/g),
    ];
    const paths = opened.map(([, path = ""]) => path);
    expect(paths.some((path) => path.endsWith("/libc.so.6"))).toBe(true);
    expect(paths.filter((path) => !path.startsWith("/") || path.startsWith(w.base))).toEqual([]);
  },
);

for (const error of ["ENOLCK", "EOPNOTSUPP", "ENOSYS"])
  needing(straceMissing(), `a file system without locks (${error}) is not another rollback, and is named`, () => {
    const w = world(parts);
    const { exit, stderr } = traced(w, "flock", ["create", "x"], ["-e", `inject=flock:error=${error}`]);
    expect(exit).toBe(1);
    const type = Bun.spawnSync(["stat", "-f", "-c", "%T", w.base]).stdout.toString().trim();
    const name = type === "ext2/ext3" ? "ext[234]" : type.replace("overlayfs", "overlay");
    expect(stderr).toMatch(new RegExp(`can't lock .*/lock: its file system \\(${name}\\) has no locks \\(E\\w+\\)`));
    expect(stderr).toContain("--snapshots DIR");
  });

needing(straceMissing(), "a signal while it asks for the lock is no refusal", () => {
  const w = world(parts);
  must(traced(w, "flock", ["create", "x"], ["-e", "inject=flock:error=EINTR:when=1"]));
});

test("without the JIT, as under a hardened runtime: one error that says so, and no snapshot", () => {
  const w = world(parts);
  const { exit, stdout } = w.runWith({ env: { BUN_JSC_useJIT: "0" } }, "create", "x", "--json");
  expect(exit).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { message: expect.stringContaining("takes the JIT"), hint: expect.stringContaining("allow-jit") },
  });
  const left = existsSync(w.store) ? readdirSync(w.store).filter((name) => !name.startsWith(".")) : [];
  expect(left).toEqual([]);
  expect(existsSync(join(w.store, ".rollback/staging"))).toBe(false);
});

test("without the JIT a store is still read", () => {
  const w = world(parts);
  must(w.run("create", "x"));
  for (const words of [["list"], ["restore", "latest"], ["verify"], ["diff", "latest"]])
    must(w.runWith({ env: { BUN_JSC_useJIT: "0" } }, ...words));
});
