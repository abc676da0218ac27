// Errors of restore, undo, revert and bisect, and of what they need from the snapshots folder.
import { RollbackError, reasonOf } from "../rollback-error.ts";
import { error, few, leading } from "./make.ts";

/** A file that is not written, and why, in words that begin with a verb. */
interface NotWritten {
  path: string;
  reason: string;
}

/** `79 of 84 files lie outside the home and the root`, where all have one reason; else the reasons stand with the files. */
function refusedFiles(files: readonly NotWritten[], total: number): { headline: string; details: string[] } {
  const reason = files[0]?.reason ?? "";
  const isOne = files.every((file) => file.reason === reason);
  const verb = files.length === 1 ? reason : reason.replace(/^lies\b/, "lie").replace(/^is\b/, "are");
  const why = isOne ? verb : "are refused";
  return {
    headline: `restore refused, nothing was touched: ${files.length} of ${total} files ${why}`,
    details: few(files.map((file) => (isOne ? file.path : `${file.path}: it ${file.reason}`))),
  };
}

function refusedHint(command: string | undefined, elsewhere: { what: string; place: string } | null): string {
  if (command === undefined) return "Leave these files out with --except, or move what stands in the way.";
  if (elsewhere === null) return "If these places are right:";
  return `The snapshot is from another ${elsewhere.what}, ${elsewhere.place}. Move it to this one:`;
}

export const restoreErrors = {
  noRecordedHome: (id: string) =>
    error("usage", `${id} does not say which home and root it came from`, "Name them yourself: --map OLD=NEW."),
  restoreRefused: (
    files: readonly NotWritten[],
    total: number,
    command: string | undefined,
    elsewhere: { what: "home" | "project"; place: string } | null,
  ) => {
    const { headline, details } = refusedFiles(files, total);
    const commands = command === undefined ? [] : [command];
    return new RollbackError("refused", headline, refusedHint(command, elsewhere), { details, commands });
  },
  restoreObstructed: (files: readonly NotWritten[], total: number) => {
    const { headline, details } = refusedFiles(files, total);
    const hint = "Mend that, or leave these files out with --except; --keep-going restores the others.";
    return new RollbackError("failed", headline, hint, { details });
  },
  noSuchKey: (key: string) =>
    error(
      "not-found",
      `none of the chosen files has the key ${key}, now or in the snapshot`,
      "Write it as `rollback diff` prints it; --only chooses the file.",
    ),
  noSuchHunk: (hunk: number) =>
    error(
      "not-found",
      `none of the chosen files has a hunk ${hunk}`,
      "`rollback diff REF --hunks` numbers them; --only chooses the file.",
    ),
  nothingToUndo: () =>
    error(
      "not-found",
      "there is no restore or guard run to undo",
      "`rollback audit` shows what was done; `rollback restore latest:auto-backup` goes back to what a restore overwrote.",
    ),
  notUndoable: (what: string, why: string, left: number[]) =>
    error(
      "not-found",
      `${what} can't be undone: ${why}`,
      left.length === 0
        ? "Nothing that was done can be undone any more; `rollback list --all` shows every snapshot."
        : `These can be: ${left.map((line) => `rollback undo ${line}`).join(", ")}. \`rollback audit\` shows what they were.`,
    ),
  sameSnapshot: (ref: string) =>
    error("usage", `both words mean the snapshot ${ref}`, "Name the one before the change, then the one after it."),
  undecided: (paths: string[]) =>
    error(
      "failed",
      `nothing was written: what somebody edited since is in conflict in ${paths.join(", ")}`,
      "Look at it without --force, then decide: --ours keeps what is there now, --theirs brings back what was there before, --except leaves a file out.",
    ),
  storeUnsafe: (path: string, why: string, mend: string) =>
    error("refused", `${path} is not safe to restore from: ${why}`, `Check its files, then: ${mend}`),
  storeToCopy: (path: string, why: string, store: string) =>
    error(
      "refused",
      `${path} is not safe to restore from: ${why}`,
      `Check its files, copy them to a disk of this machine, and name that place with --snapshots: cp -R ${store} ~/rollback-snapshots && chmod -R go-w ~/rollback-snapshots`,
    ),
  storeReadOnly: (path: string, command: string) =>
    leading(
      "failed",
      `the snapshots folder ${path} is on a disk that is read-only: no auto-backup can be made there, and nothing was changed`,
      "Restore it by its path, into a snapshots folder of this machine:",
      command,
    ),
  autoBackupPartial: (missing: string[]) =>
    error(
      "failed",
      `the auto-backup could not store what the restore would overwrite: ${missing.join("; ")}; nothing was changed`,
      "Make these files readable, or leave them out with --except.",
    ),
  storedChanged: (path: string) =>
    error(
      "failed",
      `the stored file ${path} changed after it was checked; every live file is as it was`,
      "Run `rollback verify`, then the restore again.",
    ),
  liveChanged: (path: string) =>
    error(
      "failed",
      `${path} changed while the restore was at work; every file is as it was`,
      "Stop what writes to it and run the restore again, or leave it out with --except.",
    ),
  changedInSearch: (path: string, backup: string | null) =>
    error(
      "failed",
      `${path} was changed by somebody else during the search, and is left as it is now; every other file is as it was`,
      backup === null
        ? "Stop what writes to it, or leave it out with --except."
        : `As it was before the search it stands in ${backup}. Stop what writes to it, or leave it out with --except.`,
    ),
  restoreFailed: (path: string, cause: unknown) =>
    error(
      "failed",
      `could not restore ${path}: ${reasonOf(cause)}; every file is as it was`,
      "Mend the cause and run it again, or add --keep-going to restore what can be restored.",
      cause,
    ),
  undoFailed: (path: string, cause: unknown) =>
    error(
      "failed",
      `the restore failed at ${path} (${reasonOf(cause)}) and could not be undone completely`,
      "Run `rollback recover`: it finishes or undoes it.",
      cause,
    ),
  unfinished: (id: string) =>
    error(
      "failed",
      `a restore of ${id} was cut off and left files half done`,
      "Run `rollback recover` first: it finishes or undoes it.",
    ),
  journalBroken: (path: string, why: string) =>
    error(
      "damaged",
      `the journal ${path} can't be read: ${why}`,
      "Compare the live files with the newest auto-backup (`rollback restore latest:auto-backup`), then move the journal away.",
    ),
} as const;
