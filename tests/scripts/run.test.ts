// Runs every transcript beside this file and compares each command's output and exit code with what stands there.
// A new one: write its commands, run `ROLLBACK_UPDATE_SCRIPTS=1 bun test tests/scripts`, and read what came out.
import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { binary, binFolder } from "../binary.ts";
import { lacks, legacyIds, placeLegacySnapshots, type World } from "../harness.ts";
import { programInTerminal } from "../pty.ts";
import { formatTranscript, outputLines, parseTranscript } from "./transcript.ts";
import { WORLDS } from "./worlds.ts";

const update = process.env.ROLLBACK_UPDATE_SCRIPTS !== undefined;

for (const name of readdirSync(import.meta.dir).filter((file) => file.endsWith(".txt")))
  test.skipIf(lacks("git"))(`${name} (needs git)`, async () => {
    const path = join(import.meta.dir, name);
    const text = readFileSync(path, "utf8");
    const transcript = parseTranscript(text);
    const make = WORLDS[transcript.world];
    if (make === undefined) throw new Error(`${name}: no world is called ${transcript.world}`);
    const w = await make();
    const names = placeholders(w);
    if (text.includes("$LEGACY")) placeLegacySnapshots(join(w.base, "legacy"));
    for (const step of transcript.steps) step.output = await play(w, names, step.command, transcript.columns);
    const happened = formatTranscript(transcript);
    if (update) writeFileSync(path, happened);
    else expect(happened).toBe(text);
  });

/** A zone in which it is noon, give or take an hour: so no agent is due by chance, and no day ends between two commands. */
function zoneOfNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  // POSIX counts the other way round.
  return `Etc/GMT${ahead < 0 ? "+" : "-"}${Math.abs(ahead)}`;
}

async function play(w: World, names: Placeholders, command: string, columns: number | null): Promise<string[]> {
  const argv = ["/bin/sh", "-c", names.fill(command)];
  const env = {
    PATH: `${join(w.base, "bin")}:${binFolder}:${dirname(Bun.which("git") ?? "/usr/bin/git")}:/usr/bin:/bin`,
    ROLLBACK_ROOT: undefined,
    ROOT: w.root,
    STORE: w.store,
    AWAY: w.away,
    LEGACY: join(w.base, "legacy"),
    TZ: zoneOfNoon(),
  };
  if (columns !== null) {
    const { exit, lines } = await programInTerminal(w, { columns, env }, argv);
    return outputLines({ exit, stdout: names.hide(lines.join("\n")), stderr: "" });
  }
  const child = w.start(argv, { env });
  const [stdout, stderr, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return outputLines({ exit, stdout: names.hide(stdout), stderr: names.hide(stderr) });
}

interface Placeholders {
  /** `[ID1]` → the id that this run gave. */
  fill(command: string): string;
  /** What differs from run to run → its placeholder. Ids are numbered in the order of creation. */
  hide(output: string): string;
}

function placeholders(w: World): Placeholders {
  const ids: string[] = [];
  const places: [string, string][] = [
    [w.home, "[HOME]"],
    [w.root, "[ROOT]"],
    [w.away, "[AWAY]"],
    [w.base, "[BASE]"],
    [binary, "[BINARY]"],
    [binFolder, "[BIN]"],
  ];
  const learn = () => {
    const present = existsSync(w.store) ? readdirSync(w.store).sort() : [];
    for (const name of present)
      if (/^\d{8}_\d{6}$/.test(name) && !ids.includes(name) && !legacyIds.some((id) => id === name)) ids.push(name);
  };
  return {
    fill: (command) =>
      command.replace(/\[ID(\d+)\]/g, (placeholder, number: string) => {
        const id = ids[Number(number) - 1];
        if (id === undefined) throw new Error(`${placeholder} is not made yet`);
        return id;
      }),
    hide: (output) => {
      learn();
      let text = output;
      for (const [place, placeholder] of places) text = text.replaceAll(place, placeholder);
      for (const [index, id] of ids.entries()) text = text.replaceAll(id, `[ID${index + 1}]`);
      return text
        .replaceAll(`Host: ${hostname()}`, "Host: [HOST]")
        .replaceAll(`From: ${hostname()} (`, "From: [HOST] (")
        .replaceAll(`"host": "${hostname()}"`, '"host": "[HOST]"')
        .replace(/\b\d+[smhd] ago/g, "[AGE] ago")
        .replace(/\b\d\d [A-Z][a-z][a-z] \d\d:\d\d\b/g, "[LOCAL TIME]")
        .replace(/ trials, \d+s\)/g, " trials, [N]s)")
        .replace(/"age_seconds": \d+/g, '"age_seconds": [N]')
        .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z?/g, "[TIME]")
        .replace(/\b[0-9a-f]{64}\b/g, "[HASH]")
        .replace(/\brollback \d+\.\d+\.\d+/g, "rollback [VERSION]")
        .replace(/\bgui\/\d+/g, "gui/[UID]");
    },
  };
}
