import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import * as v from "valibot";
import type { Retention } from "../../src/config.ts";
import type { SnapshotId } from "../../src/model.ts";
import { type Prunable, planPrune } from "../../src/upkeep/prune-plan.ts";

const NOW = Date.parse("2026-06-15T12:00:00Z");

/** A snapshot of this moment; its id is the moment in UTC. */
function taken(utc: string, over: Partial<Prunable> = {}): Prunable {
  const createdAtMs = Date.parse(utc);
  return {
    id: idOf(createdAtMs),
    category: "c",
    createdAtMs,
    complete: true,
    pinned: false,
    ahead: false,
    lastOf: 0,
    ...over,
  };
}

const idOf = (ms: number): SnapshotId =>
  new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "_") as SnapshotId;

const plan = (candidates: Prunable[], rules: Record<string, Retention>, nowMs = NOW, pairs: [string, string][] = []) =>
  planPrune(candidates, {
    of: (category) => (Object.hasOwn(rules, category) ? rules[category] : undefined),
    nowMs,
    pairs,
  });

/** The ids that stay, each with its reasons. */
const kept = (candidates: Prunable[], rules: Record<string, Retention>, nowMs = NOW): Record<string, string[]> =>
  Object.fromEntries(
    plan(candidates, rules, nowMs)
      .filter(({ keep }) => keep)
      .map(({ id, reasons }) => [id, reasons]),
  );

const NEWEST = "the newest complete one of its category";
const GOES = ["no rule keeps it"];

/** One at noon of each of so many days, the newest on the 15th of June, a Monday. */
const days = (count: number): Prunable[] =>
  Array.from({ length: count }, (_, n) => taken(new Date(NOW - n * 86_400_000).toISOString()));

test("a pair stays together, and goes together", () => {
  const [a, b, c, d] = days(4);
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error("four days");
  const all = [a, { ...b, category: "other" }, c, d];
  const verdicts = plan(all, { c: { "keep-last": 1 } }, NOW, [
    [c.id, b.id],
    [d.id, "20200101_000000"],
  ]);
  expect(verdicts.map(({ keep, reasons }) => (keep ? reasons : null))).toEqual([
    [NEWEST, "last snapshot"],
    [NEWEST, "its category has no rule"].toSorted((one) => (one === NEWEST ? 1 : -1)),
    [`goes with ${b.id}`],
    null,
  ]);
});

describe("each rule by itself", () => {
  test("keep-last counts from the newest; the rest goes, with the reason; newest first whatever the order given", () => {
    expect(plan(days(4).toReversed(), { c: { "keep-last": 2 } })).toEqual([
      { id: "20260615_120000" as SnapshotId, category: "c", keep: true, reasons: [NEWEST, "last snapshot"] },
      { id: "20260614_120000" as SnapshotId, category: "c", keep: true, reasons: ["last snapshot"] },
      { id: "20260613_120000" as SnapshotId, category: "c", keep: false, reasons: GOES },
      { id: "20260612_120000" as SnapshotId, category: "c", keep: false, reasons: GOES },
    ]);
  });

  test("keep-within counts back from the newest, not from now, and the edge is inside", () => {
    const long = NOW + 400 * 86_400_000;
    expect(Object.keys(kept(days(5), { c: { "keep-within": "2d" } }, long))).toEqual([
      "20260615_120000",
      "20260614_120000",
      "20260613_120000",
    ]);
  });

  test("keep-daily keeps the newest of each day that has one; days without one do not count", () => {
    const group = [
      "2026-06-15T09:00Z",
      "2026-06-15T08:00Z",
      "2026-06-10T23:59Z",
      "2026-06-10T00:00Z",
      "2026-06-01T12:00Z",
    ];
    expect(
      kept(
        group.map((at) => taken(at)),
        { c: { "keep-daily": 2 } },
      ),
    ).toEqual({
      "20260615_090000": [NEWEST, "daily snapshot"],
      "20260610_235900": ["daily snapshot"],
    });
  });

  test("keep-weekly: weeks begin on Monday, also the one across the new year", () => {
    const group = ["2026-01-05T00:00Z", "2026-01-04T23:59Z", "2025-12-29T00:00Z", "2025-12-28T23:59Z"];
    expect(
      kept(
        group.map((at) => taken(at)),
        { c: { "keep-weekly": 3 } },
      ),
    ).toEqual({
      "20260105_000000": [NEWEST, "weekly snapshot"],
      "20260104_235900": ["weekly snapshot"],
      "20251228_235900": ["weekly snapshot"],
    });
  });

  test("keep-monthly: the same month of another year is another month", () => {
    const group = ["2026-06-01T00:00Z", "2026-05-31T23:59Z", "2026-05-01T00:00Z", "2025-06-30T12:00Z"];
    expect(
      kept(
        group.map((at) => taken(at)),
        { c: { "keep-monthly": 3 } },
      ),
    ).toEqual({
      "20260601_000000": [NEWEST, "monthly snapshot"],
      "20260531_235900": ["monthly snapshot"],
      "20250630_120000": ["monthly snapshot"],
    });
  });
});

