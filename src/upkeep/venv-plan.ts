// What a repair of one venv will do: shown by the preview, carried out by venv-repair.ts. Pure.
import type { AbsPath } from "../model.ts";
import { below, nameOf, parentOf } from "../paths.ts";

export interface VenvRepair {
  key: string;
  path: AbsPath;
  problem: string;
  /** Where the venv from before is kept; null where nothing stands at `path`. */
  aside: AbsPath | null;
  /** A repair was cut off: what was there before is in `aside` already, and what stands at `path` is half made. */
  resumes: boolean;
  python: AbsPath;
  /** What the new venv's Python will be, and the minor version that was recorded where that is another. */
  version: string;
  insteadOf: string | null;
  requirements: AbsPath | null;
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
  requirements: AbsPath | null;
  systemPackages: boolean;
}

/** The plan for one venv; `id` (YYYYMMDD_HHMMSS, local time) ends the name under which the old one is kept. */
export function planVenvRepair(facts: RepairFacts, id: string): VenvRepair {
  const { key, path, problem, leftover, wanted, python, requirements, systemPackages } = facts;
  return {
    key,
    path,
    problem,
    aside: leftover ?? (facts.exists ? below(parentOf(path), `${nameOf(path)}.backup_${id}`) : null),
    resumes: leftover !== null,
    python: python.path,
    version: python.version,
    insteadOf: wanted === null || python.version.startsWith(`Python ${wanted}.`) ? null : wanted,
    requirements,
    systemPackages,
  };
}

/** The venv whose old folder this name keeps; null where it is not such a name. */
export const keptFor = (name: string): string | null => /^(.+)\.backup_\d{8}_\d{6}$/.exec(name)?.[1] ?? null;
