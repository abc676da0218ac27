// How the commands are typed that a search suggests.
import type { BisectRequest } from "../tasks/bisect.ts";
import type { Session } from "./command.ts";
import { placeWords } from "./restore-words.ts";

/** With every flag that was given, as it was given. */
export function bisectWords(
  input: Omit<BisectRequest, "words">,
  { globals }: Session,
  given: Given,
): BisectRequest["words"] {
  const places = placeWords(globals);
  const identity = input.identity === undefined ? [] : ["--identity", input.identity];
  const switches = Object.entries({ "--reload": input.reload, "--apply": input.apply });
  const asGiven = [
    ...places,
    ...identity,
    ...each("--timeout", [given.timeout]),
    ...each("--repeat", [given.repeat]),
    ...each("--only", input.only),
    ...each("--except", input.except),
    ...switches.flatMap(([flag, isOn]) => (isOn ? [flag] : [])),
  ];
  return {
    search: (ref, { between, checks }) => [
      ...["rollback", "bisect", ref, ...each("--check", checks), ...asGiven],
      ...(between ? ["--between", "--force"] : ["--force"]),
    ],
    restore: (ref, only, { keys, hunks }) => [
      ...["rollback", "restore", ref, ...places, ...identity, "--only", only],
      ...[...each("--key", keys), ...each("--hunk", hunks), "--force"],
    ],
    revert: (from, to, only) => ["rollback", "revert", from, to, ...places, ...identity, "--only", only, "--force"],
    undo: () => ["rollback", "undo", ...places],
  };
}

interface Given {
  timeout: string | undefined;
  repeat: string | undefined;
}

const each = (flag: string, values: readonly (string | number | undefined)[]): string[] =>
  values.flatMap((value) => (value === undefined ? [] : [flag, `${value}`]));
