// Three states of a value → one, as a plan that says of each part where its text comes from. Nothing is decided by silence: what both
// sides changed in different ways is a conflict. Pure.
import { type Branch, canon, canonOf, type Node, type Part, type Path, partOf, sameNode } from "./node.ts";
import { type Region, regions } from "./regions.ts";

export type Side = "ours" | "theirs";

/** What is to stand at one place. */
export type Want =
  /** As that side has it. */
  | { from: Side; node: Node }
  /** A branch whose text is that side's, but for some of its parts. */
  | { from: "parts"; basis: Side; node: Branch; parts: WantPart[] };

export interface WantPart {
  key: string | null;
  /** The part of the basis that it stands in for; null for a new one. */
  at: Part | null;
  /** The part whose text a new one takes, when it is taken whole. */
  part: Part | null;
  want: Want;
}

/** Which differences of `theirs` are taken, where not all are: what lies at a path, nothing of it, or some of what is inside. */
export type Choose = (path: Path) => "all" | "none" | "inside";

export interface Merging {
  /** Who wins where both changed the same; null where nobody decided. */
  decide: Side | null;
  choose: Choose | null;
  /** Where both changed the same in different ways. */
  conflicts: Path[];
}

/** Lists whose order means something: what both sides added to one place can't be put in order by us. */
const ORDERED = /^(program_?arguments|args?|arguments|argv|command|cmd|entrypoint|run|steps?|script)$/i;
/** Members that name an item of a list. */
const NAMING = ["Label", "label", "Name", "name", "ID", "Id", "id", "key", "uuid", "SockPathName"];

/** Undefined where nothing is to stand. Arguments are undefined where nothing stands. */
export function three(
  base: Node | undefined,
  theirs: Node | undefined,
  ours: Node | undefined,
  merging: Merging,
  path: Path = [],
): Want | undefined {
  const mine = ours === undefined ? undefined : { from: "ours" as const, node: ours };
  if (sameNode(theirs, ours) || sameNode(base, theirs)) return mine;
  const chosen = merging.choose?.(path) ?? "all";
  if (chosen === "none") return mine;
  const inside = chosen === "all" ? { ...merging, choose: null } : merging;
  const merged = mergeBranches(base, theirs, ours, inside, path);
  if (merged !== null) return merged.want;
  // Only a part of it was chosen, and it has no parts.
  if (chosen === "inside") return mine;
  if (sameNode(base, ours)) return theirs === undefined ? undefined : { from: "theirs", node: theirs };
  return settle(theirs, ours, merging, path);
}

/** Both changed it. */
function settle(theirs: Node | undefined, ours: Node | undefined, merging: Merging, path: Path): Want | undefined {
  if (merging.decide === null) merging.conflicts.push(path);
  if (merging.decide === "theirs") return theirs === undefined ? undefined : { from: "theirs", node: theirs };
  return ours === undefined ? undefined : { from: "ours", node: ours };
}

/** Null where the three can't be merged part by part. */
function mergeBranches(
  base: Node | undefined,
  theirs: Node | undefined,
  ours: Node | undefined,
  merging: Merging,
  path: Path,
): { want: Want | undefined } | null {
  const partial = merging.choose !== null;
  if (isDict(theirs) && isDict(ours) && (base === undefined || isDict(base)))
    return { want: byKey(base, theirs, ours, merging, path) };
  // One side has none of it: of a choice inside, the other side's part is made or taken away.
  if (partial && isDict(theirs) && ours === undefined) {
    const want = byKey(undefined, theirs, emptyOf(theirs), merging, path);
    return { want: want.from === "parts" && want.parts.length === 0 ? undefined : want };
  }
  if (partial && theirs === undefined && isDict(ours)) {
    const want = byKey(ours, emptyOf(ours), ours, merging, path);
    return { want: want.from === "parts" && want.parts.length === 0 ? undefined : want };
  }
  if (!isList(base) || !isList(theirs) || !isList(ours)) return null;
  const want = partial ? byIndex(base, theirs, ours, merging, path) : byContent({ base, theirs, ours }, merging, path);
  return want === null ? null : { want };
}

