import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isSnapshotId, nextId } from "../../src/snapshot/id.ts";

const after = (now: string, ...taken: string[]): string => nextId(now, new Set(taken));

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
  test("stays at the clock where the newest is two hours or more ahead", () =>
    expect(after("20251211_120000", "20251211_140000")).toBe("20251211_120000"));
  test("still moves on just below two hours", () =>
    expect(after("20251211_120001", "20251211_140000")).toBe("20251211_140001"));
  test("finds a free second beside a newest one far ahead", () =>
    expect(after("20251211_120000", "20251211_120000", "20251211_120001", "20300101_000000")).toBe("20251211_120002"));
});

test("ids made one after another are unique, of one form, and ascending while the clock wanders less than two hours", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 1, maxLength: 60 }), (steps) => {
      const base = Date.UTC(2025, 9, 26, 1, 30);
      const taken = new Set<string>();
      let newest = "";
      for (const step of steps) {
        const text = new Date(base + step * 1000).toISOString();
        const id = nextId(`${text.slice(0, 10).replaceAll("-", "")}_${text.slice(11, 19).replaceAll(":", "")}`, taken);
        expect(isSnapshotId(id)).toBe(true);
        expect(id > newest).toBe(true);
        newest = id;
        taken.add(id);
      }
    }),
  );
});

test("only one form is an id", () => {
  for (const text of ["20251211_14360", "20251211-143600", "20251211_143600.zip", " 20251211_143600", "latest", ""])
    expect(isSnapshotId(text)).toBe(false);
  expect(isSnapshotId("20251211_143600")).toBe(true);
});
