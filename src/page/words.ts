// Counts and order as the page writes them. Pure.

/** `1 change`, `3 changes`, `no changes`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count === 0 ? "no" : grouped(count)} ${count === 1 ? one : many}`;

/** `10,000`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

const collator = new Intl.Collator("en", { numeric: true });
/** `agent-2` before `agent-10`. */
export const natural = (a: string, b: string): number => collator.compare(a, b);
