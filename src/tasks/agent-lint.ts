// What is wrong with agents that launchd would take: each by itself, beside all others of its folder, and beside what a restore would bring.
import { incommon, ownWords } from "../launchd/lint.ts";
import { askPlutil, bothWords } from "../launchd/plutil.ts";
import { type Retired, retired } from "../launchd/retired.ts";
import type { AbsPath, Env } from "../model.ts";
import { absolute, below, parentOf } from "../paths.ts";
import { maskValue } from "../secrets/line-secrets.ts";
import { newestComplete } from "../snapshot/capture.ts";
import { ifReadable, namesIn } from "../system/files.ts";
import { type LiveAgent, readAgent } from "./agent-states.ts";
import type { Site } from "./site.ts";

/** Words for each plist, by its path. An agent that `isOff` tells of does nothing beside others. */
export async function lintOf(
  live: readonly LiveAgent[],
  { home, root }: Site,
  isOff: (label: string) => boolean,
): Promise<ReadonlyMap<AbsPath, string[]>> {
  const known = new Map(live.map((one) => [one.path, one]));
  const around = [...new Set(live.map(({ path }) => parentOf(path)))].flatMap(plistsIn);
  const others = await Promise.all(around.filter((path) => !known.has(path)).map(readAgent));
  const together = incommon([...live, ...others].filter(({ label }) => !isOff(label)));
  return new Map(
    live.map(({ path, agent, repeated }) => [
      path,
      [
        ...repeated.map((key) => `the key ${maskValue(key)} stands twice in a dictionary: the last one counts`),
        ...(agent === null ? [] : ownWords(agent, home, [home, root])),
        ...(together.get(path) ?? []),
      ],
    ]),
  );
}

const plistsIn = (folder: AbsPath): AbsPath[] =>
  (ifReadable(() => namesIn(folder)) ?? [])
    .filter((name) => name.endsWith(".plist") && !name.startsWith("."))
    .map((name) => below(folder, name));

/** The agents with plutil's word beside ours, where it has one: what it takes is not malformed, whatever we say of it. */
export async function asPlutilSays(
  env: Env,
  live: readonly LiveAgent[],
): Promise<ReadonlyMap<AbsPath, ReturnType<typeof bothWords>>> {
  const said = await askPlutil(
    env,
    live.map(({ path }) => path),
  );
  return new Map(live.map(({ path, malformed }) => [path, bothWords(malformed, said?.get(path))]));
}

/** Agents that were put out of the way since the newest complete snapshot: its restore would bring them back. */
export async function retiredSince({ store }: Site): Promise<{ id: string | null; retired: Retired[] }> {
  const newest = await newestComplete(store);
  const plists = newest?.manifest.files.filter(({ kind }) => kind === "plist") ?? [];
  return { id: newest?.id ?? null, retired: retired(plists.map(({ original }) => absolute(original, "/"))) };
}
