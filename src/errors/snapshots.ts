// Errors about the snapshots folder, a snapshot, an archive.
import { RollbackError, reasonOf } from "../rollback-error.ts";
import { error, few, leading } from "./make.ts";

/** What is suggested to whoever waited in vain. */
const LONG_WAIT_S = 60;

export const snapshotErrors = {
  storeAroundProject: (path: string, inside: string) =>
    error(
      "refused",
      `${path} can't be the snapshots folder: ${inside} lies in it, and its .gitignore would hide that from git`,
      "Name a folder of its own, such as --snapshots snapshots.",
    ),
  storeParentMissing: (path: string, parent: string) =>
    error(
      "failed",
      `there is no folder ${parent} for the snapshots folder ${path}: nothing was made`,
      "Is the disk mounted? Otherwise make that folder, or choose another with --snapshots DIR.",
    ),
  storeNotWritable: (path: string, cause: unknown) =>
    error(
      "failed",
      `can't write to the snapshots folder ${path}: ${reasonOf(cause)}`,
      "Make room or mend the permissions, or choose another folder with --snapshots DIR.",
      cause,
    ),
  unreadable: (path: string, cause: unknown, owner: number, mend: string) =>
    error(
      "failed",
      `can't read ${path}: ${reasonOf(cause)}; it belongs to ${owner === 0 ? "root" : `another user (uid ${owner})`}`,
      mend,
      cause,
    ),
  storeSilent: (path: string, seconds: number) =>
    error(
      "failed",
      `the snapshots folder ${path} did not answer for ${seconds}s`,
      "Is it on a network disk that is gone? Unmount that, or mount it anew.",
    ),
  storeUnreadable: (path: string, cause: unknown) =>
    error(
      "failed",
      `can't read the snapshots folder ${path}: ${reasonOf(cause)}`,
      "Mend its permissions, or name another with --snapshots DIR.",
      cause,
    ),
  locked: (holder: string, waitedMs: number) =>
    new RollbackError(
      "locked",
      `another rollback is at work here: ${holder}`,
      "Nothing was touched. Run it again when that one has ended.",
      {
        again: {
          flag: "--lock-wait",
          value: String(Math.max(LONG_WAIT_S, Math.ceil((2 * waitedMs) / 1000))),
          advice: `Nothing was touched. Wait longer than ${waitedMs / 1000}s for it:`,
        },
      },
    ),
  noLocks: (path: string, type: string | undefined, code: string) =>
    error(
      "failed",
      `can't lock ${path}: its file system${type === undefined ? "" : ` (${type})`} has no locks (${code})`,
      "Choose a snapshots folder on a local disk: --snapshots DIR.",
    ),
  noStore: (path: string) =>
    error("not-found", `there is no snapshots folder ${path}`, "Is the disk mounted, and the name right?"),
  noSuchCategory: (category: string, nearest: { name: string; count: number; shown: string } | undefined) =>
    nearest === undefined
      ? leading("not-found", `No snapshot has the category ${category}`, "All of them:", "rollback list --all")
      : leading(
          "not-found",
          `No snapshot has the category ${category}`,
          `Did you mean ${nearest.name} (${nearest.count === 1 ? "1 snapshot" : `${nearest.count} snapshots`})?`,
          `rollback list --category ${nearest.shown}`,
        ),
  noSnapshots: (path: string) =>
    error("not-found", `there is no snapshot in ${path}`, 'Make one with `rollback create "DESCRIPTION"`.'),
  allAhead: (newest: string) =>
    error(
      "not-found",
      `every snapshot is dated ahead of the clock, the newest is ${newest}`,
      "Is this machine's clock right? A snapshot dated ahead is named by its id.",
    ),
  noSuchSnapshot: (ref: string, newest: { id: string; age: string | null } | undefined) =>
    newest === undefined
      ? leading("not-found", `Snapshot not found: ${ref}`, "There are none yet:", "rollback list --all")
      : leading(
          "not-found",
          `Snapshot not found: ${ref}`,
          `The newest is ${newest.id}${newest.age === null ? "" : `, ${newest.age}`}. All of them:`,
          "rollback list --all",
        ),
  ambiguousSnapshot: (ref: string, ids: string[]) =>
    error(
      "usage",
      `${ref} is the beginning of ${ids.length} snapshots`,
      `Write more of it: ${ids.slice(0, 5).join(", ")}${ids.length > 5 ? ", …" : ""}.`,
    ),
  manifestBroken: (path: string, why: string) =>
    error(
      "damaged",
      `${path} can't be used: ${why}`,
      "Take another snapshot (`rollback list`), or copy files out of its folder by hand.",
    ),
  manifestUnsafe: (path: string, backup: string, wanted: string) =>
    error(
      "refused",
      `${path} names ${JSON.stringify(backup)} as a stored file, which is not ${wanted} inside the snapshot`,
      "Somebody edited this manifest. Don't restore from it; take another snapshot (`rollback list`).",
    ),
  formatTooNew: (path: string, format: number) =>
    error(
      "damaged",
      `${path} has format ${format}, which this rollback does not know`,
      "Use the newer rollback that made it.",
    ),
  nothingReadable: (skipped: { path: string; reason: string }[]) =>
    error(
      "failed",
      `nothing could be stored, no snapshot was made: ${skipped.map(({ path, reason }) => `${path}: ${reason}`).join("; ")}`,
      "Make the files readable, then run it again.",
    ),
  snapshotDamaged: (id: string, why: string) =>
    error("damaged", `${id} is damaged, no archive was made: ${why}`, `\`rollback verify ${id} --heal\` may mend it.`),
  diskTooSmall: (path: string, needed: number, free: number) =>
    error(
      "failed",
      `${path} has ${free} bytes free, and ${needed} are needed`,
      "Make room, or name another place with --snapshots DIR.",
    ),
  notAFolderSnapshot: (id: string) =>
    error(
      "not-found",
      `${id} does not stand as a folder in the snapshots folder, so there is nothing to pack`,
      "`rollback list` shows the forms of each snapshot.",
    ),
  noFileSelected: (id: string, words: string) =>
    error("not-found", `no file of ${id} matches ${words}`, `\`rollback show ${id}\` lists its files.`),
  neverHeld: (word: string) =>
    error("not-found", `no snapshot holds ${word}`, "`rollback show latest` lists the files of the newest snapshot."),
  noSecretAt: (word: string, key: string | null, keys: string[], shortest: number) =>
    error(
      "not-found",
      `${word} holds no secret of ${shortest} characters or more${key === null ? "" : ` under ${key}`}`,
      keys.length === 0
        ? "`rollback show latest` lists the captured files."
        : `It has secrets under ${few(keys).join(", ")}. Name one as FILE:KEY.`,
    ),
  archiveBroken: (path: string, why: string) =>
    error("damaged", `${path} is not a whole archive: ${why}`, "Take another copy of it; an archive is never mended."),
  archiveUntrusted: (path: string, why: string, archive: string) =>
    error(
      "refused",
      `${path} is not safe to restore from: ${why}`,
      `If you trust what is in it, copy it to a folder that is yours alone: cp ${archive} ~/ && chmod go-w ~/`,
    ),
  archiveOfAnother: (path: string, inner: string) =>
    error(
      "damaged",
      `${path} holds the snapshot ${inner}`,
      "Its name says another one. Move it away, or give it its own name.",
    ),
  notOpened: (path: string) =>
    error(
      "not-found",
      `${path} was not opened: no identity is here, and the audit trail does not say that it was opened when it was made`,
      "Put your identity at ~/.config/rollback/identity.txt, or pack it anew from its folder.",
    ),
  archiveUnsafe: (path: string, why: string) =>
    error("refused", `${path} is refused: ${why}`, "No archive of rollback's looks like this. Don't trust its source."),
  archiveInStore: (path: string) =>
    error(
      "refused",
      `${path} lies in the snapshots folder, so what is archived there would be removed with the rest`,
      "Name a folder elsewhere with --archive DIR.",
    ),
  archiveTooLarge: (what: string, why: string) =>
    error("failed", `${what} does not fit into a zip archive: ${why}`, "Copy the snapshot's folder as it is instead."),
  noArchive: (ref: string) =>
    error("not-found", `there is no archive of ${ref}`, "Name a file that ends in .zip or .zip.age."),
  alreadyThere: (path: string, what: string) =>
    error("failed", `${path} is already there`, `Nothing was written. Move it away first if ${what}.`),
} as const;
