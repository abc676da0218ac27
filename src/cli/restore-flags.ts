// The flags of `restore` that choose a part of each file, and those that say where it goes.
import { fail } from "../errors.ts";
import type { Part } from "../tasks/part.ts";
import type { Session } from "./command.ts";
import { wholeNumber } from "./strict.ts";

export const placeFlags = {
  map: { type: "string", valueHint: "OLD=NEW", description: "Restore what lay below OLD to below NEW (repeatable)" },
  relocate: {
    type: "boolean",
    description: "From another home: move paths, also inside plists and JSON configs, to this one",
  },
  allow: {
    type: "string",
    valueHint: "PREFIX",
    description: "Also write below PREFIX, outside home and root (repeatable)",
  },
} as const;

export const partFlags = {
  key: {
    type: "string",
    valueHint: "PATH",
    description: "Only this key, as diff prints it; the rest of the file stays (repeatable)",
  },
  "except-key": { type: "string", valueHint: "PATH", description: "All but this key (repeatable)" },
  hunk: {
    type: "string",
    valueHint: "N",
    description: "Only this part of a text file, as diff --hunks numbers it (repeatable)",
  },
  "keep-secrets": { type: "boolean", description: "Where a secret differs, today's stays" },
} as const;
export const PART_LISTS = ["key", "except-key", "hunk"];

/** How the help page of `restore` groups its flags. */
export const SECTIONS = {
  "Which files": ["only", "except"],
  "Which part of a file": [...PART_LISTS, "keep-secrets"],
  "From another home": ["relocate", "map", "allow", "identity"],
  How: ["reload", "keep-going", "all", "patch", "verbose", "lock-wait"],
};

/** The part of each file that `--key`, `--except-key`, `--hunk` and `--keep-secrets` leave. Throws `usage`. */
export function partOf(lists: Session["lists"], keepSecrets: boolean): Part {
  const { key: keys = [], "except-key": exceptKeys = [], hunk = [] } = lists;
  const hunks = hunk.map((text) => wholeNumber("--hunk", text, 1));
  if (hunks.length > 0 && keys.length + exceptKeys.length > 0) throw fail.eitherOr("restore", "--hunk", "--key");
  return { keys, exceptKeys, hunks, keepSecrets };
}
