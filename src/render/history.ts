import type { HistoryEvent, HistoryOutcome } from "../tasks/history.ts";
import { printable } from "../text.ts";
import type { Tone } from "./colour.ts";
import type { Face } from "./face.ts";
import { fileJson, fileLines, problemLines } from "./file-diff.ts";
import { bytes, utc } from "./words.ts";

const EVENTS: Record<HistoryEvent["event"], [word: string, tone: Tone]> = {
  first: ["first seen", "added"],
  added: ["added", "added"],
  changed: ["changed", "modified"],
  removed: ["removed", "removed"],
  unreadable: ["unreadable", "dim"],
};
const EVENT_WIDTH = Math.max(...Object.values(EVENTS).map(([word]) => word.length));

export const history: Face<HistoryOutcome> = {
  quiet: ({ files }) => files.flatMap(({ events }) => events.map(({ id }) => printable(id))),
  /** Newest first, a block for each file. */
  text({ files: found, problems }, paint) {
    const blocks = found.map(({ path, name, kind, events }) => [
      `${kind === "credential" ? "🔐" : "📜"} ${printable(name)}`,
      `   ${printable(path)}`,
      ...events.flatMap(({ id, description, category, event, size, patch }) => {
        const [word, tone] = EVENTS[event];
        const held = size === null ? "" : ` (${bytes(size)})`;
        return [
          `   [${printable(id)}] ${paint(tone, word.padEnd(EVENT_WIDTH))}  ${printable(description)}, ${printable(category)}${held}`,
          ...(patch === null ? [] : fileLines(patch, paint)),
        ];
      }),
    ]);
    return [...blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block])), ...problemLines(problems)];
  },
  json: ({ files, problems }) => ({
    files: files.map(({ events, ...file }) => ({
      ...file,
      events: events.map(({ createdAt, createdAtMs, size, patch, ...event }) => ({
        ...event,
        created_at: createdAt,
        created_at_utc: utc(createdAtMs),
        size_bytes: size,
        ...(patch === null ? {} : { patch: fileJson(patch) }),
      })),
    })),
    problems,
  }),
};
