// Every command, by name. Each is loaded when it is called and not before.
import type { Command } from "./command.ts";

export const COMMANDS = new Map<string, { about: string; load: () => Promise<Command> }>([
  ["create", { about: "take a snapshot", load: async () => (await import("./create.ts")).default }],
  ["list", { about: "snapshots, newest first", load: async () => (await import("./list.ts")).default }],
  ["latest", { about: "the newest snapshot", load: async () => (await import("./show.ts")).latest }],
  ["show", { about: "one snapshot: its facts and files", load: async () => (await import("./show.ts")).show }],
  [
    "restore",
    { about: "preview a restore; --force does it", load: async () => (await import("./restore.ts")).default },
  ],
  [
    "diff",
    { about: "what changed between snapshots, or till now", load: async () => (await import("./diff.ts")).default },
  ],
  [
    "history",
    { about: "every snapshot in which a file changed", load: async () => (await import("./history.ts")).default },
  ],
  [
    "verify",
    { about: "re-hash every stored file; --heal mends", load: async () => (await import("./verify.ts")).default },
  ],
  ["leaks", { about: "secrets that git holds or is about to", load: async () => (await import("./leaks.ts")).default }],
  ["pack", { about: "write a snapshot as a zip, or sealed", load: async () => (await import("./pack.ts")).default }],
  [
    "unpack",
    { about: "make the folder again from an archive", load: async () => (await import("./unpack.ts")).default },
  ],
  ["push", { about: "copy sealed snapshots to another place", load: async () => (await import("./push.ts")).default }],
  ["pull", { about: "get a sealed copy back", load: async () => (await import("./pull.ts")).default }],
  [
    "prune",
    { about: "preview what no rule keeps; --force removes it", load: async () => (await import("./prune.ts")).default },
  ],
  ["pin", { about: "a pinned snapshot is never pruned", load: async () => (await import("./pin.ts")).pin }],
  ["unpin", { about: "let the rules decide again", load: async () => (await import("./pin.ts")).unpin }],
  ["report", { about: "one page to look at", load: async () => (await import("./report.ts")).default }],
  ["audit", { about: "who did what, when and why", load: async () => (await import("./audit.ts")).default }],
  ["health", { about: "one look for monitoring", load: async () => (await import("./health.ts")).default }],
  ["agents", { about: "launchd agents and their state", load: async () => (await import("./agents.ts")).default }],
  [
    "reload",
    { about: "make launchd read changed agents anew", load: async () => (await import("./reload.ts")).default },
  ],
  [
    "guard",
    { about: "snapshot, run a command, check, roll back", load: async () => (await import("./guard.ts")).default },
  ],
  ["schedule", { about: "the daily launchd job", load: async () => (await import("./schedule.ts")).default }],
  [
    "init",
    { about: "a rollback.yaml from what is on this machine", load: async () => (await import("./init.ts")).default },
  ],
  [
    "venv",
    { about: "check Python venvs, and make broken ones anew", load: async () => (await import("./venv.ts")).default },
  ],
  [
    "key",
    { about: "the age identity that opens sealed archives", load: async () => (await import("./key.ts")).default },
  ],
  [
    "recover",
    { about: "finish or undo a restore that was cut off", load: async () => (await import("./recover.ts")).default },
  ],
  [
    "completions",
    { about: "a shell's completion script", load: async () => (await import("./completions.ts")).default },
  ],
]);
