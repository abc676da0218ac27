import type { CreateOutcome } from "../tasks/create.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const create: Face<CreateOutcome> = {
  quiet: ({ id }) => [printable(id)],
  text({ id, description, category, location, root, files, complete, skipped, unchanged, archive, gone }) {
    if (unchanged) return [`✅ Nothing has changed since ${id}: no new snapshot`];
    const shown = location.startsWith(`${root}/`) ? location.slice(root.length + 1) : location;
    const lines = [
      `${complete ? "✅ Snapshot created" : "⚠️  Snapshot created, incomplete"}: ${id}`,
      `   Description: ${printable(description)}`,
      `   Category: ${printable(category)}`,
      `   Location: ${printable(shown)}`,
      `   Files backed up: ${files.total}`,
    ];
    if (archive !== undefined) lines.push(`   Archive: ${printable(archive)}`);
    if (!complete) lines.push(`   Not backed up: ${skipped.length}`);
    const unread = skipped.map(({ path, reason }) => `   ⚠️  ${printable(path)}: ${printable(reason)}`);
    return [...lines, ...unread, ...whatNow(gone)];
  },
  json: ({ id, description, category, location, files, complete, skipped, unchanged, archive, gone }) => ({
    id,
    description,
    category,
    location,
    files,
    complete,
    skipped,
    ...(gone.files.length === 0 ? {} : { gone: gone.files }),
    ...(unchanged ? { unchanged } : {}),
    ...(archive === undefined ? {} : { archive }),
  }),
};

function whatNow({ from }: CreateOutcome["gone"]): string[] {
  if (from === null) return [];
  return ["", `What is gone:           rollback diff ${from.id}`, "It was meant to be so:  rollback health --accept"];
}
