// Strikes a command at one disk call after another, each time in a world set back to its start.
import { diskCalls, pathInside, type Scene } from "./disk-calls.ts";
import { type Blow, type Command, record, type SystemCall, strike, type Traced } from "./strace.ts";

/** With ROLLBACK_SWEEP set every point is tried, else a spread of them. */
export const everyPoint = (process.env.ROLLBACK_SWEEP ?? "") !== "";

export interface Sweep {
  readonly command: Command;
  readonly scene: Scene;
  readonly blows: readonly Blow[];
  /** Strike only calls of these names; all that change the disk when left out. */
  readonly names?: readonly string[];
  /** Calls that fail with ENOSYS throughout, as on a system without them. */
  readonly refused?: readonly string[];
  /** How many points to try, spread evenly; ignored when every point is. */
  readonly spread: number;
  /** Sets the world back to its start. */
  reset(): void;
  /** Throws where a promise is broken. The program has just been struck, and has ended. */
  check(struck: Struck): void;
}

export interface Struck {
  readonly blow: Blow;
  /** The call that was struck and the file it was about, for messages. */
  readonly at: string;
  readonly path: string;
  readonly run: Traced;
}

export interface Swept {
  /** Distinct (call, blow) pairs at which the program was struck and then checked. */
  readonly tried: number;
  /** Pairs at which no strike landed on the disk call meant, though tried again. */
  readonly missed: number;
  readonly failures: readonly string[];
}

/** A call to strike: the main thread's `rank`-th of this name that is about the folder. */
interface Point {
  readonly name: string;
  readonly rank: number;
  /** Which of all its calls of this name that was in one run; in others, calls about something else may shift it. */
  readonly ordinal: number;
}

const ATTEMPTS = 10;

export function sweep(what: Sweep): Swept {
  const failures: string[] = [];
  let tried = 0;
  let missed = 0;
  const check = (struck: Struck) => {
    tried++;
    try {
      what.check(struck);
    } catch (cause) {
      failures.push(describe(struck, cause));
    }
  };
  const points = pointsOf(what);
  for (const [index, point] of (everyPoint ? points : evenly(points, what.spread)).entries()) {
    // A spread takes one blow a point, in turn.
    const blows = everyPoint ? what.blows : what.blows.slice(index % what.blows.length).slice(0, 1);
    for (const blow of blows) {
      const struck = hit(what, point, blow);
      if (struck === undefined) missed++;
      else check(struck);
    }
  }
  if (everyPoint) for (const struck of beyond(what, points)) check(struck);
  return { tried, missed, failures };
}

/** The calls of one undisturbed run that change the folder or flush it. */
function pointsOf({ command, scene, reset, names, refused }: Sweep): Point[] {
  reset();
  const { calls } = record(command, refused);
  const main = calls[0]?.thread;
  const changing = new Set(diskCalls(calls, scene).flatMap(({ call, changes }) => (changes ? [call] : [])));
  const ranks = new Map<string, number>();
  const points: Point[] = [];
  for (const call of calls) {
    if (pathInside(call, scene) === undefined) continue;
    if (call.thread !== main) {
      if (changing.has(call)) throw new Error(`a disk call of another thread: ${call.name}(${call.args.join(", ")})`);
      continue;
    }
    const rank = (ranks.get(call.name) ?? 0) + 1;
    ranks.set(call.name, rank);
    if (changing.has(call) && (names?.includes(call.name) ?? true))
      points.push({ name: call.name, rank, ordinal: call.ordinal });
  }
  return points;
}

/** Strikes at a point; where something shifted the count, again with the count set right. */
function hit(what: Sweep, { name, rank, ordinal }: Point, blow: Blow): Struck | undefined {
  let next = ordinal;
  for (let attempts = 0; attempts < ATTEMPTS && next > 0; attempts++) {
    what.reset();
    const run = strike(what.command, { name, ordinal: next }, blow, what.refused);
    const call = struckCall(run, blow);
    const before = run.calls.slice(0, call === undefined ? undefined : run.calls.indexOf(call));
    const seen = before.filter((other) => pathInside(other, what.scene) !== undefined).length;
    const path = call === undefined ? undefined : pathInside(call, what.scene);
    if (path !== undefined && seen + 1 === rank) return { blow, at: `${name} #${rank}`, path, run };
    const ahead = rank - seen;
    if (call === undefined) next--;
    else if (path !== undefined) next += ahead - 1;
    else next += ahead > 0 ? ahead : ahead - 1;
  }
  return undefined;
}

/** Goes on after the last known call of each name until a run is no longer struck: so none was overlooked. */
function* beyond(what: Sweep, points: readonly Point[]): Generator<Struck> {
  for (const name of new Set(points.map((point) => point.name))) {
    const last = Math.max(...points.filter((point) => point.name === name).map(({ ordinal }) => ordinal));
    for (const blow of what.blows) {
      for (let ordinal = last + 1; ; ordinal++) {
        what.reset();
        const run = strike(what.command, { name, ordinal }, blow, what.refused);
        const call = struckCall(run, blow);
        if (call === undefined) break;
        const path = pathInside(call, what.scene);
        if (path !== undefined) yield { blow, at: `${name}, call ${ordinal} of all`, path, run };
      }
    }
  }
}

function struckCall(run: Traced, blow: Blow): SystemCall | undefined {
  if ("error" in blow) return run.calls.find(({ result }) => result.endsWith("(INJECTED)"));
  return run.exitCode === 137 ? run.calls.find(({ result }) => result === "?") : undefined;
}

function describe({ blow, at, path, run }: Struck, cause: unknown): string {
  const what = "signal" in blow ? `killed at ${at}` : `${blow.error} from ${at}`;
  const message = cause instanceof Error ? cause.message : String(cause);
  return `${what} (${path}), exit ${run.exitCode}: ${message}${run.stderr === "" ? "" : `\n  stderr: ${run.stderr.trim()}`}`;
}

/** `count` of the items, evenly spread, the first and the last among them. */
export function evenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  if (count < 2) return items.slice(0, count);
  const step = (items.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => Math.round(index * step)).flatMap((at) => items.slice(at, at + 1));
}

/** One message for a test to fail with: how many, and the first few. */
export function summary(failures: readonly string[]): string {
  const more = failures.length > 8 ? [`… and ${failures.length - 8} more`] : [];
  return [...failures.slice(0, 8), ...more].join("\n\n");
}
