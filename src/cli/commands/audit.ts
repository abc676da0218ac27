import { fail } from "../../errors.ts";
import type { AuditOutcome } from "../../outcome.ts";
import { below } from "../../paths.ts";
import { type AuditLine, readAudit } from "../../snapshot/audit-read.ts";
import { findStoreAlone } from "../../tasks/site.ts";
import { command } from "../command.ts";
import { rowLimit } from "../strict.ts";

export default command({
  name: "audit",
  description: "Who did what to the snapshots, when and why, newest first",
  args: {
    limit: { type: "string", valueHint: "N", description: "Show at most N (20)" },
    all: { type: "boolean", description: "Show all" },
  },
  exits: { 0: "done, also when nothing was done yet", 4: "a line was edited or lost; the others are shown" },
  example: "rollback audit --json | jq -r '.events[] | select(.command == \"restore\").time'",
  async run(args, { world, globals }): Promise<AuditOutcome> {
    const limit = rowLimit(args, 20);
    const store = await findStoreAlone(world, globals);
    let lines: AuditLine[];
    try {
      lines = readAudit(store);
    } catch (cause) {
      throw fail.io("read", below(store, "audit.jsonl"), cause);
    }
    const firstBadLine = lines.find(({ follows }) => !follows)?.line;
    const events = lines.toReversed().flatMap(({ line, event }) => (event === null ? [] : [{ line, event }]));
    return {
      command: "audit",
      exit: firstBadLine === undefined ? 0 : 4,
      total: events.length,
      events: events.slice(0, limit).map(({ line, event }) => ({
        line,
        time: event.time ?? null,
        user: event.user ?? null,
        host: event.host ?? null,
        command: event.command ?? null,
        description: event.description ?? null,
        id: event.id ?? null,
        files: event.files ?? null,
        result: event.result ?? null,
        cutOffBytes: event.cut_off_bytes ?? null,
      })),
      chain: { ok: firstBadLine === undefined, ...(firstBadLine === undefined ? {} : { firstBadLine }) },
    };
  },
});
