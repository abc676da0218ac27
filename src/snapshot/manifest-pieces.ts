// A long manifest entry by entry: as one tree of values, fifty thousand files take a hundred megabytes on the way to what is kept of
// them. Only text that is laid out as formatManifest lays it out is read so; anything else is read whole. Pure.
import { type Fields, isFields } from "../shape.ts";

export const LISTS = ["plist_files", "config_files", "credential_files"];

export interface Pieces {
  /** The manifest; in it each of the lists is an empty one. */
  value: Fields;
  /** The lists that are long, by their keys. Throws a SyntaxError where what it comes to is not a list of values. */
  lists: Map<string, Iterable<unknown>>;
}

/** Null where the text has another layout, or is not JSON. */
export function inPieces(text: string): Pieces | null {
  const lists = new Map<string, Iterable<unknown>>();
  // What no manifest holds by chance stands for a list that was taken out.
  const mark = crypto.randomUUID();
  let rest = "";
  let from = 0;
  for (const key of LISTS) {
    const begin = `\n  "${key}": [\n`;
    const at = text.indexOf(begin, from);
    if (at < 0) continue;
    const first = at + begin.length;
    const end = text.indexOf("\n  ]", first);
    if (end < 0) return null;
    rest += `${text.slice(from, at)}\n  "${key}": "${mark}"`;
    from = end + "\n  ]".length;
    lists.set(key, entriesIn(text, first, end));
  }
  const value = parsed(rest + text.slice(from));
  if (!isFields(value)) return null;
  for (const key of lists.keys()) {
    // Another place than the manifest's own, or a key that stands twice.
    if (value[key] !== mark) return null;
    value[key] = [];
  }
  return { value, lists };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const CLOSE = "\n    }";

/** Each piece is a whole value and a comma stands between two of them: then together they are the list, whatever the layout promised. */
function* entriesIn(text: string, first: number, end: number): Generator<unknown, void> {
  for (let at = first; ; ) {
    const close = text.indexOf(CLOSE, at);
    if (close < 0 || close + CLOSE.length > end) throw new SyntaxError("not a list of maps");
    yield JSON.parse(text.slice(at, close + CLOSE.length));
    at = close + CLOSE.length;
    if (at === end) return;
    if (text[at] !== ",") throw new SyntaxError("not a list of maps");
    at++;
  }
}
