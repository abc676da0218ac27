// What is shown of long work, by a clock that the test turns.
import { describe, expect, test } from "bun:test";
import type { Notify, Progress } from "../../src/model.ts";
import { voice } from "../../src/render/console.ts";
import { pace } from "../../src/render/progress.ts";
import { meter, oneOf } from "../../src/snapshot/meter.ts";

const paint = (_: unknown, text: string) => text;
const MiB = 1 << 20;
const GiB = 1 << 30;
const step = (what: string, done: number, total: number, more: Partial<Progress> = {}): Progress => ({
  type: "progress",
  what,
  done: 14,
  total: 33,
  bytes: { done, total },
  name: "20261120_164031",
  ...more,
});

describe("on a terminal", () => {
  test("after a second, ten times a second at most: items, bytes, rate, time left, the file", () => {
    const due = pace(5000);
    expect(due(step("Sealing", 1 * GiB, 2.6 * GiB), 5100, "person")).toBeNull();
    expect(due(step("Sealing", 1.1 * GiB, 2.6 * GiB), 6100, "person")).toBe(
      "Sealing 15 of 33 · 1.1 of 2.6 GiB · 102 MiB/s · 15s left · 20261120_164031",
    );
    expect(due(step("Sealing", 1.15 * GiB, 2.6 * GiB), 6150, "person")).toBeNull();
    expect(due(step("Sealing", 1.2 * GiB, 2.6 * GiB), 6200, "person")).toContain("1.2 of 2.6 GiB");
  });

  test("one alone is not counted, and no rate is guessed; other work is shown at once", () => {
    const due = pace(0);
    const alone = { done: 0, total: 1, name: "a.json" };
    expect(due(step("Storing", 1, 10, alone), 2000, "person")).toBe("Storing · 1 of 10 B · a.json");
    expect(due(step("Flushing", 0, 10, alone), 2001, "person")).toBe("Flushing · 0 of 10 B · a.json");
    expect(due({ type: "progress", what: "Reading", done: 1, total: 3 }, 2002, "person")).toBe("Reading 2 of 3");
  });

  test("where two sorts of work go round, the time left is that of both", () => {
    const due = pace(0);
    const all = 100 * MiB;
    // Each reads at 10 MiB/s; a half of both is done.
    due(step("Verifying", 0, all), 0, "person");
    due(step("Verifying", 50 * MiB, all), 5000, "person");
    due(step("Sealing", 0, all), 5000, "person");
    expect(due(step("Sealing", 50 * MiB, all), 10_000, "person")).toContain("50.0 of 100.0 MiB · 10 MiB/s · 10s left");
  });
});

describe("without a terminal", () => {
  const heard = (verbose: boolean) => {
    let nowMs = 0;
    let written = "";
    const screen = { write: (text: string) => (written += text), isTerminal: () => false, columns: () => 80, paint };
    const { notify, done } = voice(screen, { silent: false, verbose }, () => nowMs);
    for (; nowMs <= 100_000; nowMs += 1000) notify(step("Sealing", nowMs * 1000, 100 * MiB));
    done();
    return written.split("\n");
  };
  test("a line every half minute, if it was asked for", () =>
    expect(heard(true)).toEqual([
      "Sealing 15 of 33 · 28.6 of 100.0 MiB · 976 KiB/s · 1m left · 20261120_164031",
      "Sealing 15 of 33 · 57.2 of 100.0 MiB · 976 KiB/s · 45s left · 20261120_164031",
      "Sealing 15 of 33 · 85.8 of 100.0 MiB · 976 KiB/s · 15s left · 20261120_164031",
      "",
    ]));
  test("else nothing", () => expect(heard(false)).toEqual([""]));
});

test("a line is drawn over the one before, no wider than the window, and wiped at the end", () => {
  let nowMs = 0;
  const written: string[] = [];
  const screen = { write: (text: string) => written.push(text), isTerminal: () => true, columns: () => 30, paint };
  const { notify, done } = voice(screen, { silent: false, verbose: false }, () => nowMs);
  nowMs = 3000;
  notify(step("Sealing", 1, 100 * MiB));
  done();
  expect(written).toEqual(["\r\u001b[KSealing 15 of 33 · 0.0 of 10…", "\r\u001b[K"]);
});

describe("bytes are counted", () => {
  const collected = (work: (notify: Notify) => void) => {
    const told: (Progress["bytes"] & { done: number; of: number; name: string | undefined })[] = [];
    work((notice) => {
      if (notice.type === "progress" && notice.bytes !== undefined)
        told.push({ ...notice.bytes, of: notice.total, name: notice.name });
    });
    return told;
  };
  test("from nought, inside one file, and never past the whole", () => {
    const told = collected((notify) => {
      const onBytes = meter(notify, "Storing", 10, "a");
      onBytes(6);
      onBytes(6, "b");
    });
    expect(told.map(({ done, name }) => [done, name])).toEqual([
      [0, "a"],
      [6, "a"],
      [10, "b"],
    ]);
  });
  test("one of several counts for its part of all", () => {
    const told = collected((notify) => meter(oneOf(notify, [10, 20, 70], 1, "two"), "Storing", 20)(5));
    expect(told).toEqual([
      { done: 10, total: 100, of: 3, name: "two" },
      { done: 15, total: 100, of: 3, name: "two" },
    ]);
  });
});
