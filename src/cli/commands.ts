// Every command, by name. Each is loaded when it is called and not before.
import type { Command } from "./command.ts";

export const COMMANDS = new Map<string, { about: string; load: () => Promise<Command> }>([
  ["create", { about: "take a snapshot", load: async () => (await import("./commands/create.ts")).default }],
  ["list", { about: "snapshots, newest first", load: async () => (await import("./commands/list.ts")).default }],
  ["latest", { about: "the newest snapshot", load: async () => (await import("./commands/show.ts")).latest }],
  ["show", { about: "one snapshot: its facts and files", load: async () => (await import("./commands/show.ts")).show }],
  [
    "restore",
    { about: "preview a restore; --force does it", load: async () => (await import("./commands/restore.ts")).default },
  ],
  [
    "undo",
    {
      about: "take back the last restore; --force does it",
      load: async () => (await import("./commands/undo.ts")).default,
    },
  ],
  [
    "revert",
    {
      about: "take back what changed from A to B",
      load: async () => (await import("./commands/revert.ts")).default,
    },
  ],
  [
    "diff",
    {
      about: "what changed between snapshots, or till now",
      load: async () => (await import("./commands/diff.ts")).default,
    },
  ],
  [
    "history",
    {
      about: "every snapshot in which a file changed",
      load: async () => (await import("./commands/history.ts")).default,
    },
  ],
  [
    "verify",
    {
      about: "re-hash every stored file; --heal mends",
      load: async () => (await import("./commands/verify.ts")).default,
    },
  ],
  [
    "leaks",
    { about: "secrets that git holds or is about to", load: async () => (await import("./commands/leaks.ts")).default },
  ],
  [
    "pack",
    { about: "write a snapshot as a zip, or sealed", load: async () => (await import("./commands/pack.ts")).default },
  ],
  [
    "unpack",
    {
      about: "make the folder again from an archive",
      load: async () => (await import("./commands/unpack.ts")).default,
    },
  ],
  [
    "push",
    { about: "copy sealed snapshots to another place", load: async () => (await import("./commands/push.ts")).default },
  ],
  ["pull", { about: "get a sealed copy back", load: async () => (await import("./commands/pull.ts")).default }],
  [
    "prune",
    {
      about: "preview what no rule keeps; --force removes it",
      load: async () => (await import("./commands/prune.ts")).default,
    },
  ],
  ["pin", { about: "a pinned snapshot is never pruned", load: async () => (await import("./commands/pin.ts")).pin }],
  ["unpin", { about: "let the rules decide again", load: async () => (await import("./commands/pin.ts")).unpin }],
  ["report", { about: "one page to look at", load: async () => (await import("./commands/report.ts")).default }],
  ["audit", { about: "who did what, when and why", load: async () => (await import("./commands/audit.ts")).default }],
  ["doctor", { about: "will it work here?", load: async () => (await import("./commands/doctor.ts")).default }],
  ["health", { about: "one look for monitoring", load: async () => (await import("./commands/health.ts")).default }],
  [
    "agents",
    { about: "launchd agents and their state", load: async () => (await import("./commands/agents.ts")).default },
  ],
  [
    "reload",
    {
      about: "make launchd read changed agents anew",
      load: async () => (await import("./commands/reload.ts")).default,
    },
  ],
  [
    "guard",
    {
      about: "snapshot, run a command, check, roll back",
      load: async () => (await import("./commands/guard.ts")).default,
    },
  ],
  ["schedule", { about: "the daily launchd job", load: async () => (await import("./commands/schedule.ts")).default }],
  [
    "init",
    {
      about: "a rollback.yaml from what is on this machine",
      load: async () => (await import("./commands/init.ts")).default,
    },
  ],
  [
    "venv",
    {
      about: "check Python venvs, and make broken ones anew",
      load: async () => (await import("./commands/venv.ts")).default,
    },
  ],
  [
    "key",
    {
      about: "the age identity that opens sealed archives",
      load: async () => (await import("./commands/key.ts")).default,
    },
  ],
  [
    "recover",
    {
      about: "finish or undo a restore that was cut off",
      load: async () => (await import("./commands/recover.ts")).default,
    },
  ],
  [
    "completions",
    { about: "a shell's completion script", load: async () => (await import("./commands/completions.ts")).default },
  ],
]);
