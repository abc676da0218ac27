// Delta debugging: the smallest set of changes whose undoing makes a check pass. Pure, given a trial. After A. Zeller and R. Hildebrandt,
// "Simplifying and Isolating Failure-Inducing Input" (2002); the halving keeps one state that fails and one that passes, so what it
// ends with was seen, whatever the changes have to do with each other.

/** Undoes these of the changes, by number, and says whether the check passes then. */
export type Trial = (undone: readonly number[]) => Promise<boolean>;

/** How many changes may still be the next one that is needed, after each trial. */
export type Narrowed = (possible: number) => void;

/**
 * Which of `count` changes must be undone, in ascending order, so that the check passes and no single one of them can be left out. The
 * caller has seen that it fails with none and passes with all undone. One culprit takes log2 of `count` trials and one more, each
 * further one as many again.
 */
export async function smallest(count: number, passes: Trial, narrowed: Narrowed = () => {}): Promise<number[]> {
  const needed: number[] = [];
  let rest = Array.from({ length: count }, (_, index) => index);
  while (rest.length > 0) {
    if (needed.length > 0 && (await passes(sorted(needed)))) break;
    // With the first `few` of the rest it fails, with the first `enough` it passes.
    let [few, enough] = [0, rest.length];
    while (enough - few > 1) {
      const half = (few + enough) >> 1;
      if (await passes(sorted([...needed, ...rest.slice(0, half)]))) enough = half;
      else few = half;
      narrowed(enough - few);
    }
    needed.push(...rest.slice(enough - 1, enough));
    rest = rest.slice(0, enough - 1);
  }
  return withoutSpare(needed, passes);
}

/** Leaves out what turns out not to be needed beside the others. */
async function withoutSpare(needed: number[], passes: Trial): Promise<number[]> {
  let kept = sorted(needed);
  for (const one of kept) {
    if (kept.length === 1) break;
    const others = kept.filter((other) => other !== one);
    if (await passes(others)) kept = others;
  }
  return kept;
}

const sorted = (numbers: number[]): number[] => numbers.toSorted((a, b) => a - b);

/** How many trials one culprit among `count` changes takes. */
export const trialsFor = (count: number): number => (count <= 1 ? 0 : Math.ceil(Math.log2(count)) + 1);

/** The first of states 1 to `last` in which the check fails: it passes in state 0 and fails in `last`, as the caller has seen. */
export async function firstFailing(last: number, passes: (state: number) => Promise<boolean>): Promise<number> {
  let [good, bad] = [0, last];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (await passes(middle)) good = middle;
    else bad = middle;
  }
  return bad;
}