test("rules unite: what any of them keeps stays, and every reason is told", () => {
  const rule = { "keep-last": 1, "keep-within": "1d", "keep-daily": 3, "keep-weekly": 2, "keep-monthly": 2 };
  expect(kept(days(40), { c: rule })).toEqual({
    "20260615_120000": [NEWEST, "last snapshot", "within 1d", "daily snapshot", "weekly snapshot", "monthly snapshot"],
    "20260614_120000": ["within 1d", "daily snapshot", "weekly snapshot"],
    "20260613_120000": ["daily snapshot"],
    "20260531_120000": ["monthly snapshot"],
  });
});

test("each category is judged by itself, by its own rule", () => {
  const other = days(3).map((one, n) => ({ ...one, id: `2026061${n}_010101` as SnapshotId, category: "o" }));
  const verdicts = plan([...days(3), ...other], { c: { "keep-last": 1 }, o: { "keep-last": 2 } });
  const count = (category: string) => verdicts.filter((one) => one.category === category && one.keep).length;
  expect([count("c"), count("o")]).toEqual([1, 2]);
});

describe("never removed", () => {
  const rule = { c: { "keep-last": 1 } };
  const [newest, second, third] = ["2026-06-15T10:00Z", "2026-06-14T10:00Z", "2026-06-13T10:00Z"] as const;

  test("a pinned one, which takes the place of none", () => {
    const group = [taken(newest), taken(second), taken(third, { pinned: true })];
    expect(kept(group, rule)).toEqual({
      "20260615_100000": [NEWEST, "last snapshot"],
      "20260613_100000": ["pinned"],
    });
  });

  test("the newest complete one of a category, behind however many incomplete ones", () => {
    const group = [taken(newest, { complete: false }), taken(second, { complete: false }), taken(third)];
    expect(kept(group, rule)).toEqual({ "20260615_100000": ["last snapshot"], "20260613_100000": [NEWEST] });
  });

  test("one of a category without a rule, or whose category nobody can tell", () => {
    const group = [
      taken(newest),
      ...[second, third].map((at) => taken(at, { category: "free" })),
      taken("2026-06-12T10:00Z", { category: null, complete: false }),
    ];
    expect(kept(group, rule)).toEqual({
      "20260615_100000": [NEWEST, "last snapshot"],
      "20260614_100000": ["its category has no rule", NEWEST],
      "20260613_100000": ["its category has no rule"],
      "20260612_100000": ["its category can't be read"],
    });
  });

  test("one dated in the future, which counts for no rule", () => {
    const group = [taken("2026-06-16T10:00Z"), taken("2026-06-15T12:00:01Z"), taken(newest), taken(second)];
    expect(kept(group, rule)).toEqual({
      "20260616_100000": ["dated in the future", NEWEST],
      "20260615_120001": ["dated in the future"],
      "20260615_100000": ["last snapshot"],
    });
  });

  test("anything, where no complete snapshot would be left", () => {
    const group = [newest, second, third].map((at) => taken(at, { complete: false }));
    const why = ["no complete snapshot would be left"];
    expect(kept(group, rule)).toEqual({
      "20260615_100000": ["last snapshot"],
      "20260614_100000": why,
      "20260613_100000": why,
    });
  });

  test("a category of a name that every object has has no rule", () => {
    const group = [newest, second].map((at) => taken(at, { category: "constructor" }));
    expect(Object.keys(kept(group, rule))).toHaveLength(2);
  });
});

test("an empty rule keeps the newest complete one alone; no snapshots make an empty plan", () => {
  expect(Object.keys(kept(days(3), { c: {} }))).toEqual(["20260615_120000"]);
  expect(plan([], { c: { "keep-last": 1 } })).toEqual([]);
});

