import type { VerifyOutcome } from "../tasks/verify.ts";
import { printable } from "../text.ts";
import { chainJson } from "./audit.ts";
import type { Face } from "./face.ts";

export const verify: Face<VerifyOutcome> = {
  quiet: ({ snapshots }) => snapshots.filter(({ status }) => isBad(status)).map(({ id }) => printable(id)),
  text(outcome) {
    const { snapshots, audit } = outcome;
    const rows = snapshots.flatMap((snapshot) => [
      ...snapshot.healed.map((path) => `🩹 ${printable(snapshot.id)}: mended ${printable(path)}`),
      verdict(snapshot),
      ...snapshot.problems.map(
        ({ path, problem, reason }) => `   ${problem}: ${printable(path)} (${printable(reason)})`,
      ),
    ]);
    const chain = audit.ok ? [] : [`❌ audit.jsonl: line ${audit.firstBadLine} does not follow from the one before`];
    return [...rows, ...chain, overall(outcome)];
  },
  json: ({ snapshots, audit }) => ({
    snapshots: snapshots.map(({ id, status, filesChecked, bytesChecked, problems, healed }) => ({
      id,
      status,
      files_checked: filesChecked,
      bytes_checked: bytesChecked,
      problems,
      ...(healed.length === 0 ? {} : { healed }),
    })),
    audit: chainJson(audit),
  }),
};

const isBad = (status: string): boolean => status === "damaged" || status === "unreadable";

function verdict({ id, status, filesChecked, problems }: VerifyOutcome["snapshots"][number]): string {
  if (isBad(status)) return `❌ ${printable(id)}: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}`;
  if (status === "incomplete") return `⚠️  ${printable(id)}: ${filesChecked} files match (the snapshot is incomplete)`;
  return `✅ ${printable(id)}: ${filesChecked} files match`;
}

function overall({ snapshots, unverified }: VerifyOutcome): string {
  const { length } = snapshots;
  if (length === 0) return unverified > 0 ? "⚠️  Nothing was verified" : "📦 No snapshots yet";
  const damaged = snapshots.filter(({ status }) => status === "damaged").length;
  if (damaged > 0) return `❌ ${damaged} of ${length} damaged`;
  const unreadable = snapshots.filter(({ status }) => status === "unreadable").length;
  if (unreadable > 0) return `⚠️  ${unreadable} of ${length} can't be read`;
  return `✅ ${length === 1 ? "1 snapshot" : `${length} snapshots`} verified`;
}
