// docs/schema: what each command's --json may print, as JSON Schema, made from the shapes that the tests hold every answer to.
// `bun run schemas` writes the files.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import * as shapes from "./contract.ts";

export const folder = join(import.meta.dir, "../docs/schema");

type Shape = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** The results of each command by its name; some have more than one form. */
export const ANSWERS: Record<string, Shape[]> = {
  status: [shapes.statusShown],
  create: [shapes.created],
  list: [shapes.listed, shapes.copiesListed],
  latest: [named(shapes.shown, "latest")],
  show: [named(shapes.shown, "show")],
  restore: [shapes.restored],
  undo: [named(shapes.takenBack, "undo")],
  revert: [named(shapes.takenBack, "revert")],
  bisect: [shapes.bisected],
  recover: [shapes.recovered],
  verify: [shapes.verified, shapes.copiesVerified],
  diff: [shapes.compared],
  history: [shapes.remembered],
  audit: [shapes.audited],
  report: [shapes.reported],
  pack: [shapes.packed],
  unpack: [shapes.unpacked],
  key: [shapes.keyed],
  push: [shapes.pushed],
  pull: [shapes.pulled],
  drill: [shapes.drilled],
  prune: [shapes.pruned],
  pin: [named(shapes.pinned, "pin")],
  unpin: [named(shapes.pinned, "unpin")],
  guard: [shapes.guarded],
  reload: [shapes.reloaded],
  agents: [shapes.agentsListed],
  venv: [shapes.venvChecked, shapes.venvRepaired],
  health: [shapes.health, shapes.copiesHealth],
  leaks: [shapes.leaksFound, shapes.leaksUnchecked, shapes.leakPlaces],
  schedule: [shapes.scheduled, shapes.scheduledRun],
  init: [shapes.initialized],
  coverage: [shapes.coverage],
  doctor: [shapes.doctored],
  completions: [shapes.completion, shapes.completionsInstalled],
  help: [shapes.helpOfAll, shapes.helpOfCommand, shapes.helpOfTopic],
  version: [shapes.versioned],
};

/** A shape that two commands share, of one of them. */
function named({ entries }: Shape, command: string): Shape {
  return v.strictObject({ ...entries, command: v.literal(command) });
}

/** The text of one file of docs/schema: the command's results, and the form of errors. */
export function schemaFile(command: string): string {
  const answers = ANSWERS[command] ?? [];
  const sharing = ["restore", "undo", "revert", "diff", "history"].includes(command);
  const { $schema, ...rest } = toJsonSchema(v.union([...answers, shapes.failed]), {
    target: "draft-2020-12",
    typeMode: "output",
    definitions: { error: shapes.failed, ...(sharing ? { file_diff: shapes.fileDiff } : {}) },
  });
  const title = `What ${["rollback", ...(command === "status" ? [] : [command])].join(" ")} --json prints`;
  return `${JSON.stringify({ $schema, title, ...rest }, simpler, 2)}\n`;
}

/** Later versions may add keys: whoever follows a file passes over those that it does not know. Null is one type more. */
function simpler(key: string, value: unknown): unknown {
  if (key === "additionalProperties" && value === false) return undefined;
  const parsed = v.safeParse(Nullable, value);
  if (!parsed.success) return value;
  const [{ type, ...rest }] = parsed.output.anyOf;
  return { type: [type, "null"], ...rest };
}
const Nullable = v.strictObject({
  anyOf: v.strictTuple([
    v.looseObject({ type: v.string(), enum: v.optional(v.never()) }),
    v.strictObject({ type: v.literal("null") }),
  ]),
});

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  for (const command of Object.keys(ANSWERS)) writeFileSync(join(folder, `${command}.json`), schemaFile(command));
}
