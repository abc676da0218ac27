// What macOS keeps from programs without a grant, who needs the grant, and that every command says so.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { privacyHint, responsible } from "../../src/privacy.ts";
import { straceMissing } from "../crash/strace.ts";
import { needing } from "../crash/tracing.ts";
import { must, world } from "../harness.ts";

const around = { platform: "darwin", home: "/Users/alex", env: {}, execPath: "/Users/alex/.local/bin/rollback" };
const denied = (path: string) => privacyHint(`can't read ${path}: operation not permitted (EPERM)`, around);

describe("the hint", () => {
  test.each([
    ["/Users/alex/Documents/PetesBrain/rollback.yaml", "~/Documents"],
    ["~/Documents/PetesBrain/rollback.yaml", "~/Documents"],
    ["/Users/alex/Desktop", "~/Desktop"],
    ["/Users/alex/Downloads/x y/z", "~/Downloads"],
    ["/Users/alex/Library/Mobile Documents/com~apple~CloudDocs/x", "~/Library/Mobile Documents"],
    ["/Users/alex/Library/CloudStorage/Dropbox/x", "~/Library/CloudStorage"],
    ["/Volumes/Back up/store/.rollback/lock", "/Volumes/Back up"],
  ])("for %s names %s", (path, folder) => {
    expect(denied(path)).toStartWith(`macOS keeps ${folder} from `);
  });

  test.each([
    "/Users/alex/Documents2/x",
    "/Users/bob/Documents/x",
    "/Users/alex/Library/LaunchAgents/a.plist",
    "/Volumes",
  ])("there is none for %s", (path) => expect(denied(path)).toBeNull());

  test("there is none for another error, nor elsewhere than on a Mac", () => {
    const path = "/Users/alex/Documents/x";
    expect(privacyHint(`can't read ${path}: permission denied (EACCES)`, around)).toBeNull();
    expect(privacyHint(`can't read ${path}: (EPERM)`, { ...around, platform: "linux" })).toBeNull();
  });
});

test.each([
  [{ TERM_PROGRAM: "Apple_Terminal", XPC_SERVICE_NAME: "0" }, "Terminal"],
  [{ TERM_PROGRAM: "iTerm.app", XPC_SERVICE_NAME: "application.com.googlecode.iterm2.1.2" }, "iTerm"],
  [{ TERM_PROGRAM: "Hyper" }, "Hyper"],
  [{ SSH_CONNECTION: "10.0.0.2 50000 10.0.0.1 22" }, "sshd"],
  [{ XPC_SERVICE_NAME: "com.rollback.snapshot" }, around.execPath],
  [{}, "the program that started rollback"],
])("with %p the grant is for %s", (env, program) => {
  expect(responsible({ env, execPath: around.execPath }).program).toBe(program);
});

// As on a Mac, from the sources: the platform's name is all that differs until something is written.
const ON_A_MAC = 'Object.defineProperty(process, "platform", { value: "darwin" });';
needing(straceMissing(), "an unreadable config, store or live file carries it, in text and in JSON", () => {
  const w = world({
    home: { "Documents/p/rollback.yaml": "plists: []\n", "Documents/p/.mcp.json": "{}" },
    away: { "mac.ts": ON_A_MAC },
  });
  const project = w.path("home/Documents/p");
  const deny = (path: string, ...words: string[]) => {
    const strace = ["strace", "-f", "-qqq", "-o", "/dev/null", "-P", path, "-e", "inject=openat,open:error=EPERM"];
    const program = [process.execPath, "--preload", w.path("away/mac.ts"), join(import.meta.dir, "../../src/main.ts")];
    const env = w.environment({ ROLLBACK_ROOT: project, TERM_PROGRAM: "Apple_Terminal" });
    const ended = Bun.spawnSync([...strace, ...program, ...words], { env, stdout: "pipe", stderr: "pipe" });
    return { exit: ended.exitCode, stdout: ended.stdout.toString(), stderr: ended.stderr.toString() };
  };
  const config = deny(join(project, "rollback.yaml"), "list");
  expect(config.exit).toBe(2);
  expect(config.stderr).toContain("macOS keeps ~/Documents from Terminal");
  const { error } = JSON.parse(deny(join(project, "rollback.yaml"), "list", "--json").stdout);
  expect(error.hint).toContain("add Terminal, then open it anew");
  const store = join(project, "infrastructure/rollback-snapshots");
  const id = must(w.runWith({ env: { ROLLBACK_ROOT: project } }, "create", "x", "--quiet")).stdout.trim();
  expect(deny(store, "list").stderr).toContain("macOS keeps ~/Documents from Terminal");
  const live = join(project, ".mcp.json");
  expect(deny(live, "restore", id).stderr).toContain("macOS keeps ~/Documents from Terminal");
  expect(JSON.parse(deny(live, "restore", id, "--json").stdout).hint).toContain("add Terminal");
});
