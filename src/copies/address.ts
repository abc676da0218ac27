// Where copies go, as the user writes it, and the names they have there. Pure.
import { fail } from "../errors.ts";
import type { AbsPath, SnapshotId } from "../model.ts";
import { absolute, below, nameOf } from "../paths.ts";
import { isSnapshotId } from "../snapshot/id.ts";

export type Address =
  | { type: "folder"; path: AbsPath }
  /** `prefix` is empty or ends in a slash. */
  | { type: "s3"; bucket: string; prefix: string }
  /** A URL, a path or a remote's name; null is the project's own repository. */
  | { type: "git"; remote: string | null };

/** An address as an error may repeat it: without what may be a name, a password or a key in it. */
export const shownAddress = (text: string): string =>
  text
    .replace(/\/\/[\s\S]*@/, "//…@")
    .replace(/^((?:git:)?)[^/@]+:[^/@]+@/, "$1…@")
    .replace(/([?#])[\s\S]*$/, "$1…");

/** `//USER:PASSWORD@`, also with a slash in the password, and `USER:PASSWORD@HOST`. */
const WITH_PASSWORD = /:\/\/[^@]*:[^@]*@|^[^/@]+:[^/@]+@/;

/**
 * Reads `s3://BUCKET/PREFIX`, `git:REMOTE`, `git:.`, or a folder's path, which is taken from `base` where it is relative. `flag` names it
 * in the usage error for one that can't be used: with a password in it, it would stand in lists of processes.
 */
export function parseAddress(
  text: string,
  { base, home, flag }: { base: AbsPath; home: AbsPath; flag: string },
): Address {
  const refuse = (wanted: string) => fail.badValue(flag, shownAddress(text), wanted);
  if (/[\0-\x1f\x7f]/.test(text) || text === "") throw refuse("a folder, s3://BUCKET/PREFIX, git:REMOTE or git:.");
  const bare = text.replace(/^git:/, "");
  if (
    /^(https?|s3):\/\/[^/]*@/i.test(bare) ||
    (bare !== text && WITH_PASSWORD.test(bare)) ||
    /:\/\/[^@]*:[^@]*@/.test(bare)
  )
    throw refuse("an address without a name or password; those belong into git's credential helper, or into ~/.aws");
  if (/^git:https?:\/\/.*[?#]/is.test(text)) throw refuse("an address without a query or a fragment");
  if (text.startsWith("git:")) {
    const remote = text.slice("git:".length);
    if (remote === ".") return { type: "git", remote: null };
    // What begins with a dash is an option to git, and ext::COMMAND runs one.
    if (remote === "" || remote.startsWith("-") || /^[\w+.-]+::/.test(remote))
      throw refuse("git: and a URL, a path or a remote's name");
    return { type: "git", remote: remote.startsWith("~/") ? below(home, remote.slice(2)) : remote };
  }
  if (/^s3:/i.test(text)) {
    const [, bucket, path = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]+[a-z0-9])(?:\/(.*))?$/.exec(text) ?? [];
    const parts = path.split("/").filter((part) => part !== "");
    if (bucket === undefined || parts.some((part) => part === "." || part === ".."))
      throw refuse("s3://BUCKET or s3://BUCKET/PREFIX");
    return { type: "s3", bucket, prefix: parts.map((part) => `${part}/`).join("") };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw refuse("a folder, s3://BUCKET/PREFIX, git:REMOTE or git:.");
  return { type: "folder", path: text.startsWith("~/") ? below(home, text.slice(2)) : absolute(text, base) };
}

/** Whose copies: a snapshots folder, by the names that people know it by. */
export interface Owner {
  machine: string;
  project: string;
  /** The first 8 hex digits of that folder's own id: what keeps equal names apart. */
  store: string;
}

/** One archive at a destination. */
export interface Copy extends Owner {
  id: SnapshotId;
  form: "zip.age" | "zip";
  /** Bytes; null where the destination does not say. */
  bytes: number | null;
}
type Key = Owner & Pick<Copy, "id" | "form">;

/** `MACHINE/PROJECT-STORE/`: what the keys of one owner's copies begin with. */
export const folderOf = ({ machine, project, store }: Owner): string => `${machine}/${project}-${store}/`;

/** `MACHINE/PROJECT-STORE/ID.zip.age`: where an archive stands below any destination. */
export const keyOf = (copy: Key): string => `${folderOf(copy)}${copy.id}.${copy.form}`;

/** The copy that a key names; null for whatever else lies there. */
export function parseKey(key: string): Key | null {
  const [, machine, project, store, id = "", form] =
    /^([\w-]+)\/([\w-]+)-([0-9a-f]{8})\/(\d{8}_\d{6})\.(zip|zip\.age)$/.exec(key) ?? [];
  if (machine === undefined || project === undefined || store === undefined || !isSnapshotId(id)) return null;
  return { machine, project, store, id, form: form as Copy["form"] };
}

/** A name as it stands in keys. */
const inKeys = (name: string): string => name.replace(/[^\w-]+/g, "-").slice(0, 64) || "unnamed";

/** A host's name in keys: its first label, as what follows (`.local`, `.lan`) changes with the network. */
export const hostKey = (host: string): string => inKeys(host.split(".")[0] ?? "");
/** A project's name in keys: that of its folder. */
export const projectKey = (root: AbsPath): string => inKeys(nameOf(root));
