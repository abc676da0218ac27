import { expect, test } from "bun:test";
import { type Column, type Held, matrix } from "../../src/diff/matrix.ts";
import type { Digest, Kind } from "../../src/model.ts";

const held = (hash: string, more: Partial<Held> = {}): Held => ({
  name: "a.plist",
  kind: "plist" as Kind,
  hash: hash as Digest,
  mode: 0o644,
  link: null,
  ...more,
});
const column = (file: Held | null, unread: string[] = []): Column => ({
  files: new Map(file === null ? [] : [["/a", file]]),
  unread,
});
const cells = (...columns: Column[]) => matrix(columns)[0]?.cells;

test("added, changed, unchanged, removed, and there again", () => {
  expect(
    cells(column(null), column(held("1")), column(held("1")), column(held("2")), column(null), column(held("2"))),
  ).toEqual(["absent", "added", "same", "changed", "removed", "added"]);
});

test("what the first one holds was not added by it", () => expect(cells(column(held("1")))).toEqual(["same"]));

test("a mode or a link is a change, where both record it", () => {
  expect(cells(column(held("1")), column(held("1", { mode: 0o600 })), column(held("1", { mode: undefined })))).toEqual([
    "same",
    "changed",
    "same",
  ]);
  expect(cells(column(held("1")), column(held("1", { link: "/x" })))).toEqual(["same", "changed"]);
});

test("a file that could not be read, and a snapshot that nobody can read, are unknown; what follows is compared with what was before", () => {
  const unreadable: Column = { files: null, unread: [] };
  expect(cells(column(held("1")), column(null, ["/a"]), unreadable, column(held("1")), column(held("2")))).toEqual([
    "same",
    "unknown",
    "unknown",
    "same",
    "changed",
  ]);
});

test("rows go by kind, then by name", () => {
  const files = new Map(
    [
      held("1", { name: "z" }),
      held("1", { name: "b", kind: "credential" }),
      held("1", { name: "a", kind: "config" }),
      held("1", { name: "c" }),
    ].map((file, index) => [`/${index}`, file] as const),
  );
  expect(matrix([{ files, unread: [] }]).map(({ name }) => name)).toEqual(["c", "z", "a", "b"]);
});
