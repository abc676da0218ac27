// Every error that a user can meet: what happened to which file, and the next step. The entries stand in `errors/`, by what they are about.
import { agentErrors } from "./errors/agents.ts";
import { copyErrors } from "./errors/copies.ts";
import { restoreErrors } from "./errors/restore.ts";
import { snapshotErrors } from "./errors/snapshots.ts";
import { wordErrors } from "./errors/words.ts";

/** The catalogue. Each entry makes one error; a test renders them all. */
export const fail = { ...wordErrors, ...snapshotErrors, ...copyErrors, ...restoreErrors, ...agentErrors } as const;
