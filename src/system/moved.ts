// Where a folder went that somebody moved: its inode tells, not its name.
import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync, statSync } from "node:fs";
import type { AbsPath } from "../model.ts";

export interface HeldFolder {
  /** Its path now; null where it was removed, or nobody can tell. */
  path(): AbsPath | null;
  release(): void;
}

/** Keeps hold of a folder. The caller releases. */
export function holdFolder(path: AbsPath): HeldFolder {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  const { dev, ino } = fstatSync(fd);
  const isIt = (candidate: string): boolean => {
    try {
      const stats = statSync(candidate);
      return stats.dev === dev && stats.ino === ino;
    } catch {
      return false;
    }
  };
  return {
    path() {
      if (isIt(path)) return path;
      const now = whereIs(fd, dev, ino);
      return now !== null && isIt(now) ? (now as AbsPath) : null;
    },
    release: () => closeSync(fd),
  };
}

/** Linux names an open file in /proc (proc(5)); macOS finds any file below /.vol by its numbers (volfs). */
function whereIs(fd: number, dev: number, ino: number): string | null {
  try {
    return process.platform === "darwin"
      ? realpathSync.native(`/.vol/${dev}/${ino}`)
      : readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}
