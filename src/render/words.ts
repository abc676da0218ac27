// Numbers and lists as people read them. Pure.

import type { Counts } from "../model.ts";
import type { GitDrift, Origin } from "../tasks/drift.ts";
import { printable } from "../text.ts";

/** A moment in ms since the epoch as JSON has it: RFC 3339, UTC. */
export const utc = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A path with `~` for the home, as a person reads it; not for what a shell is to expand behind `=` or in quotes. */
export function atHome(path: string, home: string): string {
  if (path === home) return "~";
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

const UNITS = ["B", "KiB", "MiB", "GiB"];

/** `117 B`, `3.2 KiB`, `1.0 GiB`. */
export function bytes(count: number): string {
  let value = count;
  for (const unit of UNITS) {
    if (value < 1024 || unit === "GiB") return unit === "B" ? `${value} B` : `${value.toFixed(1)} ${unit}`;
    value /= 1024;
  }
  return `${count} B`;
}

/** `1.2 of 2.6 GiB`, `900 of 1024 B`; both in the unit of the whole. */
export function byteRange(done: number, total: number): string {
  const [whole = "", unit = "B"] = bytes(total).split(" ");
  const power = UNITS.indexOf(unit);
  return `${power === 0 ? done : (done / 1024 ** power).toFixed(1)} of ${whole} ${unit}`;
}

/** `71 plist, 3 config, 🔐 9 credentials`; the last part only where there are any. */
export function counts({ plist, config, credential }: Counts): string {
  const credentials = credential === 0 ? "" : `, 🔐 ${credential} ${credential === 1 ? "credential" : "credentials"}`;
  return `${plist} plist, ${config} config${credentials}`;
}

/** `1 file`, `6 files`. */
export const files = (count: number): string => `${count} ${count === 1 ? "file" : "files"}`;

/** `1 plist`, `71 plists`. */
export const howMany = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** `main at 1a2b3c4d5 at the snapshot, main at 5d4c3b2a1 now: 2 commits ahead, 1 behind`. */
export function gitText({ before, now, ahead, behind }: GitDrift): string {
  const parts = [
    ...(ahead ? [`${ahead} ${ahead === 1 ? "commit" : "commits"} ahead`] : []),
    ...(behind ? [`${behind} behind`] : []),
  ];
  const apart = parts.length === 0 ? "" : `: ${parts.join(", ")}`;
  return `${printable(before)} at the snapshot, ${printable(now)} now${apart}`;
}

/** `studio (home /Users/alex, root /Users/alex/PetesBrain)`. */
export function originText({ host, home, root, original }: Origin): string {
  const place = original ? "the original tool" : printable(host ?? "an unknown host");
  return `${place} (home ${printable(home ?? "unknown")}, root ${printable(root ?? "unknown")})`;
}