describe("local days", () => {
  const verdicts = v.array(v.looseObject({ id: v.string(), keep: v.boolean() }));
  const module = join(import.meta.dir, "../../src/upkeep/prune-plan.ts");
  const SCRIPT = `
    const { planPrune } = await import(process.env.MODULE);
    const { candidates, rule, nowMs } = JSON.parse(process.env.INPUT);
    console.log(JSON.stringify(planPrune(candidates, { of: () => rule, nowMs, pairs: [] })));`;

  /** What stays where the process's zone is this one. */
  function keptIn(TZ: string, moments: string[], rule: Retention): string[] {
    const INPUT = JSON.stringify({ candidates: moments.map((at) => taken(at)), rule, nowMs: NOW });
    const env = { ...process.env, TZ, MODULE: module, INPUT };
    const ran = Bun.spawnSync([process.execPath, "-e", SCRIPT], { env, stderr: "inherit" });
    return v
      .parse(verdicts, JSON.parse(ran.stdout.toString()))
      .filter(({ keep }) => keep)
      .map(({ id }) => id);
  }

  // Berlin: clocks go forward on 29 March at 01:00 UTC, back on 25 October at 01:00 UTC.
  test("a day of 23 hours and one of 25 are one day each; another zone has other days", () => {
    const spring = ["2026-03-29T22:01Z", "2026-03-29T21:59Z", "2026-03-28T23:01Z", "2026-03-28T22:59Z"];
    expect(keptIn("Europe/Berlin", spring, { "keep-daily": 3 })).toEqual([
      "20260329_220100",
      "20260329_215900",
      "20260328_225900",
    ]);
    expect(keptIn("UTC", spring, { "keep-daily": 3 })).toEqual(["20260329_220100", "20260328_230100"]);
    const autumn = ["2025-10-26T23:01Z", "2025-10-26T22:59Z", "2025-10-25T22:01Z", "2025-10-25T21:59Z"];
    expect(keptIn("Europe/Berlin", autumn, { "keep-daily": 3 })).toEqual([
      "20251026_230100",
      "20251026_225900",
      "20251025_215900",
    ]);
  });

  test("days back are days by the calendar, hours are hours by the clock", () => {
    const moments = ["2026-03-29T10:00Z", "2026-03-28T11:00Z", "2026-03-28T10:30Z", "2026-03-28T09:59Z"];
    expect(keptIn("Europe/Berlin", moments, { "keep-within": "1d" })).toEqual(["20260329_100000", "20260328_110000"]);
    expect(keptIn("Europe/Berlin", moments, { "keep-within": "24h" })).toHaveLength(3);
  });

  test("weeks and months turn at local midnight, on either side of UTC", () => {
    // A Sunday evening in New York is Monday in UTC and in Auckland.
    const moments = ["2026-06-01T03:30Z", "2026-05-31T13:00Z"];
    expect(keptIn("America/New_York", moments, { "keep-weekly": 2 })).toEqual(["20260601_033000"]);
    expect(keptIn("America/New_York", moments, { "keep-monthly": 2 })).toEqual(["20260601_033000"]);
    expect(keptIn("Pacific/Auckland", moments, { "keep-monthly": 2 })).toEqual(["20260601_033000"]);
    expect(keptIn("UTC", moments, { "keep-weekly": 2, "keep-monthly": 2 })).toHaveLength(2);
  });
});

describe("for any snapshots and rules", () => {
  const candidates = fc
    .uniqueArray(
      fc.record({
        at: fc.integer({ min: -200 * 24, max: 48 }),
        category: fc.constantFrom("a", "b", "free", null),
        complete: fc.boolean(),
        pinned: fc.boolean(),
      }),
      { selector: ({ at }) => at, maxLength: 40 },
    )
    .map((all) =>
      all.map(({ at, ...rest }): Prunable => {
        const createdAtMs = NOW + at * 3_600_000;
        return { id: idOf(createdAtMs), createdAtMs, ahead: false, lastOf: 0, ...rest };
      }),
    );
  const count = fc.integer({ min: 1, max: 8 });
  const rule: fc.Arbitrary<Retention> = fc.record(
    {
      "keep-last": count,
      "keep-within": fc.constantFrom("1h", "26h", "3d", "2w", "2mo"),
      "keep-daily": count,
      "keep-weekly": count,
      "keep-monthly": count,
    },
    { requiredKeys: [] },
  );

  test("none that is pinned, the newest complete, of the future, or without a rule ever goes", () => {
    fc.assert(
      fc.property(candidates, rule, rule, (all, a, b) => {
        const verdicts = plan(all, { a, b });
        expect(verdicts.map(({ id }) => id)).toEqual(
          all
            .map(({ id }) => id)
            .sort()
            .reverse(),
        );
        const gone = new Set(verdicts.filter(({ keep }) => !keep).map(({ id }) => id));
        for (const { id, category, pinned, createdAtMs, complete } of all.filter((one) => gone.has(one.id))) {
          expect(pinned || createdAtMs > NOW || category === null || category === "free").toBe(false);
          const newer = all.some((one) => one.category === category && one.complete && one.id > id);
          expect(complete && !newer).toBe(false);
        }
        expect(gone.size === 0 || all.some(({ id, complete }) => complete && !gone.has(id))).toBe(true);
        expect(verdicts.every(({ reasons }) => reasons.length > 0)).toBe(true);
      }),
    );
  });

  test("more rules only keep more", () => {
    fc.assert(
      fc.property(candidates, rule, rule, (all, some, more) => {
        const stays = (with_: Retention) => new Set(Object.keys(kept(all, { a: with_, b: with_ })));
        expect(stays({ ...more, ...some }).isSupersetOf(stays(some))).toBe(true);
      }),
    );
  });
});
