// Every key of a file, for flags that name one. Pure.
import { readDoc } from "./merge.ts";
import { type Node, type Path, partOf, sameNode, Unreadable } from "./node.ts";

/** All paths in a file, outermost first; none where it has no keys that can be read. */
export async function pathsIn(name: string, bytes: Uint8Array): Promise<Path[]> {
  try {
    return [...below((await readDoc(name, bytes)).root, [])];
  } catch (cause) {
    if (cause instanceof Unreadable) return [];
    throw cause;
  }
}

function* below(node: Node, path: Path): Generator<Path> {
  if (node.sort === "leaf") return;
  for (const [index, { key, value }] of node.parts.entries()) {
    const at = [...path, key ?? index];
    yield at;
    yield* below(value, at);
  }
}

/**
 * The innermost paths at which two versions of a file differ; a list counts as one value. Null where one of the two can't be read, or
 * they differ as a whole.
 */
export async function differing(name: string, before: Uint8Array, after: Uint8Array): Promise<Path[] | null> {
  try {
    const [old, now] = [(await readDoc(name, before)).root, (await readDoc(name, after)).root];
    const paths = [...apart(old, now, [])];
    return paths.some((path) => path.length === 0) ? null : paths;
  } catch (cause) {
    if (cause instanceof Unreadable) return null;
    throw cause;
  }
}

function* apart(before: Node | undefined, after: Node | undefined, path: Path): Generator<Path> {
  if (sameNode(before, after)) return;
  if (before?.sort !== "dict" || after?.sort !== "dict") yield path;
  else
    for (const key of new Set([...before.parts, ...after.parts].flatMap((part) => part.key ?? [])))
      yield* apart(partOf(before, key)?.value, partOf(after, key)?.value, [...path, key]);
}