const isDict = (node: Node | undefined): node is Branch => node?.sort === "dict";
const isList = (node: Node | undefined): node is Branch => node?.sort === "list";
const emptyOf = (node: Branch): Branch => ({ ...node, parts: [] });

/** Ours in its order; what theirs has more comes behind the part that it follows there. */
function byKey(base: Branch | undefined, theirs: Branch, ours: Branch, merging: Merging, path: Path): Want {
  const step = (list: Branch, part: Part) => (list.sort === "list" ? list.parts.indexOf(part) : (part.key ?? ""));
  const find = (list: Branch | undefined, key: string | null) => list?.parts.find((part) => part.key === key);
  const parts: WantPart[] = ours.parts.flatMap((part) => {
    const { key } = part;
    const theirPart = find(theirs, key);
    const below = [...path, step(ours, part)];
    const want = three(find(base, key)?.value, theirPart?.value, part.value, merging, below);
    return want === undefined ? [] : [{ key, at: part, part: theirPart ?? null, want }];
  });
  for (const [index, part] of theirs.parts.entries()) {
    const { key } = part;
    if (find(ours, key) !== undefined) continue;
    const want = three(find(base, key)?.value, part.value, undefined, merging, [...path, step(theirs, part)]);
    if (want === undefined) continue;
    const earlier = theirs.parts.slice(0, index).map((other) => other.key);
    const after = parts.findLastIndex((other) => earlier.includes(other.key));
    parts.splice(after + 1, 0, { key, at: null, part, want });
  }
  return partsOf(ours, theirs, parts);
}

/** Where ours has no parts, there is no form of ours to keep. */
function partsOf(ours: Branch, theirs: Branch, parts: WantPart[]): Want {
  if (ours.parts.length > 0 || parts.length === 0) return { from: "parts", basis: "ours", node: ours, parts };
  return { from: "parts", basis: "theirs", node: theirs, parts: parts.map((part) => ({ ...part, at: part.part })) };
}

/** For paths with an index: `diff` lays lists side by side. */
function byIndex(base: Branch, theirs: Branch, ours: Branch, merging: Merging, path: Path): Want | null {
  if (theirs.parts.length !== ours.parts.length || base.parts.length !== ours.parts.length) return null;
  return { from: "parts", basis: "ours", node: ours, parts: pairs({ base, theirs, ours }, WHOLE, merging, path) };
}
const WHOLE = { from: 0, to: Number.POSITIVE_INFINITY };

interface Lists {
  base: Branch;
  theirs: Branch;
  ours: Branch;
}

/** Items laid side by side; what theirs has more comes last. */
function pairs(
  lists: Lists,
  spans: Pick<Region, "base" | "theirs" | "ours"> | typeof WHOLE,
  merging: Merging,
  path: Path,
): WantPart[] {
  const cut = (side: keyof Lists) => {
    const { from, to } = "from" in spans ? spans : spans[side];
    return lists[side].parts.slice(from, to);
  };
  const [base, theirs, ours] = [cut("base"), cut("theirs"), cut("ours")];
  const first = "from" in spans ? 0 : spans.ours.from;
  const laid = ours.flatMap((part, index): WantPart[] => {
    const theirPart = theirs[index];
    const want = three(base[index]?.value, theirPart?.value, part.value, merging, [...path, first + index]);
    return want === undefined ? [] : [{ key: null, at: part, part: theirPart ?? null, want }];
  });
  return [...laid, ...theirs.slice(ours.length).map(taken)];
}

const taken = (part: Part): WantPart => ({ key: null, at: null, part, want: { from: "theirs", node: part.value } });
const kept = (part: Part): WantPart => ({ key: null, at: part, part: null, want: { from: "ours", node: part.value } });

