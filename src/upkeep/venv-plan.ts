// What a repair of one venv will do: shown by the preview, carried out by venv-repair.ts. Pure.
import type { AbsPath } from "../model.ts";
import { below, nameOf, parentOf } from "../paths.ts";

/** What fills a new venv, and by which file. */
export interface Install {
  tool: "pip" | "uv" | "poetry";
  file: AbsPath;
  /** uv or poetry; null for pip, which the venv has itself, and where the tool is not here. */
  program: AbsPath | null;
}

export interface VenvRepair {
  key: string;
  path: AbsPath;
  problem: string;
  /** Where the venv from before is kept; null where nothing stands at `path`. */
  aside: AbsPath | null;
  /** A repair was cut off: what was there before is in `aside` already, and what stands at `path` is half made. */
  resumes: boolean;
  /** Where that goes. It is not removed: another run made it, and somebody may have gone on from there. */
  halfMade: AbsPath;
  python: AbsPath;
  /** What the new venv's Python will be, and the minor version that was recorded where that is another. */
  version: string;
  insteadOf: string | null;
  install: Install | null;
  systemPackages: boolean;
}

export interface RepairFacts {
  key: string;
  path: AbsPath;
  problem: string;
  exists: boolean;
  /** The folder in which a repair that was cut off keeps the venv from before. */
  leftover: AbsPath | null;
  /** The recorded minor version: `3.12`. */
  wanted: string | null;
  python: { path: AbsPath; version: string };
  install: Install | null;
  systemPackages: boolean;
}

/** The plan for one venv; `id` (YYYYMMDD_HHMMSS, local time) ends the name under which the old one is kept. */
export function planVenvRepair(facts: RepairFacts, id: string): VenvRepair {
  const { key, path, problem, leftover, wanted, python, install, systemPackages } = facts;
  const beside = (ending: string) => below(parentOf(path), `${nameOf(path)}.${ending}_${id}`);
  return {
    key,
    path,
    problem,
    aside: leftover ?? (facts.exists ? beside("backup") : null),
    resumes: leftover !== null,
    halfMade: beside("unfinished"),
    python: python.path,
    version: python.version,
    insteadOf: wanted === null || python.version.startsWith(`Python ${wanted}.`) ? null : wanted,
    install,
    systemPackages,
  };
}

/** The venv whose old folder this name keeps; null where it is not such a name. */
export const keptFor = (name: string): string | null => /^(.+)\.backup_\d{8}_\d{6}$/.exec(name)?.[1] ?? null;

/** What a venv is made with, and is no loss: newer ones come without. */
const SEEDS = ["pip", "setuptools", "wheel", "distribute"];

/** The packages that were there before and are not any more, by the names of their `.dist-info` folders, as the old one spells them. */
export function missingPackages(before: readonly string[], after: readonly string[]): string[] {
  const now = new Set(after.flatMap((name) => packageOf(name) ?? []).map(normal));
  const then = before.flatMap((name) => packageOf(name) ?? []);
  return then.filter((name) => !now.has(normal(name)) && !SEEDS.includes(normal(name))).sort();
}

/** `google_auth` of `google_auth-2.29.0.dist-info`. */
const packageOf = (folder: string): string | undefined => /^(.+?)-[^-]+\.dist-info$/.exec(folder)?.[1];

/** Names that differ in case, `-`, `_` and `.` alone are one package (PEP 503). */
const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");
