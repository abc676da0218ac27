// The names of a restore's temporaries: they fit wherever their target does, and a journal can name no others.
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { AbsPath, Digest } from "../../src/model.ts";
import { beside, freeBeside } from "../../src/restore/journal.ts";
import { pendingJournal } from "../../src/restore/journal-read.ts";
import { world } from "../harness.ts";

const token = "0123abcd";
const bytes = (text: string) => Buffer.byteLength(text);
const DEEP = `/${"d".repeat(199)}`.repeat(20);
const names = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 80 })
  .filter((name) => !/[/\0]/.test(name) && name !== "." && name !== ".." && bytes(name) <= 255);

test("in a deep folder none is longer than its target, whatever the target's name", () => {
  fc.assert(
    fc.property(names, fc.nat(20_000), fc.nat(63), (name, index, tried) => {
      const at = `${DEEP}/${name}` as AbsPath;
      for (const end of ["new", "old"] as const) {
        const path = beside(at, { token, index, end }, tried);
        expect(path.slice(0, DEEP.length + 1)).toBe(`${DEEP}/`);
        expect(bytes(path)).toBeLessThanOrEqual(bytes(at));
        expect(path.slice(DEEP.length + 1)).toMatch(/^\.?[a-z0-9][\w.-]*$/);
      }
    }),
  );
});

test("elsewhere they tell whose they are", () => {
  expect(beside("/h/x" as AbsPath, { token, index: 7, end: "old" })).toBe("/h/.rollback-0123abcd-7.old" as AbsPath);
});

test("a short name that is taken is passed over; where all are, that is an error", () => {
  const at = `${DEEP}/ab` as AbsPath;
  const first = beside(at, { token, index: 0, end: "new" });
  expect(freeBeside(at, { token, index: 0, end: "new" }, (path) => path !== first)).not.toBe(first);
  expect(() => freeBeside(at, { token, index: 0, end: "new" }, () => false)).toThrow("no name is free beside it");
});

test("a journal is read that names its own temporaries, of either form, and none that names other files", () => {
  const { away } = world();
  mkdirSync(join(away, "j"));
  const read = (step: { at: string; temp: string; keep: string }, named: string | undefined) => {
    const was = { state: "absent" } as const;
    const becomes = { hash: "00".repeat(32) as Digest, mode: 0o600 };
    const steps = [{ ...step, was, becomes }];
    const journal = { snapshot: "s", autoBackup: null, token: named, steps, folders: [], relaxed: [] };
    writeFileSync(join(away, "j/journal.ready"), JSON.stringify(journal));
    return pendingJournal(join(away, "j") as AbsPath)?.state;
  };
  for (const at of [`${DEEP}/abcdefgh`, "/h/abcdefgh"] as AbsPath[]) {
    const temp = beside(at, { token, index: 0, end: "new" }, 3);
    const keep = beside(at, { token, index: 0, end: "old" });
    expect(read({ at, temp, keep }, token)).toBe("ready");
    expect(() => read({ at, temp, keep }, "ffffffff")).toThrow("no restore would write down");
    expect(() => read({ at, temp: `${at}x`, keep }, token)).toThrow("no restore would write down");
    expect(() => read({ at, temp, keep: temp }, token)).toThrow("no restore would write down");
  }
  // As 0.1 wrote it.
  const old = { at: "/h/a", temp: "/h/.rollback-0123abcd-4.new", keep: "/h/.rollback-0123abcd-4.old" };
  expect(read(old, undefined)).toBe("ready");
});
