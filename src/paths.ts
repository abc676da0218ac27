// Absolute paths as values: made, joined, taken apart and compared, without a look at any disk.
import { basename, dirname, join, resolve } from "node:path";
import type { AbsPath } from "./model.ts";

/** Makes a path absolute against `base` and removes `.`, `..` and doubled slashes; links are not followed. */
export function absolute(path: string, base: string): AbsPath {
  return resolve(base, path) as AbsPath;
}

/** `child` below the folder `parent`; the parts come from us, never from a stranger. */
export function below(parent: AbsPath, ...parts: string[]): AbsPath {
  return join(parent, ...parts) as AbsPath;
}

export const parentOf = (path: AbsPath): AbsPath => dirname(path) as AbsPath;
export const nameOf = (path: string): string => basename(path);

/** True where `path` is `folder` or lies below it; both normalised, compared by whole parts. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** The folders without those that lie in another one of them. */
export function outermost(folders: AbsPath[]): AbsPath[] {
  return [...new Set(folders)].filter(
    (folder) => !folders.some((other) => other !== folder && isWithin(folder, other)),
  );
}
