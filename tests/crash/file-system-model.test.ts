import { describe, expect, test } from "bun:test";
import type { DiskOperation } from "./disk-calls.ts";
import { FileSystemModel, type Flushing } from "./file-system-model.ts";
import type { Node, Tree } from "./tree.ts";

const folder = (): Node => ({ kind: "folder", mode: 0o755, mtime: undefined });
const file = (content: string, mode = 0o644): Node => {
  return { kind: "file", bytes: Buffer.from(content), mode, mtime: undefined };
};
const START: Tree = new Map([
  ["", folder()],
  ["name", file("old")],
]);

const open = (path: string, { fd = "1:3", append = false } = {}): DiskOperation => {
  return { kind: "open", fd, path: `/w/${path}`, create: true, truncate: !append, append, mode: 0o600 };
};
const write = (content: string, fd = "1:3"): DiskOperation => ({ kind: "write", fd, bytes: Buffer.from(content) });
const flush = (fd = "1:3"): DiskOperation => ({ kind: "flush", fd });
const close = (fd = "1:3"): DiskOperation => ({ kind: "close", fd });
const rename = (from: string, to: string): DiskOperation => {
  return { kind: "rename", from: `/w/${from}`, to: `/w/${to}`, exchange: false };
};
const flushFolder = (path = ""): DiskOperation[] => {
  const at = path === "" ? "/w" : `/w/${path}`;
  return [
    { kind: "open", fd: "1:9", path: at, create: false, truncate: false, append: false, mode: 0 },
    flush("1:9"),
    close("1:9"),
  ];
};
const barrier = (all = true): DiskOperation => ({ kind: "barrier", all });
const report: DiskOperation = { kind: "report" };

function statesOf(operations: readonly DiskOperation[], flushing: Flushing = "posix", start = START) {
  const model = new FileSystemModel("/w", start, flushing);
  for (const operation of operations) model.apply(operation);
  return [...model.crashStates()];
}

/** What each state says of one path. */
function contents(states: ReturnType<typeof statesOf>, path: string): string[] {
  const seen = states.map(({ tree }) => {
    const node = tree.get(path);
    if (node === undefined) return "absent";
    return node.kind === "file" ? Buffer.from(node.bytes).toString() : node.kind;
  });
  return [...new Set(seen)].sort();
}

describe("replacing a file by rename", () => {
  test("without a flush the new name may hold nothing, zeros or a half", () => {
    const states = statesOf([open("tmp"), write("newest"), close(), rename("tmp", "name")]);
    expect(contents(states, "name")).toEqual(["", "\0\0\0\0\0\0", "new", "newest", "old"]);
  });

  test("flushed before the rename it is old or new, whole", () => {
    const states = statesOf([open("tmp"), write("newest"), flush(), close(), rename("tmp", "name"), ...flushFolder()]);
    expect(contents(states, "name")).toEqual(["newest", "old"]);
  });

  test("it is sure to be new only once the folder was flushed", () => {
    const begun = [open("tmp"), write("new"), flush(), close(), rename("tmp", "name")];
    const late = statesOf([...begun, report, ...flushFolder()]).filter(({ reported }) => reported);
    expect(contents(late, "name")).toEqual(["new", "old"]);
    const sure = statesOf([...begun, ...flushFolder(), report]).filter(({ reported }) => reported);
    expect(contents(sure, "name")).toEqual(["new"]);
    expect(contents(sure, "tmp")).toEqual(["absent"]);
  });

  test("a flush of the file says nothing about its name", () => {
    const states = statesOf([open("fresh"), write("new"), flush(), close(), report]).filter(({ reported }) => reported);
    expect(contents(states, "fresh")).toEqual(["absent", "new"]);
  });

  test("a mode set after the flush may be lost", () => {
    const modes = (operations: readonly DiskOperation[]) =>
      new Set(statesOf(operations).flatMap(({ tree, reported }) => (reported ? [tree.get("name")?.mode] : [])));
    const mode: DiskOperation = { kind: "mode", at: { fd: "1:3" }, mode: 0o640 };
    const moved = [rename("tmp", "name"), ...flushFolder(), report];
    expect(modes([open("tmp"), write("new"), flush(), mode, ...moved])).toEqual(new Set([0o640, 0o600]));
    expect(modes([open("tmp"), write("new"), mode, flush(), ...moved])).toEqual(new Set([0o640]));
  });

  test("writing over the old file can lose both", () => {
    const states = statesOf([open("name"), write("newest"), flush(), close()]);
    expect(contents(states, "name")).toContain("");
  });
});

describe("on macOS", () => {
  const replaced = [open("tmp"), write("new"), flush(), close()];

  test("a plain fsync orders nothing", () => {
    expect(contents(statesOf([...replaced, rename("tmp", "name")], "mac"), "name")).toContain("");
    const states = statesOf([...replaced, rename("tmp", "name"), ...flushFolder(), report], "mac");
    expect(
      contents(
        states.filter(({ reported }) => reported),
        "name",
      ),
    ).toContain("old");
  });

  test("a barrier makes safe what was flushed before, and only that", () => {
    const ordered = [...replaced, barrier(false), rename("tmp", "name"), ...flushFolder(), barrier(false), report];
    const states = statesOf(ordered, "mac");
    expect(contents(states, "name")).toEqual(["new", "old"]);
    expect(
      contents(
        states.filter(({ reported }) => reported),
        "name",
      ),
    ).toEqual(["new"]);
    const forgotten = [open("tmp"), write("new"), close(), barrier(false), rename("tmp", "name")];
    expect(contents(statesOf(forgotten, "mac"), "name")).toContain("");
  });

  test("a barrier over all needs no flush before it", () => {
    const states = statesOf([open("tmp"), write("new"), close(), barrier(), rename("tmp", "name")], "mac");
    expect(contents(states, "name")).toEqual(["new", "old"]);
  });

  test("a refused barrier is none on Linux", () => {
    expect(contents(statesOf([open("name"), write("new"), barrier(false), report]), "name")).toContain("");
  });
});

