// What agents that launchd would take do all the same that nobody can mean: alone, and beside one another.
import type { AbsPath } from "../model.ts";
import { isWithin, nameOf, parentOf } from "../paths.ts";
import { maskValue } from "../secrets/line-secrets.ts";
import { ifReadable, resolved } from "../system/files.ts";
import type { Agent } from "./agent.ts";

export interface Linted {
  path: AbsPath;
  label: string;
  agent: Agent | null;
}

/** What is wrong with one agent's own words; `home` is what `~` and `$HOME` should be. */
export function ownWords({ logs, workingDirectory }: Agent, home: AbsPath, inside: readonly AbsPath[]): string[] {
  const paths = { StandardOutPath: logs.out, StandardErrorPath: logs.error, WorkingDirectory: workingDirectory };
  const unexpanded = Object.entries(paths).flatMap(([key, path]) => {
    const rest = /^(?:~|\$HOME|\$\{HOME\})(\/.*)?$/.exec(path ?? "");
    if (rest === null) return [];
    return [
      `launchd does not expand ${path?.startsWith("~") ? "~" : "$HOME"} in ${key}: write ${maskValue(home + (rest[1] ?? ""))}`,
    ];
  });
  const folders = new Set(
    [logs.out, logs.error].flatMap((log) => (log?.startsWith("/") ? [parentOf(log as AbsPath)] : [])),
  );
  return [...unexpanded, ...[...folders].flatMap((folder) => leadsOut(folder, inside))];
}

/** A folder of logs below one of these that is, or lies behind, a link to somewhere below none of them. */
function leadsOut(folder: AbsPath, inside: readonly AbsPath[]): string[] {
  const holder = inside.find((one) => isWithin(folder, one));
  const real = holder === undefined ? null : ifReadable(() => resolved(folder));
  if (real === null || inside.some((one) => isWithin(real, ifReadable(() => resolved(one)) ?? one))) return [];
  return [`the folder of its log leads out by a link: ${maskValue(folder)} is ${maskValue(real)}`];
}

/** What agents have in common that only one of them should have, by the path of each. */
export function incommon(all: readonly Linted[]): Map<AbsPath, string[]> {
  const told = new Map<AbsPath, string[]>();
  const tell = (holders: Map<string, Linted[]>, words: (others: string, what: string) => string) => {
    for (const [what, several] of holders)
      for (const { path, label } of several) {
        // Two plists of one Label are told as that.
        const others = several.filter((other) => other.label !== label).map((other) => nameOf(other.path));
        if (others.length > 0)
          told.set(path, [...(told.get(path) ?? []), words([...new Set(others)].join(", "), what)]);
      }
  };
  tell(
    groupsOf(all, (agent) => [workOf(agent)].filter((work) => work !== null)),
    (others) => `does the same as ${others}: one program with the same arguments`,
  );
  tell(
    groupsOf(all, ({ ports }) => ports),
    (others, port) => `listens on ${port}, as ${others}`,
  );
  return told;
}

function groupsOf(all: readonly Linted[], keysOf: (agent: Agent) => string[]): Map<string, Linted[]> {
  const groups = new Map<string, Linted[]>();
  for (const one of all)
    for (const key of one.agent === null ? [] : new Set(keysOf(one.agent)))
      groups.set(key, [...(groups.get(key) ?? []), one]);
  return groups;
}

/** What an agent does, to be compared; null for a program of the system's without arguments, which does nothing to speak of. */
function workOf({ program, words, workingDirectory, variables }: Agent): string | null {
  if (program === null || (words.length === 0 && /^(\/usr)?\/s?bin\/|^[^/]*$/.test(program))) return null;
  return JSON.stringify([program, words, workingDirectory, variables]);
}
