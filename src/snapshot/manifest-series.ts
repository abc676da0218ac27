// Manifests that are read one after the other. From one day to the next nearly all of them name the same files: that part of the text is
// compared with the one before and parsed only where it differs. Pure.
import type { Manifest } from "../model.ts";
import { parseManifest } from "./manifest-read.ts";

export interface Next {
  /** Where `same`, its files are those of the one before, though they lie in another snapshot. */
  manifest: Manifest;
  same: boolean;
}

/** Reads the next manifest; throws as parseManifest does. */
export function manifestSeries(): (text: string, id: string, path: string) => Next {
  let before: { part: string; files: Manifest["files"] } | null = null;
  return (text, id, path) => {
    const cut = cutFiles(text, id);
    if (cut !== null && cut.part === before?.part) {
      // All else is checked as ever; a second list of files would count, and then nothing is the same.
      const manifest = parseManifest(cut.rest, path);
      if (manifest.files.length === 0) return { manifest: { ...manifest, files: before.files }, same: true };
    }
    const manifest = parseManifest(text, path);
    before = cut === null || cut.backups !== manifest.files.length ? null : { part: cut.part, files: manifest.files };
    return { manifest, same: false };
  };
}

const BEGIN = '\n  "plist_files": [';
const END = '\n  "git_state": ';
const EMPTY = '\n  "plist_files": [],\n  "config_files": [],\n  "credential_files": [],';

/** The lists of files as formatManifest lays them out, without the snapshot's own id, and the text without them. */
function cutFiles(text: string, id: string): { part: string; backups: number; rest: string } | null {
  const from = text.indexOf(BEGIN);
  const to = from < 0 ? -1 : text.indexOf(END, from);
  if (to < 0 || !text.startsWith(",", to - 1)) return null;
  const pieces = text.slice(from, to).split(`/${id}/`);
  const rest = text.slice(0, from) + EMPTY + text.slice(to);
  return { part: pieces.join("//"), backups: pieces.length - 1, rest };
}
