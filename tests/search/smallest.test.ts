// Delta debugging, given trials that are functions of the set of changes.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { firstFailing, smallest, trialsFor } from "../../src/search/smallest.ts";

/** Searches `count` changes of which `culprits` must be undone together; counts the trials. */
async function search(count: number, culprits: readonly number[]) {
  let trials = 0;
  const asked = new Set<string>();
  const found = await smallest(count, async (undone) => {
    expect(undone).toEqual([...new Set(undone)].sort((a, b) => a - b));
    if (!asked.has(undone.join())) trials++;
    asked.add(undone.join());
    return culprits.every((culprit) => undone.includes(culprit));
  });
  return { found, trials };
}

const culpritsOf = (count: number, most: number) =>
  fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: Math.min(most, count) });
const inOrder = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

describe("smallest", () => {
  test("finds one to three culprits among any number, within log2 trials each", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }).chain((count) => fc.tuple(fc.constant(count), culpritsOf(count, 3))),
        async ([count, culprits]) => {
          const { found, trials } = await search(count, culprits);
          expect(found).toEqual(inOrder(culprits));
          const each = Math.ceil(Math.log2(count)) + 1;
          expect(trials).toBeLessThanOrEqual(culprits.length * (each + 1));
        },
      ),
    ));

  test("one culprit takes as many trials as was said", async () => {
    for (const count of [1, 2, 3, 41, 200]) {
      const worst = await Promise.all(Array.from({ length: count }, (_, culprit) => search(count, [culprit])));
      expect(Math.max(...worst.map(({ trials }) => trials))).toBeLessThanOrEqual(trialsFor(count));
    }
  });

  test("whatever the check has to do with the changes, the set passes, and no single one of it can be left out", () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.infiniteStream(fc.boolean()), async (count, stream) => {
        const answers = new Map<string, boolean>();
        const passes = async (undone: readonly number[]) => {
          const key = undone.join();
          if (undone.length === 0) return false;
          if (undone.length === count) return true;
          const answer = answers.get(key) ?? stream.next().value === true;
          answers.set(key, answer);
          return answer;
        };
        const found = await smallest(count, passes);
        expect(await passes(found)).toBe(true);
        if (found.length === 1) return;
        // The last look at each was with what was still kept then.
        expect(new Set(found).size).toBe(found.length);
      }),
    ));
});

test("the first state that fails is found by halving", () =>
  fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 500 }), fc.nat(), async (last, at) => {
      const first = 1 + (at % last);
      let trials = 0;
      const found = await firstFailing(last, async (state) => {
        trials++;
        return state < first;
      });
      expect(found).toBe(first);
      expect(trials).toBeLessThanOrEqual(Math.ceil(Math.log2(last)));
    }),
  ));
