import type { AuditOutcome } from "../tasks/audit.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";
import { files as counted } from "./words.ts";

export const audit: Face<AuditOutcome> = {
  quiet: ({ events }) => events.flatMap(({ id }) => (id === null ? [] : [printable(id)])),
  /** One line an event, in UTC as it was noted; a reason in quotes. */
  text({ events, total, chain }) {
    const rows = events.map(({ time, user, host, command, id, description, files, result, cutOffBytes, undo }) => {
      const who = `${printable(user ?? "?")}@${printable(host ?? "?")}`;
      const what = [command ?? "?", id, description === null ? null : `“${description}”`].filter(
        (word) => word !== null,
      );
      const outcome = [files === null ? null : counted(files), result].filter((word) => word !== null).join(", ");
      const lost = cutOffBytes === null ? "" : ` (${cutOffBytes} bytes in front of it were cut off by a crash)`;
      const back = undo === null ? "" : `  (rollback undo ${undo})`;
      return `${(time ?? "?").slice(0, 19)}Z  ${who}  ${what.map(printable).join(" ")}: ${printable(outcome)}${lost}${back}`;
    });
    return [
      ...(total === 0 ? ["📜 Nothing was done yet"] : rows),
      ...(total > events.length ? [`${total - events.length} more: rollback audit --all`] : []),
      ...(chain.ok
        ? []
        : [
            `❌ audit.jsonl: line ${chain.firstBadLine} does not follow from the one before: it was edited, or lines are lost`,
          ]),
    ];
  },
  json: ({ total, events, chain }) => ({
    total,
    events: events.map(({ cutOffBytes, ...event }) => ({ ...event, cut_off_bytes: cutOffBytes })),
    chain: chainJson(chain),
  }),
};

/** Whether each line of the trail follows from the one before. */
export const chainJson = ({ ok, firstBadLine }: AuditOutcome["chain"]): Record<string, unknown> => ({
  ok,
  ...(firstBadLine === undefined ? {} : { first_bad_line: firstBadLine }),
});
