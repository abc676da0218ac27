// Counts and order as the page writes them. Pure.

/** `1 change`, `3 changes`, `no changes`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count === 0 ? "no" : grouped(count)} ${count === 1 ? one : many}`;

/** `10,000`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** `agent-2` before `agent-10`. Not by Intl's collator: to load its tables takes longer than the rest of the page. */
export function natural(a: string, b: string): number {
  const [first, second] = [keyOf(a), keyOf(b)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

/** A list in the natural order of its names. */
export const inOrder = <T>(items: readonly T[], nameOf: (item: T) => string): T[] =>
  items
    .map((item) => ({ item, key: keyOf(nameOf(item)) }))
    .sort((a, b) => Number(a.key > b.key) - Number(a.key < b.key))
    .map(({ item }) => item);

const keyOf = (text: string): string => text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(16, "0"));
