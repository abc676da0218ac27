// Copies in a folder: a disk, a share, a synced folder. It has to be there: a disk that is not mounted is not made up.
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { codeOf, RollbackError } from "../rollback-error.ts";
import { copyNew, flush, hardLink, makeFolders, NotWritten, PRIVATE, removeFile, rename } from "../system/durable.ts";
import { hashFile, ifReadable, isFolder, look, namesIn } from "../system/files.ts";
import { checkpoint } from "../system/interrupt.ts";
import { hiddenBeside } from "../system/replace.ts";
import { keyOf, parseKey } from "./address.ts";
import type { Destination, Local, Sent } from "./destination.ts";

export function folderDestination(folder: AbsPath): Destination {
  const demandFolder = () => {
    try {
      if (isFolder(folder)) return;
    } catch (cause) {
      throw fail.io("look into", folder, cause);
    }
    throw fail.placeMissing(folder);
  };
  return {
    shown: folder,
    async *list(host) {
      demandFolder();
      const hosts = host === null ? names(folder) : [host];
      for (const one of hosts)
        for (const name of names(below(folder, one))) {
          const copy = parseKey(`${one}/${name}`);
          const stats = copy === null ? null : look(below(folder, one, name));
          if (copy !== null && stats?.isFile()) yield { ...copy, bytes: stats.size };
        }
    },
    async put(files, done) {
      demandFolder();
      for (const file of files) {
        await checkpoint("what was copied before stays");
        try {
          done(file, putOne(folder, file));
        } catch (cause) {
          if (cause instanceof NotWritten) throw fail.io("write to", folder, cause.cause);
          if (cause instanceof RollbackError || codeOf(cause) === undefined) throw cause;
          throw fail.io("write to", folder, cause);
        }
      }
    },
    async get(copy, to) {
      demandFolder();
      const from = below(folder, keyOf(copy));
      try {
        copyNew(from, to, { noFollow: true });
      } catch (cause) {
        if (cause instanceof NotWritten) throw fail.io("write", to, cause.cause);
        if (codeOf(cause) === "ENOENT") throw fail.noCopy(keyOf(copy), folder);
        throw fail.io("read", from, cause);
      }
    },
  };
}

function names(folder: AbsPath): string[] {
  try {
    return namesIn(folder) ?? [];
  } catch (cause) {
    throw fail.io("read", folder, cause);
  }
}

/** Under a hidden name first, read back, and only then under its own: whoever looks sees a whole archive or none. */
function putOne(folder: AbsPath, file: Local): Sent {
  const target = below(folder, keyOf(file));
  if (isThere(target, file, folder)) return "there";
  const made = makeFolders(parentOf(target), 0o700);
  const fresh = hiddenBeside(target);
  try {
    copyNew(file.path, fresh, { noFollow: true }, PRIVATE);
    flush([fresh]);
    if (hashFile(fresh, { noFollow: true }).hash !== file.hash) throw fail.copyDamaged(keyOf(file), folder);
    if (!publish(fresh, target)) return isThere(target, file, folder) ? "there" : putOne(folder, file);
    flush([parentOf(target), ...made.map(parentOf)]);
    return "sent";
  } finally {
    ifReadable(() => removeFile(fresh));
  }
}

/** False where another process gave the name to its own meanwhile. */
function publish(fresh: AbsPath, target: AbsPath): boolean {
  try {
    hardLink(fresh, target);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
  }
  // exFAT and many shares know no second name for a file.
  if (look(target) !== null) return false;
  rename(fresh, target);
  return true;
}

/** Throws `damaged` where something else stands there. */
function isThere(target: AbsPath, { bytes, hash, ...copy }: Local, folder: AbsPath): boolean {
  const stats = look(target);
  if (stats === null) return false;
  if (stats.isFile() && stats.size === bytes && hashFile(target, { noFollow: true }).hash === hash) return true;
  throw fail.copyDiffers(keyOf(copy), folder);
}

/** Whether whatever is put into a folder may leave this machine by itself; the reason, or null. */
export function whyLeavesMachine(folder: AbsPath, home: AbsPath): string | null {
  const inHome = folder.startsWith(`${home}/`) ? folder.slice(home.length + 1) : "";
  if (/^Library\/(Mobile Documents|CloudStorage)(\/|$)/.test(inHome)) return "it is synced to a cloud";
  // iCloud takes both of them along, but for what is called .nosync.
  if (/^(Desktop|Documents)(\/|$)/.test(inHome) && !/\.nosync(\/|$)/.test(inHome)) return "iCloud may sync it";
  const known =
    /(?:^|\/)(Dropbox|OneDrive|Google Drive|GoogleDrive|iCloud Drive|Nextcloud|ownCloud|Box|pCloud Drive|MEGA|Syncthing)(?:[ -][^/]*)?(?:\/|$)/i;
  const [, name] = known.exec(folder) ?? [];
  if (name !== undefined) return `it looks like a folder of ${name}`;
  for (let at = folder; ; at = parentOf(at)) {
    if (ifReadable(() => look(below(at, ".git"))) != null) return "it lies in a git repository";
    if (ifReadable(() => look(below(at, ".stfolder"))) != null) return "Syncthing syncs it";
    if (at === "/") return null;
  }
}
