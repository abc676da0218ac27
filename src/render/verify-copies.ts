import type { VerifyCopiesOutcome } from "../tasks/verify-copies.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

type Row = VerifyCopiesOutcome["snapshots"][number];

/** What `verify` says, of another place. */
export const verifyCopies: Face<VerifyCopiesOutcome> = {
  quiet: ({ snapshots }) => snapshots.filter(({ status }) => status !== "ok").map(({ id }) => printable(id)),
  text({ from, snapshots }) {
    const bad = (status: Row["status"]) => snapshots.filter((row) => row.status === status).length;
    const { length } = snapshots;
    const told = length === 1 ? "1 copy" : `${length} copies`;
    const rows = snapshots.map(line);
    if (bad("damaged") > 0)
      return [
        ...rows,
        `❌ ${bad("damaged")} of ${told} in ${printable(from)} damaged; rollback push ID DEST --replace-damaged puts a good one there`,
      ];
    if (bad("unreadable") > 0)
      return [...rows, `⚠️  ${bad("unreadable")} of ${told} in ${printable(from)} could not be opened`];
    return [...rows, `✅ ${told} in ${printable(from)} verified, and nothing of it kept`];
  },
  json: ({ from, snapshots }) => ({
    command: "verify",
    from,
    snapshots: snapshots.map(({ id, host, project, key, status, filesChecked, bytesChecked, reason }) => ({
      id,
      host,
      project,
      status,
      files_checked: filesChecked,
      bytes_checked: bytesChecked,
      problems:
        reason === null ? [] : [{ path: key, problem: status === "damaged" ? "modified" : "unreadable", reason }],
    })),
  }),
};

function line({ id, host, project, status, filesChecked, reason }: Row): string {
  const name = `${printable(id)} of ${printable(host)}, ${printable(project)}`;
  if (status === "ok") return `✅ ${name}: ${filesChecked} files match`;
  return `${status === "damaged" ? "❌" : "⚠️ "} ${name}: ${printable(reason ?? "")}`;
}
