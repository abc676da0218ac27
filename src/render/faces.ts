// Outcomes and errors → what is printed.
import type { Outcome } from "../outcome.ts";
import type { RollbackError } from "../rollback-error.ts";
import type { Paint } from "./colour.ts";
import { asJson, type Face, PIPE, type View } from "./face.ts";

type Of<C extends Outcome["command"]> = Outcome extends infer O
  ? O extends { command: infer D }
    ? C extends D
      ? O
      : never
    : never
  : never;

/** Each is loaded when its command was called and not before. */
const FACES: { [C in Outcome["command"]]: () => Promise<Face<Of<C>>> } = {
  create: async () => (await import("./create.ts")).create,
  list: async () => (await import("./list.ts")).list,
  copies: async () => (await import("./list-copies.ts")).copies,
  latest: async () => (await import("./show.ts")).show,
  show: async () => (await import("./show.ts")).show,
  restore: async () => (await import("./restore.ts")).restore,
  undo: async () => (await import("./take-back.ts")).takeBack,
  revert: async () => (await import("./take-back.ts")).takeBack,
  recover: async () => (await import("./recover.ts")).recover,
  verify: async () => (await import("./verify.ts")).verify,
  "verify-copies": async () => (await import("./verify-copies.ts")).verifyCopies,
  drill: async () => (await import("./drill.ts")).drill,
  diff: async () => (await import("./diff.ts")).diff,
  history: async () => (await import("./history.ts")).history,
  pack: async () => (await import("./pack.ts")).pack,
  unpack: async () => (await import("./unpack.ts")).unpack,
  push: async () => (await import("./push.ts")).push,
  pull: async () => (await import("./pull.ts")).pull,
  prune: async () => (await import("./prune.ts")).prune,
  pin: async () => (await import("./pin.ts")).pin,
  unpin: async () => (await import("./pin.ts")).pin,
  report: async () => (await import("./report.ts")).report,
  audit: async () => (await import("./audit.ts")).audit,
  doctor: async () => (await import("./doctor.ts")).doctor,
  health: async () => (await import("./health.ts")).health,
  "health-copies": async () => (await import("./health-copies.ts")).healthOfCopies,
  leaks: async () => (await import("./leaks.ts")).leaks,
  where: async () => (await import("./leak-where.ts")).where,
  bisect: async () => (await import("./bisect.ts")).bisect,
  agents: async () => (await import("./agents.ts")).agents,
  reload: async () => (await import("./reload.ts")).reload,
  guard: async () => (await import("./guard.ts")).guard,
  schedule: async () => (await import("./schedule.ts")).schedule,
  "scheduled-run": async () => (await import("./schedule.ts")).scheduledRun,
  venv: async () => (await import("./venv.ts")).venv,
  coverage: async () => (await import("./coverage.ts")).coverage,
  init: async () => (await import("./init.ts")).init,
  key: async () => (await import("./key.ts")).key,
  completions: async () => (await import("./plain.ts")).completions,
  status: async () => (await import("./status.ts")).status,
  help: async () => (await import("./help.ts")).help,
  version: async () => (await import("./plain.ts")).version,
};

/** The table's type pairs each command with its own face. */
const faceOf = async (outcome: Outcome): Promise<Face<Outcome>> => (await FACES[outcome.command]()) as Face<Outcome>;

/** All of stdout; ends in a newline unless it is empty. `quiet` gives the essential datum alone. */
export async function toText(outcome: Outcome, quiet: boolean, paint: Paint, view: View = PIPE): Promise<string> {
  const face = await faceOf(outcome);
  const lines = quiet ? face.quiet(outcome) : face.text(outcome, paint, view);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** Which edition of docs/schema an answer follows: another number means that a key went or changed its meaning. */
const SCHEMA = 1;

/** The one JSON value of a command's result. */
export const toJson = async (outcome: Outcome): Promise<Record<string, unknown>> => ({
  schema: SCHEMA,
  ...asJson(await faceOf(outcome), outcome),
});

/** The JSON of an error; `command` is the word that was tried, if there was one. */
export function errorJson(error: RollbackError, command: string | null): Record<string, unknown> {
  return { schema: SCHEMA, ok: false, command, error: { code: error.code, message: error.message, hint: error.hint } };
}
