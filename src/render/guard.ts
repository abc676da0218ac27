import type { GuardOutcome } from "../tasks/guard.ts";
import { printable, quote } from "../text.ts";
import { asJson, type Face } from "./face.ts";
import { restore } from "./restore.ts";

export const guard: Face<GuardOutcome> = {
  quiet: ({ id }) => [id],
  text({ id, after, failures, changes, recovered, next }) {
    if (failures.length === 0)
      return [
        `✅ Done, and every check passed. The state before: ${id}`,
        ...(after === null ? [] : ["   To take it back, and keep what comes later: rollback undo"]),
      ];
    const { modify = 0, create = 0, extra = 0 } = changes ?? {};
    return [
      ...failures.map((failure) => `❌ ${printable(failure)}`),
      `   Since ${id}: ${modify} changed, ${create} gone, ${extra} new`,
      ...(recovered === null
        ? []
        : ["🔄 Rolled back:", ...restore.text(recovered, (_, text) => text).map((line) => `   ${line}`)]),
      ...(next.length === 0
        ? []
        : ["   To look at it, and to roll back:", ...next.map((words) => `   ${words.map(quote).join(" ")}`)]),
    ];
  },
  json: ({ id, after, code, failures, changes, recovered, next }) => ({
    id,
    after,
    code,
    failures,
    changes,
    recovered: recovered === null ? null : asJson(restore, recovered),
    next,
  }),
};
