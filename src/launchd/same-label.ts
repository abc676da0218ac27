// Two plists of one Label, such as Finder's `name 2.plist`: launchd has room for one of them, and the first that it meets wins.
import type { AbsPath } from "../model.ts";
import { below, nameOf } from "../paths.ts";
import { ifReadable, namesIn, readBytes } from "../system/files.ts";
import { parseAgent } from "./agent.ts";

const LIMIT_BYTES = 1 << 20;

/** The plists of a folder, by their Label. */
export async function plistsByLabel(folder: AbsPath): Promise<Map<string, AbsPath[]>> {
  const byLabel = new Map<string, AbsPath[]>();
  const names = ifReadable(() => namesIn(folder)) ?? [];
  for (const name of names.filter((one) => one.endsWith(".plist") && !one.startsWith(".")).sort()) {
    const path = below(folder, name);
    const bytes = ifReadable(() => readBytes(path, LIMIT_BYTES));
    const label = bytes === null ? null : ((await parseAgent(bytes))?.label ?? null);
    if (label !== null) byLabel.set(label, [...(byLabel.get(label) ?? []), path]);
  }
  return byLabel;
}

/** The others of a plist's Label that stand in its way: none where it is the one that is named like its Label. */
export const rivals = (path: AbsPath, label: string, sameLabel: readonly AbsPath[]): AbsPath[] =>
  nameOf(path) === `${label}.plist` ? [] : sameLabel.filter((other) => other !== path);
