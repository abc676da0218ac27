// The flags that `undo` and `revert` share, and how either is typed.

import { fail } from "../errors.ts";
import { absolute } from "../paths.ts";
import { WHOLE } from "../tasks/part.ts";
import type { TakeBackRequest } from "../tasks/take-back.ts";
import type { Session } from "./command.ts";
import { exceptFlag, lockWait, lockWaitMs, onlyFlag } from "./flags.ts";
import { EVERYTHING, restoreWords } from "./restore-words.ts";

export const takeBackFlags = {
  force: { type: "boolean", description: "Do it; without it nothing is changed" },
  only: onlyFlag,
  except: exceptFlag,
  ours: { type: "boolean", description: "Where both changed the same, keep what is there now" },
  theirs: { type: "boolean", description: "Where both changed the same, bring back what was there before" },
  allow: {
    type: "string",
    valueHint: "PREFIX",
    description: "Also write below PREFIX, outside home and root (repeatable)",
  },
  reload: { type: "boolean", description: "Then reload the agents whose plist changed" },
  "lock-wait": lockWait,
} as const;

interface Given {
  ours?: boolean | undefined;
  theirs?: boolean | undefined;
  reload?: boolean | undefined;
  "lock-wait"?: string | undefined;
  identity?: string | undefined;
}

/** What the flags ask for. */
export function takeBackRequest(
  given: Given,
  session: Session,
  command: "undo" | "revert",
  moved: Pick<TakeBackRequest, "maps" | "relocate"> = EVERYTHING,
): TakeBackRequest {
  const { lists, world } = session;
  if (given.ours === true && given.theirs === true) throw fail.eitherOr(command, "--ours", "--theirs");
  const input = {
    only: lists.only ?? [],
    except: lists.except ?? [],
    maps: moved.maps,
    relocate: moved.relocate,
    allow: (lists.allow ?? []).map((text) => absolute(text, world.cwd)),
    identity: given.identity,
    reload: given.reload === true,
    keepGoing: false,
    part: WHOLE,
  };
  const words = restoreWords(input, session);
  const flags = Object.entries({ ours: given.ours, theirs: given.theirs }).flatMap(([name, on]) =>
    on === true ? [`--${name}`] : [],
  );
  const restore: typeof words.restore = (named, more) => {
    const [rollback = "", , ...typed] = words.restore(named, more);
    return [rollback, command, ...typed.slice(0, -1), ...flags, ...typed.slice(-1)];
  };
  const decide = given.ours === true ? "ours" : null;
  return {
    ...input,
    decide: given.theirs === true ? "theirs" : decide,
    lockWaitMs: lockWaitMs(given["lock-wait"]),
    words: { ...words, restore },
  };
}
