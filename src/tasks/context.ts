// What every task gets beside its request: the process's surroundings, the places that were named, a voice; and how it ends.
import type { Config } from "../config.ts";
import type { AbsPath, Env, Notify } from "../model.ts";

/** The surroundings as `main` found them. Nothing else reads the environment or the working folder. */
export interface World {
  env: Env;
  cwd: AbsPath;
  /** The caller's file mode creation mask, for the programs that are run for the user. */
  umask: number;
  /** The binary's own path. */
  execPath: AbsPath;
  /** Whether a person reads stdout. */
  isTerminal(): boolean;
}

/** Where a project's things are. */
export interface Site {
  home: AbsPath;
  root: AbsPath;
  store: AbsPath;
  config: Config;
  /** The file that `config` was read from; null where there is none and the defaults hold. */
  configFile: AbsPath | null;
}

/** The places that the caller named, as they were written; undefined is "find it". */
export interface NamedPlaces {
  root: string | undefined;
  config: string | undefined;
  snapshots: string | undefined;
  /** Places that were found before: nothing is looked up anew, whatever has become of what led there. */
  fixed?: Site | undefined;
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
