// Which names may stand in an archive: the same rules for what is written and for what a stranger sends.
import { quoted } from "./zip/error.ts";

/** Bytes of UTF-8: what file systems allow for one part, and macOS for a whole path. */
const LONGEST_PART = 255;
const LONGEST_NAME = 1024;
const MOST_PARTS = 32;
/** Bytes of all names and their folders together, each once: what the most and longest entries of an archive of ours have is less. */
const MOST_IN_ALL = 24 << 20;

/** What is wrong with a single name, as the end of a sentence; undefined where nothing is. A folder's name ends in one `/`. */
export function faultOfName(name: string): string | undefined {
  if (name === "") return "has an empty name";
  if (!name.isWellFormed()) return "is not Unicode";
  if (/\p{Cc}/u.test(name)) return "has a control character in its name";
  if (name.includes("\\")) return "has a backslash in its name";
  if (name.startsWith("/")) return "is an absolute path";
  if (/^[A-Za-z]:/.test(name)) return "begins with a drive letter";
  if (Buffer.byteLength(name) > LONGEST_NAME) return `is longer than ${LONGEST_NAME} bytes`;
  const parts = partsOf(name);
  if (parts.length > MOST_PARTS) return `lies more than ${MOST_PARTS} folders deep`;
  for (const part of parts) {
    if (part === "") return "has an empty part in its name";
    if (part === "." || part === "..") return `has \`${part}\` as a part of its name`;
    if (Buffer.byteLength(part) > LONGEST_PART) return `has a part of more than ${LONGEST_PART} bytes in its name`;
  }
  return undefined;
}

export const isFolderName = (name: string): boolean => name.endsWith("/");
const partsOf = (name: string): string[] => (isFolderName(name) ? name.slice(0, -1) : name).split("/");

export interface NameSet {
  /** Takes a name in; what is wrong with it, alone or beside those before it, as the end of a sentence. */
  add(name: string): string | undefined;
  /** The one folder that all lie below; empty before the first name. */
  top(): string;
}

/**
 * Names that go together: each once, no two that are one where case or Unicode form do not count (their folders neither),
 * none both a file and a folder, and all below one top folder.
 */
export function nameSet(): NameSet {
  const known = new Map<string, { path: string; folder: boolean; entry: boolean }>();
  let top = "";
  let inAll = 0;
  return {
    top: () => top,
    add(name) {
      const fault = faultOfName(name);
      if (fault !== undefined) return fault;
      const parts = partsOf(name);
      if (parts.length === 1 && !isFolderName(name)) return "lies in no folder";
      const first = parts[0] ?? "";
      if (top === "") top = first;
      if (first !== top) return `lies outside the top folder ${quoted(top)}`;
      for (let depth = 1; depth <= parts.length; depth++) {
        const path = parts.slice(0, depth).join("/");
        const entry = depth === parts.length;
        const folder = !entry || isFolderName(name);
        const key = path.normalize("NFC").toLowerCase();
        const other = known.get(key);
        if (other === undefined) {
          inAll += Buffer.byteLength(path);
          if (inAll > MOST_IN_ALL) return "is one too many: all names together are too long";
          known.set(key, { path, folder, entry });
        } else if (other.path !== path)
          return `is one with ${quoted(other.path)} where case or Unicode form do not count`;
        else if (other.folder !== folder) return `needs ${quoted(path)} to be both a file and a folder`;
        else if (entry && other.entry) return "stands in it twice";
        else other.entry ||= entry;
      }
      return undefined;
    },
  };
}