/** Items are told by what they hold, or by the name that they bear. */
function byContent(lists: Lists, merging: Merging, path: Path): Want {
  const { base, theirs, ours } = lists;
  const naming = NAMING.find((name) => [base, theirs, ours].every((list) => isNamed(list, name)));
  if (naming !== undefined) {
    const named = (list: Branch): Branch => ({
      ...list,
      parts: list.parts.map((part) => ({ ...part, key: nameOf(part, naming) })),
    });
    const [a, b] = [named(theirs), named(ours)];
    if (inOneOrder(a, b)) return byKey(named(base), a, b, merging, path);
  }
  const canons = (list: Branch) => list.parts.map(({ value }) => canon(value));
  const parts = regions(canons(base), canons(theirs), canons(ours)).flatMap((region): WantPart[] => {
    const own = ours.parts.slice(region.ours.from, region.ours.to);
    if (region.changed === "theirs") return pairs(lists, region, merging, path);
    return region.changed === "both" ? bothChanged(lists, region, merging, path) : own.map(kept);
  });
  return partsOf(ours, theirs, parts);
}

const nameOf = (part: Part, naming: string): string | null => {
  const name = partOf(part.value, naming)?.value;
  return name?.sort === "leaf" ? name.is : null;
};

function isNamed(list: Branch, naming: string): boolean {
  const names = list.parts.map((part) => nameOf(part, naming));
  return names.length > 0 && !names.includes(null) && new Set(names).size === names.length;
}

function inOneOrder(a: Branch, b: Branch): boolean {
  const keys = (list: Branch, other: Branch) =>
    list.parts.map(({ key }) => key).filter((key) => other.parts.some((part) => part.key === key));
  return keys(a, b).join("\n") === keys(b, a).join("\n");
}

/** One place of a list that both sides changed. */
function bothChanged(lists: Lists, region: Region, merging: Merging, path: Path): WantPart[] {
  const cut = (side: keyof Lists) => lists[side].parts.slice(region[side].from, region[side].to);
  const [base, theirs, ours] = [cut("base"), cut("theirs"), cut("ours")];
  const alike = base.length === theirs.length && base.length === ours.length;
  if (alike && [...base, ...theirs, ...ours].every(({ value }) => value.sort === "dict"))
    return pairs(lists, region, merging, path);
  const union = unite(base, theirs, ours);
  if (union !== null && !ORDERED.test(String(path.at(-1)))) return union;
  if (merging.decide === null) merging.conflicts.push(path);
  return merging.decide === "theirs" ? theirs.map(taken) : ours.map(kept);
}

/** What each took away is away, what each added is there; null where both replaced the same. */
function unite(base: Part[], theirs: Part[], ours: Part[]): WantPart[] | null {
  const canons = (parts: Part[]) => parts.map(({ value }) => canon(value));
  const [b, t, o] = [canons(base), canons(theirs), canons(ours)];
  if ([b, t, o].some((list) => new Set(list).size < list.length)) return null;
  if (b.some((item) => !t.includes(item) && !o.includes(item))) return null;
  const united = ours.filter(({ value }) => t.includes(canon(value)) || !b.includes(canon(value))).map(kept);
  for (const [index, part] of theirs.entries()) {
    if (b.includes(canon(part.value)) || o.includes(canon(part.value))) continue;
    const earlier = t.slice(0, index);
    const after = united.findLastIndex(({ want }) => earlier.includes(canonWant(want)));
    united.splice(after === -1 ? united.length : after + 1, 0, taken(part));
  }
  return united;
}

/** What tells the merged value apart. */
export function canonWant(want: Want): string {
  if (want.from !== "parts") return canon(want.node);
  return canonOf(
    want.node.sort,
    want.parts.map(({ key, want: below }) => [key, canonWant(below)]),
  );
}
