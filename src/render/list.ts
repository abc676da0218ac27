import type { ListOutcome } from "../tasks/list.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";
import { age, counts } from "./words.ts";

export const list: Face<ListOutcome> = {
  quiet: ({ snapshots }) => snapshots.map(({ id }) => id),
  text({ snapshots, total }) {
    if (snapshots.length === 0) return ["📦 No snapshots yet"];
    const rows = snapshots.flatMap((row, index) => [
      ...(row.ahead && !snapshots[index - 1]?.ahead ? ["", AHEAD] : []),
      "",
      `${index + 1}. [${row.id}]${row.pinned ? " 📌" : ""}`,
      ...facts(row).map((fact) => `   ${fact}`),
    ]);
    const more = total > snapshots.length ? ["", `${total - snapshots.length} more: rollback list --all`] : [];
    return [`📦 Available Snapshots (showing ${snapshots.length}):`, ...rows, ...more];
  },
  json: ({ total, snapshots }) => ({
    total,
    snapshots: snapshots.map((row) => ({
      id: row.id,
      description: row.description,
      category: row.category,
      created_at: row.createdAt,
      age_seconds: row.ageSeconds,
      files: row.files,
      size_bytes: row.sizeBytes,
      complete: row.complete,
      pinned: row.pinned,
      status: row.status,
      forms: row.forms,
      ...(row.ahead ? { ahead: true } : {}),
    })),
  }),
};

const AHEAD = "⚠️  Dated ahead of the clock: a clock was wrong. These are never `latest` and never pruned:";

function facts(row: ListOutcome["snapshots"][number]): string[] {
  if (row.status === "sealed") return ["🔒 Sealed archive (`rollback show` opens it with your identity)"];
  if (row.status === "unreadable")
    return ["⚠️  Can't be read: it belongs to another user (`rollback verify` says to whom)"];
  if (row.description === null) return ["⚠️  Damaged: its manifest can't be used (`rollback verify` tells more)"];
  const lines = [
    `Description: ${printable(row.description)}`,
    `Category: ${printable(row.category ?? "")}`,
    `Created: ${age(row.ageSeconds ?? 0)}`,
    `Files: ${counts(row.files)}`,
  ];
  if (row.forms.length > 1 || row.forms[0] !== "folder") lines.push(`Forms: ${row.forms.join(", ")}`);
  if (row.status === "damaged") lines.push("⚠️  Damaged: stored files are missing (`rollback verify` names them)");
  if (!row.complete) lines.push("⚠️  Incomplete: some files could not be read");
  return lines;
}
