// One captured file → the places in it at which a sought secret value stands: its keys, its lines, and how it is written there. Pure.
import type { Kind } from "../model.ts";
import { type Form, formsOf, type Written } from "./forms.ts";
import { lookInside } from "./look-inside.ts";
import { type Search, searchFor } from "./search.ts";
import { secretValuesIn } from "./values.ts";

/** Characters of the shortest value whose places can be asked for. */
export const SHORTEST_ASKED = 6;
/** A shorter value is sought as a word of its own: inside other words it stands by chance. */
const SHORTEST_INSIDE = 12;

export interface Places {
  /** As `diff` prints them; none where the judge does not know it as a value of its own. */
  keys: string[];
  /** The first is 1; none in what has no lines. */
  lines: number[];
  written: Written[];
}

type Sought = Form & { value: string };

/** Finds the places of these values in one file after the other. A file that holds none of them has no entry. */
export function placesOf(
  values: readonly string[],
): (file: { path: string; kind: Kind }, bytes: Uint8Array) => Promise<Map<string, Places>> {
  const sought = values.flatMap((value) => formsOf(value).map((form): Sought => ({ ...form, value })));
  const search = wordwise(
    searchFor(
      sought.map((what) => ({ bytes: what.bytes, what })),
      SHORTEST_ASKED,
    ),
  );
  return async (file, bytes) => {
    const found = new Map<string, Places>();
    const at = (value: string): Places => {
      const places = found.get(value) ?? { keys: [], lines: [], written: [] };
      found.set(value, places);
      return places;
    };
    for (const { what, line, coded } of (await lookInside(bytes, search)).places) {
      const { lines, written } = at(what.value);
      if (line !== null && !lines.includes(line)) lines.push(line);
      const form = coded ? "base64" : what.written;
      if (!written.includes(form)) written.push(form);
    }
    for (const { key, value } of await secretValuesIn(file, bytes, SHORTEST_ASKED)) {
      if (!values.includes(value)) continue;
      const { keys } = at(value);
      if (key !== null && !keys.includes(key)) keys.push(key);
    }
    return found;
  };
}

const CODED: readonly Written[] = ["base64", "hex"];

function wordwise(search: Search<Sought>): Search<Sought> {
  return {
    ...search,
    in: (bytes) =>
      search.in(bytes).filter(({ what: { value, written, bytes: form }, offset }) => {
        if (value.length >= SHORTEST_INSIDE || CODED.includes(written)) return true;
        return !isWordSign(bytes[offset - 1]) && !isWordSign(bytes[offset + form.length]);
      }),
  };
}

const isWordSign = (byte: number | undefined): boolean =>
  byte !== undefined && /[A-Za-z0-9]/.test(String.fromCharCode(byte));
