// The name under which a file is stored in its snapshot's folder. Pure.
import { CryptoHasher } from "bun";
import { FOLDER, type Found, type Kind, type StoredPath } from "../model.ts";

/** Leaves room below the 255 bytes that file systems allow, for a suffix and for archive tools. */
const LONGEST_BYTES = 200;

/** Gives out stored paths, no two of which are one on a file system that ignores case and Unicode form. */
export function storedNames(): (found: Pick<Found, "kind" | "name" | "path">) => StoredPath {
  const taken = new Set<string>();
  return (found) => {
    const folder = FOLDER[found.kind];
    const plain = shorten(plainName(baseName(found.kind, found.name)), found.path);
    const free = [plain, withSuffix(plain, found.path)].find((name) => !taken.has(twin(folder, name)));
    const name = free ?? withSuffix(plain, `${found.path}\0${taken.size}`);
    taken.add(twin(folder, name));
    return `${folder}/${name}` as StoredPath;
  };
}

const twin = (folder: string, name: string): string => `${folder}/${name.normalize("NFC").toLowerCase()}`;

/** What archives can't hold, or a shell and a terminal stumble over, becomes `_`; the manifest keeps the true name. */
const plainName = (name: string): string => name.replace(/[\0-\x1f\x7f\\]|^\.{1,2}$/g, "_");

function baseName(kind: Kind, name: string): string {
  if (kind === "plist") return name;
  if (kind === "config") return name.length > 1 ? name.replace(/^\./, "") : name;
  return name.replace(/^~\//, "home/").replace(/^\//, "abs/").replaceAll("/", "_");
}

/** `name-1a2b3c4d.ext`: eight hex digits of the SHA-256 of where the file came from. */
function withSuffix(name: string, origin: string): string {
  const hash = new CryptoHasher("sha256").update(origin).digest("hex").slice(0, 8);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? `${name.slice(0, dot)}-${hash}${name.slice(dot)}` : `${name}-${hash}`;
}

function shorten(name: string, origin: string): string {
  if (Buffer.byteLength(name) <= LONGEST_BYTES) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && name.length - dot <= 10 ? name.slice(dot) : "";
  let head = name.slice(0, name.length - extension.length);
  while (Buffer.byteLength(head) > LONGEST_BYTES - 20) head = [...head].slice(0, -1).join("");
  return withSuffix(head + extension, origin);
}
