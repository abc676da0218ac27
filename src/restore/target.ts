// From a manifest's `original` to the path that a restore may think about. Pure.
import type { AbsPath, Manifest } from "../model.ts";

/** `--map OLD=NEW`: paths at or below OLD go to the same place at or below NEW. */
export interface PathMap {
  from: string;
  to: AbsPath;
}

/** The live path of a stored file, or why a path like this is never written. */
export function targetPath(
  original: string,
  maps: PathMap[],
  isChosen = false,
): { path: AbsPath } | { refused: string } {
  // Newline and tab stand in real names; the rest of the control characters as a rule only in made-up ones.
  if (original.includes("\0") || (!isChosen && /[\x01-\x08\x0b-\x1f\x7f]/.test(original)))
    return { refused: "holds control characters: only a file that --only names is restored so" };
  if (!original.startsWith("/")) return { refused: "is not absolute" };
  const parts = original.split("/").slice(1);
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    return { refused: "is not plain: it holds an empty part, `.` or `..`" };
  const map = maps.find(({ from }) => original === from || original.startsWith(`${from}/`));
  return { path: (map === undefined ? original : map.to + original.slice(map.from.length)) as AbsPath };
}

/** A recorded root and home, which may be one inside the other, as maps to what they are elsewhere. */
export function movedPlaces(recorded: RecordedPlaces, here: RecordedPlaces): PathMap[] {
  const moved = [
    { from: recorded.root, to: here.root },
    { from: recorded.home, to: here.home },
  ].flatMap(({ from, to }) => (from === null || to === null || from === to ? [] : [{ from: from as string, to }]));
  return moved.sort((a, b) => b.from.length - a.from.length);
}
type RecordedPlaces = Pick<Manifest, "home" | "root">;
