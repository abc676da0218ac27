// What every task gets beside its request: the process's surroundings, the places that were named, a voice; and how it ends.
import type { AbsPath, Env, Notify } from "../model.ts";

/** The surroundings as `main` found them. Nothing else reads the environment or the working folder. */
export interface World {
  env: Env;
  cwd: AbsPath;
  /** The caller's file mode creation mask, for the programs that are run for the user. */
  umask: number;
  /** The binary's own path. */
  execPath: AbsPath;
}

/** The places that the caller named, as they were written; undefined is "find it". */
export interface NamedPlaces {
  root: string | undefined;
  config: string | undefined;
  snapshots: string | undefined;
}

export interface Context {
  world: World;
  named: NamedPlaces;
  /** Who holds the lock, in words that a person knows: the command line. */
  holder: string;
  notify: Notify;
}

/** What every outcome has. `ok` in JSON is "exit 0". */
export interface Ending {
  /** The program's exit code. */
  exit: number;
}
