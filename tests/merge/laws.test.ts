// What must hold of merging, for documents of every form.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { merge } from "../../src/merge/merge.ts";
import { type Fields, FORMS, fields, key, look, type Value, value } from "./documents.ts";

/** Edits of some top-level keys: a value, or that the key goes. */
const edits = fc.dictionary(key, fc.option(value, { nil: undefined }), { maxKeys: 3 });
const edited = (base: Fields, changes: Record<string, Value | undefined>): Fields =>
  Object.fromEntries(
    Object.entries({ ...base, ...changes }).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
const without = <T>(changes: Record<string, T>, others: Record<string, unknown>): Record<string, T> =>
  Object.fromEntries(Object.entries(changes).filter(([name]) => !(name in others)));

const looks = fc.tuple(look, look, look);
const nested = fc.record({ first: fields, second: fields, third: fc.constantFrom(1, 2) });
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const member = (all: unknown, name: string): unknown =>
  typeof all === "object" && all !== null ? new Map(Object.entries(all)).get(name) : undefined;

describe.each(FORMS)("$name", ({ name, write, read }) => {
  test("what nobody changed is as it is", () =>
    fc.assert(
      fc.asyncProperty(fields, fields, look, look, async (a, x, one, two) => {
        const [base, other] = [write(a, one), write(x, two)];
        const kept = await merge(name, { base, theirs: base, ours: other });
        const taken = await merge(name, { base, theirs: other, ours: base });
        expect([kept.bytes, taken.bytes]).toEqual([other, other]);
      }),
    ));

  test("edits of different keys are all there, on either side", () =>
    fc.assert(
      fc.asyncProperty(fields, edits, edits, look, look, look, async (a, mine, yours, one, two, three) => {
        const theirEdits = without(yours, mine);
        const base = write(a, one);
        const [ours, theirs] = [write(edited(a, mine), two), write(edited(a, theirEdits), three)];
        const both = edited(edited(a, mine), theirEdits);
        for (const states of [
          { base, theirs, ours },
          { base, theirs: ours, ours: theirs },
        ]) {
          const { bytes, conflicts } = await merge(name, states);
          expect(conflicts).toEqual([]);
          expect(bytes === null ? null : read(bytes)).toEqual(both);
        }
      }),
    ));

  test("edits inside of different keys are all there, and other lines keep their bytes", () =>
    fc.assert(
      fc.asyncProperty(nested, fields, fields, looks, async (a, mine, yours, [one, two, three]) => {
        const base = write(a, one);
        const ours = write({ ...a, first: { ...a.first, ...mine } }, two);
        const theirs = write({ ...a, second: { ...a.second, ...yours } }, three);
        const { bytes, conflicts } = await merge(name, { base, theirs, ours });
        expect(conflicts).toEqual([]);
        const wanted = { ...a, first: { ...a.first, ...mine }, second: { ...a.second, ...yours } };
        expect(bytes === null ? null : read(bytes)).toEqual(wanted);
        // Where nothing of ours changed, theirs is taken as it is written.
        if (name === "b.plist" || bytes === null || Buffer.compare(ours, base) === 0) return;
        const [before, after] = [Buffer.from(ours).toString(), Buffer.from(bytes).toString()];
        const head = before.slice(0, before.indexOf("second"));
        const tail = before.slice(before.lastIndexOf("third"));
        expect(after.startsWith(head) && after.endsWith(tail)).toBe(true);
      }),
    ));

  test("whatever the three are, either side's word ends every conflict, and nobody's edit alone is lost", () =>
    fc.assert(
      fc.asyncProperty(fields, edits, edits, looks, async (a, mine, yours, [one, two, three]) => {
        const [mineDone, yoursDone] = [edited(a, mine), edited(a, yours)];
        const states = { base: write(a, one), ours: write(mineDone, two), theirs: write(yoursDone, three) };
        const outcome = await Promise.all(([null, "ours", "theirs"] as const).map((side) => merge(name, states, side)));
        const [, byOurs, byTheirs] = outcome.map(({ bytes }) => (bytes === null ? null : read(bytes)));
        for (const key of Object.keys({ ...a, ...mine, ...yours })) {
          if (same(yoursDone[key], a[key])) expect(member(byTheirs, key)).toEqual(mineDone[key]);
          if (same(mineDone[key], a[key])) expect(member(byOurs, key)).toEqual(yoursDone[key]);
        }
      }),
    ));
});
