// Two spellings of one name: which of them a file system takes for the same file, and how it spells it itself. It is asked, since a Mac's
// disk may tell cases apart and a stick on Linux may not.
import type { AbsPath } from "../model.ts";
import { below, nameOf, parentOf } from "../paths.ts";
import { entriesIn, ifReadable, lookThrough, namesIn } from "./files.ts";

/** Whether two names are one: in Unicode's composed form, and where case is ignored without it. */
const isSame = (one: string, other: string, caseless: boolean): boolean =>
  folded(one, caseless) === folded(other, caseless);

/** The form in which names are compared. Mac programs write NFD, keyboards NFC. */
export const folded = (name: string, caseless: boolean): string => {
  const composed = name.normalize("NFC");
  return caseless ? composed.toLowerCase() : composed;
};

/** By device: one file system is asked once. */
const answers = new Map<number, boolean>();

/** Whether the file system takes `a` and `A` for one name where a path lies, or would lie. False where nobody can tell. */
export function ignoresCase(path: AbsPath): boolean {
  return ifReadable(() => ask(path)) ?? false;
}

function ask(path: AbsPath): boolean {
  let at = path;
  let stats = lookThrough(at);
  while (stats?.isDirectory() !== true && at !== "/") {
    at = parentOf(at);
    stats = lookThrough(at);
  }
  if (stats === null) return false;
  const known = answers.get(stats.dev);
  if (known !== undefined) return known;
  const answer = tryOtherCase(at, stats.dev);
  answers.set(stats.dev, answer);
  return answer;
}

const SWAPPED = /\p{Lu}|\p{Ll}/gu;
const swapped = (name: string): string =>
  name.replace(SWAPPED, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));

/** By the folder's own name, or where that is another file system's, by a name in it. */
function tryOtherCase(folder: AbsPath, device: number): boolean {
  const isTop = folder === "/" || lookThrough(parentOf(folder))?.dev !== device;
  const own = isTop ? undefined : folder;
  const path = own !== undefined && swapped(nameOf(own)) !== nameOf(own) ? own : letteredIn(folder);
  if (path === null) return false;
  const other = lookThrough(below(parentOf(path), swapped(nameOf(path))));
  const stats = lookThrough(path);
  return stats !== null && other?.ino === stats.ino && other.dev === stats.dev;
}

function letteredIn(folder: AbsPath): AbsPath | null {
  const entry = entriesIn(folder).find(({ name }) => swapped(name) !== name);
  return entry === undefined ? null : below(folder, entry.name);
}

const folders = new Map<AbsPath, AbsPath>();

/**
 * A path as the disk spells it: each name that is there in another case or Unicode form, and by which the file system finds it, gets the
 * disk's form. Names that are not there, or can't be listed, stay. Links are not followed.
 */
export function asSpelled(path: AbsPath): AbsPath {
  if (path === "/" || (isAscii(path) && !ignoresCase(path))) return path;
  return spelledIn(asSpelledFolder(parentOf(path)), nameOf(path));
}

/** The same for a folder; remembered, since many paths lie in it. */
export function asSpelledFolder(folder: AbsPath): AbsPath {
  const known = folders.get(folder);
  if (known !== undefined) return known;
  const spelled = asSpelled(folder);
  folders.set(folder, spelled);
  return spelled;
}

const isAscii = (name: string): boolean => /^[\0-\x7f]*$/.test(name);

/** A name in a folder, as the disk spells it. */
export function spelledIn(folder: AbsPath, name: string): AbsPath {
  const path = below(folder, name);
  const caseless = ignoresCase(folder);
  if (isAscii(name) && !caseless) return path;
  const names = ifReadable(() => namesIn(folder));
  if (names === null || names.includes(name)) return path;
  const twin = names.find((one) => isSame(one, name, caseless));
  return twin === undefined ? path : below(folder, twin);
}
