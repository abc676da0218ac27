// Every key of a file, for flags that name one. Pure.
import { readDoc } from "./merge.ts";
import { type Node, type Path, Unreadable } from "./node.ts";

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
