// Records one run, and puts onto the disk every state in which a crash of the machine may have left its folder.
import { diskCalls, type Scene } from "./disk-calls.ts";
import { type CrashState, FileSystemModel, type Flushing, fingerprint } from "./file-system-model.ts";
import { type Command, record, type Traced } from "./strace.ts";
import { evenly, everyPoint } from "./sweep.ts";
import { differences, part, readTree, type Tree, writeTree } from "./tree.ts";

export interface PowerLoss {
  readonly command: Command;
  readonly scene: Scene;
  /** What the folder holds, safe on the medium, before the run. */
  readonly before: Tree;
  /** How many states to try, spread evenly; ignored when every one is. */
  readonly spread: number;
  /** Paths that make no difference to what is checked: a spread takes but one of the states that differ only there. */
  dull(path: string): boolean;
  /** Throws where a promise is broken. The folder holds the state. */
  check(state: CrashState, run: Traced): void;
}

export interface PowerLost {
  /** Distinct states found, over all recordings and ways of flushing. */
  readonly states: number;
  readonly tried: number;
  readonly failures: readonly string[];
}

interface Recording {
  readonly run: Traced;
  readonly name: string;
  readonly states: readonly CrashState[];
}

export function losePower(what: PowerLoss): PowerLost {
  const failures: string[] = [];
  let states = 0;
  let tried = 0;
  // The second is what a system without syncfs sees, macOS among them: each file flushed on its own.
  for (const refused of [[], ["syncfs"]]) {
    for (const { run, name, states: found } of recordings(what, refused)) {
      states += found.length;
      for (const state of everyPoint ? found : evenly(distinct(found, what.dull), Math.ceil(what.spread / 4))) {
        writeTree(what.scene.folder, state.tree);
        tried++;
        try {
          what.check(state, run);
        } catch (cause) {
          const message = cause instanceof Error ? cause.message : String(cause);
          failures.push(`power lost after call ${state.step} (${name}; ${state.why}): ${message}`);
        }
      }
    }
  }
  return { states, tried, failures };
}

function distinct(states: readonly CrashState[], dull: (path: string) => boolean): CrashState[] {
  const kinds = new Map<string, CrashState>();
  for (const state of states) {
    const kind = `${state.reported} ${fingerprint(part(state.tree, (path) => !dull(path)))}`;
    if (!kinds.has(kind)) kinds.set(kind, state);
  }
  return [...kinds.values()];
}

function recordings({ command, scene, before }: PowerLoss, refused: readonly string[]): Recording[] {
  writeTree(scene.folder, before);
  const run = record(command, refused);
  const calls = diskCalls(run.calls, scene);
  const real = readTree(scene.folder);
  return (["posix", "mac"] satisfies Flushing[]).map((flushing) => {
    const model = new FileSystemModel(scene.folder, before, flushing, process.umask());
    for (const { operation } of calls) model.apply(operation);
    const wrong = differences(model.live(), real);
    if (wrong.length > 0) throw new Error(`the model and the disk differ after the run: ${wrong.join(", ")}`);
    const name = refused.length > 0 ? `${flushing}, no ${refused.join()}` : flushing;
    return { run, name, states: [...model.crashStates()] };
  });
}
