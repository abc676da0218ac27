import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { before, durationProblem } from "../../src/duration.ts";

const NOW = Date.parse("2026-06-15T12:00:00Z");
const shown = (ms: number, duration: string) => new Date(before(ms, duration)).toISOString();

test.each([
  ["90s", "2026-06-15T11:58:30.000Z"],
  ["90min", "2026-06-15T10:30:00.000Z"],
  ["26h", "2026-06-14T10:00:00.000Z"],
  ["7d", "2026-06-08T12:00:00.000Z"],
  ["4w", "2026-05-18T12:00:00.000Z"],
  ["6mo", "2025-12-15T12:00:00.000Z"],
  ["1y", "2025-06-15T12:00:00.000Z"],
  ["1y6mo2w3d4h", "2024-11-28T08:00:00.000Z"],
])("%s before the middle of June", (duration, expected) => expect(shown(NOW, duration)).toBe(expected));

test("a month back from a day that the month before lacks is that month's last day", () => {
  expect(shown(Date.parse("2026-03-31T12:00:00Z"), "1mo")).toBe("2026-02-28T12:00:00.000Z");
  expect(shown(Date.parse("2024-02-29T12:00:00Z"), "1y")).toBe("2023-02-28T12:00:00.000Z");
});

test("before all time is before every moment, never after one", () =>
  expect(before(NOW, "999999999999y") < -8.64e15).toBe(true));

describe("what is not a duration", () => {
  test.each(["6m", "1y6m", "6m2w", "12m"])("%s is refused with both readings named", (text) => {
    const n = /(\d+)m(?!o|i)/.exec(text)?.[1];
    expect(durationProblem(text)).toContain(`${n}min for minutes or ${n}mo for months`);
  });
  test.each(["", "7", "d", "a week", "7d ", "-7d", "7.5d", "0d", "0h0min", "7D", "7days"])("%p", (text) =>
    expect(durationProblem(text)).toContain("expected a duration"),
  );
});

test("any mixture of the units is one, and lies before now", () => {
  const part = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.constantFrom("s", "min", "h", "d", "w", "mo", "y"));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const text = parts.map(([n, unit]) => `${n}${unit}`).join("");
      expect(durationProblem(text)).toBe(null);
      expect(before(NOW, text)).toBeLessThan(NOW);
    }),
  );
});
