// `rollback` alone: how things are, in less than 15 lines, and the commands that fit.
import type { NextSteps } from "../outcome.ts";
import type { CutOff, ProjectStatus, StatusOutcome } from "../tasks/status.ts";
import { age, printable, quote } from "../text.ts";
import type { Paint, Tone } from "./colour.ts";
import type { Face } from "./face.ts";
import { atHome, utc } from "./words.ts";
import { cut, hang, widthOf, wrap } from "./wrap.ts";

const WIDEST = 80;
const NAMES_SHOWN = 3;
const MOST_LINES = 2;

export const status: Face<StatusOutcome & NextSteps> = {
  quiet: ({ project }) => (project?.snapshot == null ? [] : [project.snapshot.id]),
  text(outcome, paint, view) {
    const width = Math.min(WIDEST, view.columns());
    const { project } = outcome;
    if (project === null) return beginning(outcome, width, paint);
    return [
      ...(project.cutOff === null ? [] : [...cutOffLines(project.cutOff, width, paint), ""]),
      `${paint("bold", printable(nameOf(project.root)))}  ${printable(atHome(project.root, outcome.home))}`,
      ...rows(project, width, paint),
      "",
      ...nextLines(outcome.next, width, paint),
    ];
  },
  json: ({ project, next }) => ({
    project: project === null ? null : projectJson(project),
    next: next.map(({ words }) => words),
  }),
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const commandOf = (words: string[]): string => words.map(quote).join(" ");

function beginning({ cwd, home, next }: StatusOutcome & NextSteps, width: number, paint: Paint): string[] {
  const what =
    "rollback keeps snapshots of a Mac's LaunchAgents, configs and credentials, and puts them back: all of them or none.";
  const none = `No project at or above ${printable(atHome(cwd, home))}. To begin, go to the folder that your agents work in:`;
  const commands = next.map(({ why, words }) => ({ why, command: commandOf(words) }));
  const column = Math.max(...commands.map(({ command }) => widthOf(command))) + 2;
  return [
    ...wrap(what, width),
    "",
    ...wrap(none, width),
    ...commands.flatMap(({ why, command }) => {
      const painted = `  ${paint("command", command)}`;
      if (2 + column + widthOf(why) > width) return [painted, ...hang("      ", why, width)];
      return [`${painted}${" ".repeat(column - widthOf(command))}${why}`];
    }),
    "",
    ...wrap("A project elsewhere: cd there, or add --root DIR. All commands: rollback help", width),
  ];
}

function cutOffLines(cutOff: CutOff, width: number, paint: Paint): string[] {
  const when = cutOff.ageSeconds === null ? "" : ` ${age(cutOff.ageSeconds)}`;
  const bad = (text: string) => hang("❌ ", text, width).map((line) => paint("bad", line));
  if (cutOff.what === "restore") {
    const what = cutOff.snapshot === null ? "A restore" : `A restore of ${printable(cutOff.snapshot)}`;
    return [
      ...bad(`${what} was cut off${when}`),
      ...hang("   ", "Some files may be from that snapshot, some as they were. None is lost.", width),
    ];
  }
  const { program, description, snapshot } = cutOff;
  return [
    ...bad(
      cut(
        `A guard of ${printable(program)} was cut off${when === "" ? "" : `, begun${when}`}: ${printable(description)}`,
        MOST_LINES * (width - 3),
      ),
    ),
    ...hang("   ", `What it left is not a state to keep. The state before it: ${snapshot}`, width),
  ];
}

function rows(project: ProjectStatus, width: number, paint: Paint): string[] {
  const row = (name: string, text: string, tone?: Tone) => {
    // Whatever somebody wrote, the screen stays one.
    const [first = "", ...more] = hang(`  ${name.padEnd(11)}`, cut(text, MOST_LINES * (width - 13)), width);
    const head = first.slice(0, 13);
    const body = [first.slice(13), ...more];
    return body.map((line, index) => (index === 0 ? head : "") + (tone === undefined ? line : paint(tone, line)));
  };
  return [
    ...row("Snapshot", snapshotText(project)),
    ...filesRows(project, row, width),
    ...agentsRow(project, row),
    ...(project.copies.length === 0
      ? []
      : row(
          "Copies",
          project.copies
            .map(({ name, ageSeconds }) => `${name} ${ageSeconds === null ? "never" : age(ageSeconds)}`)
            .join(", "),
        )),
    ...healthRow(project, row),
  ];
}

type Row = (name: string, text: string, tone?: Tone) => string[];

function snapshotText({ snapshot }: ProjectStatus): string {
  if (snapshot === null) return "none yet";
  const { id, status: state, ageSeconds, description } = snapshot;
  if (ageSeconds === null) return `${id}, ${state}`;
  return `${id}, ${age(ageSeconds)}, ${state === "incomplete" ? "[incomplete] " : ""}${printable(description ?? "")}`;
}

const INDENT = " ".repeat(15);

function filesRows({ files, foreign, cutOff }: ProjectStatus, row: Row, width: number): string[] {
  if (foreign) return row("Files", "not compared: the snapshot is from another home", "warn");
  if (files === null) return [];
  const { total, differing, unread } = files;
  const unreadable = unread.length === 0 ? "" : `; ${unread.length} can't be read`;
  if (differing.length === 0)
    return row("Files", `${total} as in that snapshot${unreadable}`, unread.length === 0 ? "good" : "warn");
  const counted = (["modified", "new", "gone"] as const).flatMap((change) => {
    const count = differing.filter((file) => file.change === change).length;
    return count === 0 ? [] : [`${count} ${change}`];
  });
  const text = `${differing.length} of ${total} differ`;
  // Half a restore's work differs: nothing of that is to be counted.
  if (cutOff !== null) return row("Files", text);
  const names = differing.length > NAMES_SHOWN ? differing.slice(0, NAMES_SHOWN - 1) : differing;
  const more = differing.length - names.length;
  return [
    ...row("Files", `${text}: ${counted.join(", ")}${unreadable}`, "warn"),
    ...names.map(({ name }) => INDENT + cut(printable(name), width - INDENT.length)),
    ...(more === 0 ? [] : [`${INDENT}and ${more} more`]),
  ];
}

function agentsRow({ agents, launchdIsSilent }: ProjectStatus, row: Row): string[] {
  if (launchdIsSilent) return row("Agents", "not known: launchd does not answer", "warn");
  if (agents === null) return [];
  const { loaded, failed, notLoaded } = agents;
  if (failed.length + notLoaded.length === 0) return row("Agents", `${loaded} loaded, none failed`, "good");
  const down = [
    ...(failed.length === 0 ? [] : [`${failed.length} failed`]),
    ...(notLoaded.length === 0 ? [] : [`${notLoaded.length} not loaded`]),
  ];
  return row("Agents", `${down.join(", ")}, ${loaded - failed.length} fine`, "bad");
}

const HEALTH_TONES = { ok: "good", warning: "warn", critical: "bad", unknown: "warn" } as const;

function healthRow({ health }: ProjectStatus, row: Row): string[] {
  const { level, findings } = health;
  if (level === "ok") return row("Health", "OK at a glance", "good");
  const [worst] = findings.filter((finding) => finding.level === level);
  const more = findings.filter((finding) => finding.level !== "ok").length - 1;
  const others = more === 0 ? "" : `, and ${more} more`;
  return row("Health", `${level.toUpperCase()}: ${printable(worst?.message ?? "")}${others}`, HEALTH_TONES[level]);
}

/** In a narrow window a command stands below what it is for: it is never broken. */
function nextLines(next: NextSteps["next"], width: number, paint: Paint): string[] {
  const column = Math.max(...next.map(({ why }) => widthOf(why))) + 3;
  const fits = next.every(({ words }) => column + widthOf(commandOf(words)) <= width);
  return next.flatMap(({ why, words }) => {
    const command = paint("command", commandOf(words));
    return fits ? [`${`${why}:`.padEnd(column)}${command}`] : [`${why}:`, `  ${command}`];
  });
}

function projectJson(project: ProjectStatus): Record<string, unknown> {
  const { root, configured, cutOff, snapshot, foreign, files, agents, copies, health } = project;
  return {
    root,
    configured,
    cut_off: cutOff === null ? null : { what: cutOff.what, snapshot: cutOff.snapshot, age_seconds: cutOff.ageSeconds },
    snapshot:
      snapshot === null
        ? null
        : {
            id: snapshot.id,
            description: snapshot.description,
            category: snapshot.category,
            created_at_utc: utc(snapshot.createdAtMs),
            age_seconds: snapshot.ageSeconds,
            status: snapshot.status,
            foreign,
          },
    files: files === null ? null : { total: files.total, changes: files.differing, unread: files.unread },
    agents: agents === null ? null : { loaded: agents.loaded, failed: agents.failed, not_loaded: agents.notLoaded },
    copies: copies.map(({ name, ageSeconds }) => ({ name, age_seconds: ageSeconds })),
    health: { level: health.level, findings: health.findings },
  };
}
