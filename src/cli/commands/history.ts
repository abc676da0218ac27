import type { Problem } from "../../comparison.ts";
import { compareVersions, type Version } from "../../diff/compare.ts";
import { type Cell, type Column, matrix, type Row } from "../../diff/matrix.ts";
import { fail } from "../../errors.ts";
import type { StoredFile } from "../../model.ts";
import type { HistoryEvent, HistoryOutcome } from "../../outcome.ts";
import { absolute } from "../../paths.ts";
import { selection } from "../../restore/target.ts";
import type { Located } from "../../snapshot/ref.ts";
import { listSnapshots } from "../../snapshot/store.ts";
import type { World } from "../../tasks/context.ts";
import { openVault, tryOpen } from "../../tasks/open.ts";
import { findStoreAlone } from "../../tasks/site.ts";
import { columnOf, storedVersion, UNKNOWN } from "../../tasks/states.ts";
import { displayName } from "../../text.ts";
import { command } from "../command.ts";
import { exitOf } from "./diff.ts";

export default command({
  name: "history",
  description: "Every snapshot in which a file appeared, changed or vanished, newest first",
  args: {
    file: {
      type: "positional",
      required: true,
      description: "A path, a file's name, a credential's name, or a pattern for one of them",
    },
    patch: { type: "boolean", description: "Also show what changed inside it" },
  },
  exits: {
    0: "done",
    4: "a stored file that --patch needs is damaged; it is named",
    5: "no snapshot holds such a file",
  },
  example: "rollback history com.petesbrain.email-sync.plist --patch",
  async run(args, { world, globals, notify }): Promise<HistoryOutcome> {
    const store = await findStoreAlone(world, globals);
    const wanted = selection(wordsFor(args.file, world), []);
    const seen: Seen[] = [];
    const unread: string[] = [];
    for (const entry of listSnapshots(store).toReversed()) {
      const one = await look(entry, wanted);
      seen.push(one);
      if (one.facts === null) unread.push(entry.id);
    }
    if (unread.length > 0)
      notify({ type: "warning", message: `not looked into, being sealed or damaged: ${unread.join(", ")}` });
    const rows = matrix(seen.map(({ column }) => column));
    if (rows.length === 0) throw fail.neverHeld(args.file);
    const problems: Problem[] = [];
    const files = [];
    for (const row of rows) {
      const { path, name, kind } = row;
      const events: HistoryEvent[] = [];
      for (const [index, one] of seen.entries()) {
        const event = eventOf(row.cells, index);
        if (event === null || one.facts === null) continue;
        const { diff, problems: found } =
          args.patch === true && event === "changed" ? await patchAt(seen, row, index) : { diff: null, problems: [] };
        problems.push(...found);
        events.push({
          id: one.entry.id,
          ...one.facts,
          event,
          size: one.files.get(path)?.size ?? null,
          patch: diff,
        });
      }
      files.push({ path, name, kind, events: events.toReversed() });
    }
    return { command: "history", exit: exitOf(problems) ?? 0, files, problems };
  },
});

/** As it is written, and where it looks like a path, from the current folder or the home. */
function wordsFor(word: string, { cwd, env }: World): string[] {
  const home = env.HOME;
  if (word.startsWith("~/")) return home === undefined ? [word] : [word, `${home}/${word.slice(2)}`];
  return word.includes("/") ? [word, absolute(word, cwd)] : [word];
}

/** What one snapshot says of the files: all that is kept of its manifest. */
interface Seen {
  entry: Located;
  column: Column;
  facts: Pick<HistoryEvent, "description" | "category" | "createdAt"> | null;
  files: ReadonlyMap<string, StoredFile>;
}

async function look(entry: Located, wanted: ReturnType<typeof selection>): Promise<Seen> {
  const opened = await tryOpen(entry);
  if (opened === null) return { entry, column: UNKNOWN, facts: null, files: new Map() };
  const { description, category, createdAt, skipped, files } = opened.manifest;
  const chosen = files.filter((file) => wanted({ kind: file.kind, path: file.original, name: displayName(file) }));
  return {
    entry,
    column: columnOf(chosen, skipped),
    facts: { description, category, createdAt },
    files: new Map(chosen.map((file) => [file.original, file])),
  };
}

function eventOf(cells: Cell[], index: number): HistoryEvent["event"] | null {
  const cell = cells[index];
  if (cell === "added" || cell === "changed" || cell === "removed") return cell;
  if (cell === "unknown") return "unreadable";
  const isFirst = cells.slice(0, index).every((before) => before === "unknown");
  return cell === "same" && isFirst ? "first" : null;
}

async function patchAt(seen: Seen[], { path, cells }: Row, index: number) {
  const previous = cells.findLastIndex((cell, at) => at < index && cell !== "unknown");
  const version = async (one: Seen | undefined): Promise<Version | null> => {
    const file = one?.files.get(path);
    return one === undefined || file === undefined
      ? null
      : storedVersion(await openVault(one.entry, () => []), file, path);
  };
  return compareVersions(await version(seen[previous]), await version(seen[index]));
}
