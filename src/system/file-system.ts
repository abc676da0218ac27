// Which file system a path lies on, by the system's own list of mounts. For people to read, and for `doctor`.
import type { AbsPath, Env } from "../model.ts";
import { ifReadable, readText, resolved } from "./files.ts";
import { childEnvironment, run } from "./process.ts";

export interface FileSystem {
  /** `apfs`, `ext4`, `smbfs` …, as the system calls it. */
  type: string;
  /** Where it is mounted. */
  at: string;
  /** Of its mount: `read-only`, `ro`, `nodev`. */
  options: string[];
}

/** File systems that keep no owner and no permissions of a file, or show the same for all. */
const WITHOUT_MODES =
  /^(msdos|vfat|exfat|fat|ntfs3?|ufsd.*|fuseblk|fuse\.(exfat|ntfs|vfat).*|lifs|udf|cifs|smb3?|smbfs|webdav)$/;

/** Whether `chmod` and `chown` mean something there. */
export const keepsModes = (type: string): boolean => !WITHOUT_MODES.test(type);

const MOUNTS_LIMIT_BYTES = 1 << 20;

/** Null where the system does not say. Never throws, and never waits for a mount that does not answer. */
export async function fileSystemOf(path: AbsPath, env: Env): Promise<FileSystem | null> {
  const place = ifReadable(() => resolved(path)) ?? path;
  const mounts =
    process.platform === "darwin"
      ? parseMount(
          (await run(["/sbin/mount" as AbsPath], { env: childEnvironment(env), timeoutMs: 1000 }))?.stdout ?? "",
        )
      : parseMountInfo(ifReadable(() => readText("/proc/self/mountinfo", MOUNTS_LIMIT_BYTES)) ?? "");
  return mountOf(place, mounts);
}

/** The mount with the longest path that leads to a place; of two at one path the later, which hides the other. */
export function mountOf(place: string, mounts: FileSystem[]): FileSystem | null {
  const leading = mounts.filter(({ at }) => at === "/" || place === at || place.startsWith(`${at}/`));
  return leading.reduce<FileSystem | null>(
    (best, mount) => (best === null || mount.at.length >= best.at.length ? mount : best),
    null,
  );
}

/** macOS's mount(8): `/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)`. */
export function parseMount(text: string): FileSystem[] {
  return [...text.matchAll(/ on (\/.*) \(([^()]+)\)$/gm)].map(([, at = "", facts = ""]) => {
    const [type = "", ...options] = facts.split(", ");
    return { type, at, options };
  });
}

/** Linux's mountinfo, proc_pid_mountinfo(5): `36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/root rw`; blanks are `\040`. */
export function parseMountInfo(text: string): FileSystem[] {
  return text.split("\n").flatMap((line) => {
    const [before = "", after] = line.split(" - ");
    const [, , , , at, options = ""] = before.split(" ");
    if (after === undefined || at === undefined) return [];
    const place = at.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    return [{ type: after.split(" ")[0] ?? "", at: place, options: options.split(",") }];
  });
}
