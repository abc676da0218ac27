// What was done to the snapshots, and how they are.
import type { Outcome } from "../outcome.ts";
import { printable } from "../text.ts";
import { age, bytes, counts } from "./words.ts";

type Of<C extends Outcome["command"]> = Extract<Outcome, { command: C }>;

export function createText({
  id,
  description,
  category,
  location,
  root,
  files,
  complete,
  skipped,
  unchanged,
  archive,
}: Of<"create">): string[] {
  if (unchanged) return [`✅ Nothing has changed since ${id}: no new snapshot`];
  const shown = location.startsWith(`${root}/`) ? location.slice(root.length + 1) : location;
  return [
    `${complete ? "✅ Snapshot created" : "⚠️  Snapshot created, incomplete"}: ${id}`,
    `   Description: ${printable(description)}`,
    `   Category: ${printable(category)}`,
    `   Location: ${printable(shown)}`,
    `   Files backed up: ${files.total}`,
    ...(archive === undefined ? [] : [`   Archive: ${printable(archive)}`]),
    ...(complete
      ? []
      : [
          `   Not backed up: ${skipped.length}`,
          ...skipped.map(({ path, reason }) => `   ⚠️  ${printable(path)}: ${printable(reason)}`),
        ]),
  ];
}

export function listText({ snapshots, total }: Of<"list">): string[] {
  if (snapshots.length === 0) return ["📦 No snapshots yet"];
  const rows = snapshots.flatMap((row, index) => [
    "",
    `${index + 1}. [${row.id}]${row.pinned ? " 📌" : ""}`,
    ...(row.description === null
      ? row.status === "sealed"
        ? ["   🔒 Sealed archive (`rollback show` opens it with your identity)"]
        : ["   ⚠️  Damaged: its manifest can't be used (`rollback verify` tells more)"]
      : [
          `   Description: ${printable(row.description)}`,
          `   Category: ${printable(row.category ?? "")}`,
          `   Created: ${age(row.ageSeconds ?? 0)}`,
          `   Files: ${counts(row.files)}`,
          ...(row.forms.length === 1 && row.forms[0] === "folder" ? [] : [`   Forms: ${row.forms.join(", ")}`]),
          ...(row.status === "damaged"
            ? ["   ⚠️  Damaged: stored files are missing (`rollback verify` names them)"]
            : []),
          ...(row.complete ? [] : ["   ⚠️  Incomplete: some files could not be read"]),
        ]),
  ]);
  const more = total > snapshots.length ? ["", `${total - snapshots.length} more: rollback list --all`] : [];
  return [`📦 Available Snapshots (showing ${snapshots.length}):`, ...rows, ...more];
}

export function verifyText({ snapshots, audit, unverified }: Of<"verify">): string[] {
  const damaged = snapshots.filter(({ status }) => status === "damaged");
  const rows = snapshots.flatMap(({ id, status, filesChecked, problems, healed }) => [
    ...healed.map((path) => `🩹 ${printable(id)}: mended ${printable(path)}`),
    `${status === "damaged" ? "❌" : status === "incomplete" ? "⚠️ " : "✅"} ${printable(id)}: ${
      status === "damaged"
        ? `${problems.length} ${problems.length === 1 ? "problem" : "problems"}`
        : `${filesChecked} files match${status === "incomplete" ? " (the snapshot is incomplete)" : ""}`
    }`,
    ...problems.map(({ path, problem, reason }) => `   ${problem}: ${printable(path)} (${printable(reason)})`),
  ]);
  const chain = audit.ok ? [] : [`❌ audit.jsonl: line ${audit.firstBadLine} does not follow from the one before`];
  const verdict =
    snapshots.length === 0
      ? unverified > 0
        ? "⚠️  Nothing was verified"
        : "📦 No snapshots yet"
      : damaged.length === 0
        ? `✅ ${snapshots.length === 1 ? "1 snapshot" : `${snapshots.length} snapshots`} verified`
        : `❌ ${damaged.length} of ${snapshots.length} damaged`;
  return [...rows, ...chain, verdict];
}

export function recoverText({ outcome, why, snapshot, autoBackup, kept }: Of<"recover">): string[] {
  if (outcome === "nothing") return [`✅ Nothing to recover: ${why}`];
  const what = { finished: "finished", undone: "undone", cleaned: "complete; what was left of it is cleaned up" }[
    outcome
  ];
  return [
    `✅ The restore${snapshot === null ? "" : ` of ${snapshot}`} is ${what}: ${printable(why)}`,
    ...(autoBackup === null ? [] : [`   What was there before: ${autoBackup}`]),
    ...kept.map((path) => `⚠️  Left as it is now: ${printable(path)} (changed since)`),
  ];
}

export function packText({ packed }: Of<"pack">): string[] {
  if (packed.length === 0) return ["✅ Every snapshot is packed already"];
  return packed.map(
    ({ path, bytes: size, written, moved }) =>
      `${written ? "📦 Packed" : "✅ Packed already, and whole"}: ${printable(path)} (${bytes(size)})${moved ? ", folder removed" : ""}`,
  );
}
