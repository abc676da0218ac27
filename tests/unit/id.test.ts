import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { countAhead, isSnapshotId, mayLieAhead, nextId } from "../../src/snapshot/id.ts";

const newestFirst = (taken: readonly string[]): string[] => [...taken].sort().reverse();
const after = (now: string, ...taken: string[]): string => nextId(now, newestFirst(taken));
const HOUR = 3_600_000;

function idAt(ms: number): string {
  const text = new Date(ms).toISOString();
  return `${text.slice(0, 10).replaceAll("-", "")}_${text.slice(11, 19).replaceAll(":", "")}`;
}

describe("the next id", () => {
  test("is the second itself in an empty store", () => expect(after("20251211_143600")).toBe("20251211_143600"));
  test("is the second itself after an older one", () =>
    expect(after("20251211_143600", "20251211_143559")).toBe("20251211_143600"));
  test("moves on where the second is taken", () =>
    expect(after("20251211_143600", "20251211_143600")).toBe("20251211_143601"));
  test("moves on past the newest when the clock went back an hour", () =>
    expect(after("20251102_010000", "20251102_013000", "20251102_015959")).toBe("20251102_020000"));
  test("carries over midnight and the year", () =>
    expect(after("20251231_235959", "20251231_235959")).toBe("20260101_000000"));
  test("knows leap days", () => expect(after("20240228_235959", "20240228_235959")).toBe("20240229_000000"));
  test("follows the newest as far ahead as two zones lie apart, and a little more", () =>
    expect(after("20251211_120000", "20251212_140500")).toBe("20251212_140501"));
  test("stays at the clock where the newest lies further ahead", () =>
    expect(after("20251211_120000", "20251212_140501")).toBe("20251211_120000"));
  test("follows the newest of those that do not lie ahead", () =>
    expect(after("20251211_120000", "20251211_190000", "20300101_000000", "20360101_000000")).toBe("20251211_190001"));
  test("begins anew where the clock was set back a year, and goes on when it is right again", () => {
    const held = ["20261126_080000", "20261125_080000"];
    expect(after("20251126_100000", ...held)).toBe("20251126_100000");
    expect(after("20251126_100000", "20251126_100000", ...held)).toBe("20251126_100001");
    expect(after("20261126_101500", "20251126_100001", ...held)).toBe("20261126_101500");
  });
});

test("what may not lie ahead does not, in any zone", () => {
  const utc = Date.UTC(2025, 9, 26, 1, 30);
  fc.assert(
    fc.property(
      fc.integer({ min: -40 * 60, max: 80 * 60 }),
      fc.integer({ min: -12 * 4, max: 14 * 4 }),
      (minutes, zone) => {
        const id = idAt(utc + minutes * 60_000);
        const local = idAt(utc + (zone * HOUR) / 4);
        if (!mayLieAhead(id, utc)) expect(countAhead([id], local)).toBe(0);
      },
    ),
  );
});

test("ids are unique, of one form and ascending, in whatever zones they are made and however fast", () => {
  const moves = fc.record({
    zone: fc.integer({ min: -12 * 4, max: 14 * 4 }),
    seconds: fc.integer({ min: 0, max: 7200 }),
  });
  fc.assert(
    fc.property(fc.array(moves, { minLength: 1, maxLength: 60 }), (journey) => {
      let utc = Date.UTC(2025, 9, 26, 1, 30);
      const taken: string[] = [];
      for (const { zone, seconds } of journey) {
        utc += seconds * 1000;
        const id = nextId(idAt(utc + (zone * HOUR) / 4), newestFirst(taken));
        expect(isSnapshotId(id)).toBe(true);
        expect(id > (taken.at(-1) ?? "")).toBe(true);
        taken.push(id);
      }
    }),
  );
});

test("only one form is an id", () => {
  for (const text of ["20251211_14360", "20251211-143600", "20251211_143600.zip", " 20251211_143600", "latest", ""])
    expect(isSnapshotId(text)).toBe(false);
  expect(isSnapshotId("20251211_143600")).toBe(true);
});