describe("several files", () => {
  test("what is not flushed may come in any order: the second without the first", () => {
    const states = statesOf([open("a"), close(), open("b"), close()]);
    const both = new Set(states.map(({ tree }) => `${tree.has("a")} ${tree.has("b")}`));
    expect(both).toEqual(new Set(["false false", "true false", "false true", "true true"]));
  });

  test("changes to one name stay in order: a marker renamed twice is never there twice", () => {
    const marks = [open("prepare"), close(), rename("prepare", "ready"), rename("ready", "done")];
    const names = statesOf(marks).map(({ tree }) => [...tree.keys()].filter((path) => /prepare|ready|done/.test(path)));
    expect(new Set(names.map((found) => found.join()))).toEqual(new Set(["", "prepare", "ready", "done"]));
  });

  test("a removal may be lost, and brings the file back as it was", () => {
    const removed: DiskOperation[] = [{ kind: "remove", path: "/w/name" }, report];
    expect(contents(statesOf(removed), "name")).toEqual(["absent", "old"]);
    const states = statesOf([removed[0] ?? report, ...flushFolder(), report]).filter(({ reported }) => reported);
    expect(contents(states, "name")).toEqual(["absent"]);
  });

  test("a write may be lost alone and leave a hole, unless a later one rewrote its page", () => {
    const page = "x".repeat(4096);
    expect(contents(statesOf([open("a"), write(page), write("two")]), "a")).toContain(`${"\0".repeat(4096)}two`);
    expect(contents(statesOf([open("a"), write("one"), write("two")]), "a")).not.toContain("\0\0\0two");
  });

  test("an appended line may be torn, what stood before it never", () => {
    const states = statesOf([open("name", { append: true }), write("LINE")]);
    expect(contents(states, "name")).toEqual(["old", "old\0\0\0\0", "oldLI", "oldLINE"]);
  });
});

describe("folders and links", () => {
  const built: DiskOperation[] = [
    { kind: "mkdir", path: "/w/.new", mode: 0o700 },
    open(".new/inside"),
    write("new"),
    flush(),
    close(),
  ];

  test("a folder renamed into place may lack what was never flushed in it", () => {
    const states = statesOf([...built, rename(".new", "made"), ...flushFolder()]);
    const made = states.filter(({ tree }) => tree.has("made"));
    expect(contents(made, "made/inside")).toEqual(["absent", "new"]);
    const whole = statesOf([...built, ...flushFolder(".new"), rename(".new", "made"), ...flushFolder()]);
    for (const { tree } of whole) expect(tree.has("made") === tree.has("made/inside")).toBe(true);
  });

  test("a rename from one folder to another is whole or not at all", () => {
    const start: Tree = new Map([...START, ["a", folder()], ["a/x", file("x")], ["b", folder()]]);
    for (const { tree } of statesOf([rename("a/x", "b/x")], "posix", start)) {
      expect(tree.has("a/x")).toBe(!tree.has("b/x"));
    }
    const moved = statesOf([rename("a/x", "b/x"), ...flushFolder("b"), report], "posix", start);
    expect(
      contents(
        moved.filter(({ reported }) => reported),
        "b/x",
      ),
    ).toEqual(["x"]);
  });

  test("a hard link keeps the content that a rename takes the name from", () => {
    const model = new FileSystemModel("/w", START, "posix");
    const kept: DiskOperation = { kind: "link", from: "/w/name", to: "/w/.old" };
    for (const step of [kept, open("tmp"), write("new"), flush(), close(), rename("tmp", "name")]) model.apply(step);
    const tree = model.live();
    expect(
      [tree.get(".old"), tree.get("name")].map((node) => node?.kind === "file" && `${Buffer.from(node.bytes)}`),
    ).toEqual(["old", "new"]);
  });

  test("a path through a link reaches the file behind it", () => {
    const link: Node = { kind: "link", target: "../w/real", mode: 0o777, mtime: undefined };
    const start: Tree = new Map([...START, ["real", folder()], ["real/x", file("old")], ["way", link]]);
    const model = new FileSystemModel("/w", start, "posix");
    for (const step of [open("way/x"), write("new"), close(), rename("way/x", "way/y")]) model.apply(step);
    expect([...model.live().keys()]).toEqual(["", "name", "real", "real/y", "way"]);
  });

  test("a descriptor goes on meaning its file after a rename", () => {
    const states = statesOf([open("tmp"), rename("tmp", "name"), write("new"), flush(), ...flushFolder(), report]);
    expect(
      contents(
        states.filter(({ reported }) => reported),
        "name",
      ),
    ).toEqual(["new"]);
  });

  test("twins are one file under two names", () => {
    const twin: Node = { kind: "file", bytes: Buffer.from("old"), mode: 0o644, mtime: undefined, twins: "7" };
    const start: Tree = new Map([
      ["", folder()],
      ["a", twin],
      ["b", twin],
    ]);
    const model = new FileSystemModel("/w", start, "posix");
    for (const step of [open("a"), write("new"), close()]) model.apply(step);
    const b = model.live().get("b");
    expect(b?.kind === "file" && Buffer.from(b.bytes).toString()).toBe("new");
  });
});
