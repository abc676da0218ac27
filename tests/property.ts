// How property tests draw, for all of them: `bun test` loads this file before any test. In `check` the seed is fixed, so that two
// runs of one state test the same. In `sweep` it is another one each time, and forty times as many cases are drawn.
//
// fast-check prints the case that failed. It stays for good, as an example of that assertion, which is tried before any draw:
// `fc.assert(property, { examples: [[…]] })`.
import fc from "fast-check";

const sweeping = (process.env.ROLLBACK_SWEEP ?? "") !== "";
const USUAL = 100;

/** How many cases to draw, for a property that needs more or fewer than the usual hundred. */
export const runs = (inCheck: number): { numRuns: number } => ({ numRuns: sweeping ? 40 * inCheck : inCheck });

fc.configureGlobal({ ...runs(USUAL), ...(!sweeping && { seed: 20_251_211 }) });
