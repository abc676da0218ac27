// How a restore, and the reload after it, is typed; and how its maps are read.
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { absolute } from "../paths.ts";
import type { NamedPlaces } from "../tasks/context.ts";
import { WHOLE } from "../tasks/part.ts";
import type { RestoreRequest, RestoreWords } from "../tasks/restore-terms.ts";
import type { Session } from "./command.ts";

/** The flags that say where root, config and snapshots are, as words. */
export const placeWords = ({ root, config, snapshots }: NamedPlaces): string[] =>
  Object.entries({ root, config, snapshots }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );

type Given = Omit<RestoreRequest, "words" | "ref" | "lockWaitMs" | "patch" | "all" | "verbose">;

/** The preview of a whole snapshot's restore, and the restore that also reloads. */
export const nextRestores = (ref: string, places: NamedPlaces, more: string[] = []): string[][] =>
  [[], ["--force", "--reload", ...more]].map((flags) => ["rollback", "restore", ref, ...placeWords(places), ...flags]);

/** The search for the change that makes checks fail. */
export const searchFor = (ref: string, checks: string[], places: NamedPlaces): string[] => [
  ...["rollback", "bisect", ref, ...placeWords(places), ...each("check", checks)],
  "--force",
];

/** A restore without any flag. */
export const EVERYTHING: Given = {
  only: [],
  except: [],
  maps: [],
  relocate: false,
  allow: [],
  identity: undefined,
  reload: false,
  keepGoing: false,
  part: WHOLE,
};

/** The very command that does what a preview showed, with every flag that changes it. */
export function restoreWords(
  given: Given,
  { globals, world, lists }: Pick<Session, "globals" | "world" | "lists">,
): RestoreWords {
  const { identity, relocate, reload, keepGoing, part } = given;
  const switches = Object.entries({ "keep-secrets": part.keepSecrets, relocate, reload, "keep-going": keepGoing });
  return {
    restore: (named, { allow, relocate: moving, snapshots = globals.snapshots }) => [
      ...["rollback", "restore", ...named, ...placeWords({ ...globals, snapshots })],
      ...(identity === undefined ? [] : ["--identity", identity]),
      ...each("only", given.only),
      ...each("except", given.except),
      ...each("map", lists.map ?? []),
      ...each("allow", [...(lists.allow ?? []), ...allow]),
      ...each("key", part.keys),
      ...each("except-key", part.exceptKeys),
      ...each("hunk", part.hunks.map(String)),
      ...switches.flatMap(([name, isOn]) => (isOn ? [`--${name}`] : [])),
      moving ? "--relocate" : "--force",
    ],
    undo: () => ["rollback", "undo", ...placeWords(globals)],
    reload: (ref) => {
      // A path is typed with the identity that opens it, both whole.
      const opens = identity === undefined || !ref.startsWith("/") ? [] : ["--identity", absolute(identity, world.cwd)];
      return ["rollback", "reload", ref, ...placeWords(globals), ...opens];
    },
  };
}

const each = (flag: string, values: readonly string[]): string[] => values.flatMap((value) => [`--${flag}`, value]);

/** `OLD=NEW`; NEW may be relative to `cwd`. Throws `usage`. */
export function readMap(text: string, cwd: AbsPath): { from: string; to: AbsPath } {
  const at = text.indexOf("=");
  const from = text.slice(0, at).replace(/\/+$/, "");
  const to = text.slice(at + 1);
  if (at < 1 || !from.startsWith("/") || to === "")
    throw fail.badValue("--map", text, "OLD=NEW with OLD an absolute path");
  return { from, to: absolute(to, cwd) };
}
