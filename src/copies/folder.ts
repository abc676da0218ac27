// Copies in a folder: a disk, a share, a synced folder. It has to be there: a disk that is not mounted is not made up.
import { randomBytes } from "node:crypto";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { codeOf, RollbackError } from "../rollback-error.ts";
import {
  copyNew,
  flush,
  hardLink,
  makeFolder,
  NotWritten,
  PRIVATE,
  removeFile,
  rename,
  writeNew,
} from "../system/durable.ts";
import {
  hashFile,
  ifReadable,
  isFolder,
  look,
  lookThrough,
  namesIn,
  readBeginning,
  readText,
} from "../system/files.ts";
import { checkpoint } from "../system/interrupt.ts";
import { hiddenBeside } from "../system/replace.ts";
import { chunksOf } from "../system/streams.ts";
import { keyOf, parseKey } from "./address.ts";
import type { Destination, Local, Sending, Sent } from "./destination.ts";

/** A file of ours that says: copies go here. A folder without it is not the one that it was. */
const MARK_NAME = ".rollback-copies";
const MARK = /^rollback keeps copies here\n([0-9a-f]{32})\n$/;

export function folderDestination(folder: AbsPath): Destination {
  const place = placeAt(folder);
  return {
    shown: folder,
    async *list(beginning) {
      demandFolder(folder);
      const [machine = "", project = ""] = beginning.split("/");
      for (const one of machine === "" ? names(folder) : [machine])
        for (const two of project === "" ? names(below(folder, one)) : [project])
          for (const name of names(below(folder, one, two))) {
            const copy = parseKey(`${one}/${two}/${name}`);
            const stats = copy === null ? null : look(below(folder, one, two, name));
            if (copy !== null && stats?.isFile()) yield { ...copy, bytes: stats.size };
          }
    },
    async put(files, sending) {
      demandFolder(folder);
      for (const file of files) {
        await checkpoint("what was copied before stays");
        try {
          sending.done(file, await putOne(place, file, sending));
        } catch (cause) {
          throw inOurWords(cause, folder);
        }
      }
    },
    async get(copy, { take }) {
      demandFolder(folder);
      const from = below(folder, keyOf(copy));
      try {
        for (const chunk of chunksOf(from)) {
          await checkpoint("nothing half-loaded is left");
          take(chunk);
        }
      } catch (cause) {
        if (cause instanceof RollbackError || cause instanceof NotWritten) throw cause;
        if (codeOf(cause) === "ENOENT") throw fail.noCopy(keyOf(copy), folder);
        throw fail.io("read", from, cause);
      }
    },
    async begin(copy, most) {
      return readBeginning(below(folder, keyOf(copy)), most);
    },
    mark: {
      read: () => readMark(place),
      make() {
        try {
          return makeMark(place);
        } catch (cause) {
          throw inOurWords(cause, folder);
        }
      },
    },
  };
}

function demandFolder(folder: AbsPath): void {
  try {
    if (isFolder(folder)) return;
  } catch (cause) {
    throw fail.io("look into", folder, cause);
  }
  throw fail.placeMissing(folder);
}

function readMark({ folder, demandSame }: Place): string | null {
  demandFolder(folder);
  demandSame();
  const text = ifReadable(() => readText(below(folder, MARK_NAME), 1 << 10, { noFollow: true }));
  return MARK.exec(text ?? "")?.[1] ?? null;
}

/** The id in the new mark, or in the one that another push made meanwhile. */
function makeMark(place: Place): string {
  const path = below(place.folder, MARK_NAME);
  const fresh = hiddenBeside(path);
  const id = randomBytes(16).toString("hex");
  try {
    writeNew(fresh, `rollback keeps copies here\n${id}\n`);
    flush([fresh]);
    if (!publish(fresh, path)) {
      const other = readMark(place);
      if (other !== null) return other;
      rename(fresh, path);
    }
    flush([place.folder]);
    return id;
  } finally {
    ifReadable(() => removeFile(fresh));
  }
}

function inOurWords(cause: unknown, folder: AbsPath): unknown {
  if (cause instanceof NotWritten) return fail.io("write to", folder, cause.cause);
  if (cause instanceof RollbackError || codeOf(cause) === undefined) return cause;
  return fail.io("write to", folder, cause);
}

function names(folder: AbsPath): string[] {
  try {
    return namesIn(folder) ?? [];
  } catch (cause) {
    throw fail.io("read", folder, cause);
  }
}

/** A folder, and a check that it is still the one that it was at the start: a disk that is pulled out leaves an empty folder of its name. */
interface Place {
  folder: AbsPath;
  demandSame(): void;
  /** The same of what was written into it: that a folder in it is on the same disk. */
  demandWithin(path: AbsPath): void;
}

function placeAt(folder: AbsPath): Place {
  const start = ifReadable(() => lookThrough(folder));
  return {
    folder,
    demandSame() {
      const now = ifReadable(() => lookThrough(folder));
      if (start == null || now == null || now.dev !== start.dev || now.ino !== start.ino) throw fail.placeGone(folder);
    },
    demandWithin(path) {
      if (look(path)?.dev !== start?.dev) throw fail.placeGone(folder);
    },
  };
}

/** Under a hidden name first, read back, and only then under its own: whoever looks sees a whole archive or none. */
async function putOne(place: Place, file: Local, sending: Sending): Promise<Sent> {
  const { folder, demandSame, demandWithin } = place;
  const target = below(folder, keyOf(file));
  demandSame();
  const standing = await standingThere(target, file, folder, sending);
  if (standing === "same") return "there";
  const made = makeOwnFolders(place, file);
  const fresh = hiddenBeside(target);
  try {
    copyNew(file.path, fresh, { noFollow: true }, PRIVATE);
    flush([fresh]);
    if (hashFile(fresh, { noFollow: true }).hash !== file.hash) throw fail.copyDamaged(keyOf(file), folder);
    demandSame();
    demandWithin(parentOf(fresh));
    if (standing === "useless") rename(fresh, target);
    else if (!publish(fresh, target))
      return (await standingThere(target, file, folder, sending)) === "same" ? "there" : putOne(place, file, sending);
    flush([parentOf(target), ...made.map(parentOf)]);
    demandSame();
    return standing === "useless" ? "replaced" : "sent";
  } finally {
    ifReadable(() => removeFile(fresh));
  }
}

/** The folders of the machine and its project, and no other: what is above them has to be there. */
function makeOwnFolders({ folder }: Place, { machine, project, store }: Local): AbsPath[] {
  const wanted = [below(folder, machine), below(folder, machine, `${project}-${store}`)];
  return wanted.filter((path) => {
    if (look(path) !== null) return false;
    try {
      makeFolder(path, 0o700);
      return true;
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") throw fail.placeGone(folder);
      if (codeOf(cause) === "EEXIST") return false;
      throw cause;
    }
  });
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

/** What stands under a copy's name. Throws `damaged` where it is something else that may be of use. */
async function standingThere(
  target: AbsPath,
  { bytes, hash, ...copy }: Local,
  folder: AbsPath,
  sending: Sending,
): Promise<"nothing" | "same" | "useless"> {
  const stats = look(target);
  if (stats === null) return "nothing";
  if (stats.isFile() && stats.size === bytes && hashFile(target, { noFollow: true }).hash === hash) return "same";
  if (stats.isFile() && (await sending.mayReplace({ ...copy, bytes: stats.size }))) return "useless";
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
