// Every command, by name, and where it stands in the main help. Each is loaded when it is called and not before.
import type { Command } from "./command.ts";

/** The main help's groups, in its order. */
export const GROUPS = ["save", "look", "restore", "keep", "agents", "machine"] as const;
export type Group = (typeof GROUPS)[number];

export interface Entry {
  group: Group;
  /** What it does, in some 20 characters. */
  about: string;
  /** The words that the main help shows after its name. */
  words?: string;
  /** The command that shares its cell of the main help, and what the two do. */
  pair?: { name: string; about: string };
  load: () => Promise<Command>;
}

export const COMMANDS = new Map<string, Entry>([
  [
    "create",
    {
      group: "save",
      words: "TEXT",
      about: "take a snapshot",
      load: async () => (await import("./commands/create.ts")).default,
    },
  ],
  [
    "guard",
    {
      group: "save",
      words: "TEXT -- …",
      about: "run, then check",
      load: async () => (await import("./commands/guard.ts")).default,
    },
  ],
  [
    "init",
    { group: "save", about: "write rollback.yaml", load: async () => (await import("./commands/init.ts")).default },
  ],
  [
    "coverage",
    { group: "save", about: "what is missed", load: async () => (await import("./commands/coverage.ts")).default },
  ],
  ["list", { group: "look", about: "all snapshots", load: async () => (await import("./commands/list.ts")).default }],
  [
    "show",
    {
      group: "look",
      about: "one snapshot",
      pair: { name: "latest", about: "one of them" },
      load: async () => (await import("./commands/show.ts")).show,
    },
  ],
  [
    "latest",
    { group: "look", about: "the newest snapshot", load: async () => (await import("./commands/show.ts")).latest },
  ],
  [
    "diff",
    {
      group: "look",
      words: "REF",
      about: "what differs",
      load: async () => (await import("./commands/diff.ts")).default,
    },
  ],
  [
    "history",
    {
      group: "look",
      words: "FILE",
      about: "since when",
      load: async () => (await import("./commands/history.ts")).default,
    },
  ],
  [
    "report",
    { group: "look", about: "one page to look at", load: async () => (await import("./commands/report.ts")).default },
  ],
  ["audit", { group: "look", about: "who did what", load: async () => (await import("./commands/audit.ts")).default }],
  [
    "restore",
    {
      group: "restore",
      words: "REF",
      about: "preview, or --force",
      load: async () => (await import("./commands/restore.ts")).default,
    },
  ],
  [
    "undo",
    { group: "restore", about: "the last one back", load: async () => (await import("./commands/undo.ts")).default },
  ],
  [
    "revert",
    {
      group: "restore",
      words: "A B",
      about: "A to B, taken back",
      load: async () => (await import("./commands/revert.ts")).default,
    },
  ],
  [
    "bisect",
    {
      group: "restore",
      words: "REF",
      about: "what broke it",
      load: async () => (await import("./commands/bisect.ts")).default,
    },
  ],
  [
    "recover",
    { group: "restore", about: "end a cut-off one", load: async () => (await import("./commands/recover.ts")).default },
  ],
  [
    "push",
    {
      group: "keep",
      about: "send copies elsewhere",
      pair: { name: "pull", about: "copies elsewhere" },
      load: async () => (await import("./commands/push.ts")).default,
    },
  ],
  ["pull", { group: "keep", about: "get copies back", load: async () => (await import("./commands/pull.ts")).default }],
  [
    "drill",
    { group: "keep", about: "try a copy out", load: async () => (await import("./commands/drill.ts")).default },
  ],
  [
    "pack",
    {
      group: "keep",
      about: "make an archive",
      pair: { name: "unpack", about: "archives" },
      load: async () => (await import("./commands/pack.ts")).default,
    },
  ],
  [
    "unpack",
    {
      group: "keep",
      about: "a folder from an archive",
      load: async () => (await import("./commands/unpack.ts")).default,
    },
  ],
  ["key", { group: "keep", about: "opens sealed ones", load: async () => (await import("./commands/key.ts")).default }],
  ["prune", { group: "keep", about: "keep fewer", load: async () => (await import("./commands/prune.ts")).default }],
  [
    "pin",
    {
      group: "keep",
      about: "never prune it",
      pair: { name: "unpin", about: "never prune it" },
      load: async () => (await import("./commands/pin.ts")).pin,
    },
  ],
  ["unpin", { group: "keep", about: "let rules decide", load: async () => (await import("./commands/pin.ts")).unpin }],
  [
    "verify",
    { group: "keep", about: "re-hash every file", load: async () => (await import("./commands/verify.ts")).default },
  ],
  [
    "agents",
    { group: "agents", about: "how they are", load: async () => (await import("./commands/agents.ts")).default },
  ],
  [
    "reload",
    { group: "agents", about: "read plists anew", load: async () => (await import("./commands/reload.ts")).default },
  ],
  [
    "schedule",
    {
      group: "agents",
      about: "the daily snapshot",
      load: async () => (await import("./commands/schedule.ts")).default,
    },
  ],
  [
    "health",
    { group: "agents", about: "for monitoring", load: async () => (await import("./commands/health.ts")).default },
  ],
  [
    "doctor",
    { group: "machine", about: "will it work here?", load: async () => (await import("./commands/doctor.ts")).default },
  ],
  [
    "venv",
    { group: "machine", about: "check, repair", load: async () => (await import("./commands/venv.ts")).default },
  ],
  [
    "leaks",
    { group: "machine", about: "secrets in git", load: async () => (await import("./commands/leaks.ts")).default },
  ],
  [
    "completions",
    {
      group: "machine",
      about: "for your shell",
      load: async () => (await import("./commands/completions.ts")).default,
    },
  ],
]);

/** The two words that are no commands of their own: run.ts answers them. */
export const OWN_WORDS = new Map([
  ["help", "this, or one command"],
  ["version", "which rollback this is"],
]);

/** What other tools call our commands, or people in a hurry; null is `rollback` alone. */
export const SYNONYMS = new Map<string, string | null>([
  ["backup", "create"],
  ["save", "create"],
  ["snapshot", "create"],
  ["add", "create"],
  ["commit", "create"],
  ["apply", "restore"],
  ["preview", "restore"],
  ["rollback", "restore"],
  ["drift", "diff"],
  ["snapshots", "list"],
  ["ls", "list"],
  ["log", "audit"],
  ["check", "verify"],
  ["forget", "prune"],
  ["rm", "prune"],
  ["remove", "prune"],
  ["delete", "prune"],
  ["upload", "push"],
  ["download", "pull"],
  ["encrypt", "pack"],
  ["zip", "pack"],
  ["unzip", "unpack"],
  ["setup", "init"],
  ["install", "schedule"],
  ["load", "reload"],
  ["restart", "reload"],
  ["man", "help"],
  ["status", null],
]);
