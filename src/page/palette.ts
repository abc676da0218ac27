// Colours by category: the daily one is grey, the four most frequent others have one each, the rest share the last. Pure.
import type { PageSnapshot } from "./model.ts";
import { natural } from "./words.ts";

const DAILY = "auto-daily";
const OTHERS = 5;

export interface Colours {
  /** The class of a category: `k0` to `k5`. */
  of(category: string | null): string;
  /** Every class that occurs, with what it stands for and how many snapshots it has. */
  legend: { name: string; colour: string; snapshots: number }[];
}

export function coloursOf(snapshots: readonly Pick<PageSnapshot, "category">[]): Colours {
  const tally = new Map<string, number>();
  for (const { category } of snapshots) tally.set(category ?? "", (tally.get(category ?? "") ?? 0) + 1);
  const others = [...tally].filter(([name]) => name !== DAILY && name !== "");
  others.sort((a, b) => b[1] - a[1] || natural(a[0], b[0]));
  const numbers = new Map<string, number>([[DAILY, 0]]);
  for (const [index, [name]] of others.entries()) {
    const isLast = index + 1 >= OTHERS && others.length > OTHERS;
    numbers.set(name, isLast ? OTHERS : index + 1);
  }
  const number = (category: string | null): number => numbers.get(category ?? "") ?? OTHERS;
  const legend = Array.from({ length: OTHERS + 1 }, (_, colour) => {
    const names = [...tally.keys()].filter((name) => number(name) === colour);
    const [only = ""] = names;
    const snapshots = names.reduce((sum, name) => sum + (tally.get(name) ?? 0), 0);
    return { name: names.length === 1 && only !== "" ? only : "others", colour: `k${colour}`, snapshots };
  }).filter(({ snapshots }) => snapshots > 0);
  return { of: (category) => `k${number(category)}`, legend };
}
