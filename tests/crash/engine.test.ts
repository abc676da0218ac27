// The machinery of these tests, tried on programs of a few lines: sound ones must come through, broken ones be found out.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskCalls, type Scene } from "./disk-calls.ts";
import { FileSystemModel } from "./file-system-model.ts";
import { losePower } from "./power-loss.ts";
import { type Command, parseLog, record, run } from "./strace.ts";
import { evenly, everyPoint, type Sweep, sweep } from "./sweep.ts";
import { tracing } from "./tracing.ts";
import { differences, readTree, removeTree, type Tree, writeTree } from "./tree.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "rollback-engine-")));
const world = join(folder, "w");
const scene: Scene = { folder: world, cwd: folder };
const OLD = "old old old";
const NEW = "new new new new";
let before: Tree;

beforeAll(() => {
  writeTree(world, new Map([["", { kind: "folder", mode: 0o755, mtime: 0 }]]));
  writeFileSync(join(world, "name"), OLD);
  before = readTree(world);
});
afterAll(() => removeTree(folder));

const IMPORTS = `import {
  chmodSync, closeSync, copyFileSync, fchmodSync, fsyncSync, linkSync, mkdirSync, openSync, readSync, renameSync, rmSync,
  symlinkSync, truncateSync, unlinkSync, utimesSync, writeFileSync, writeSync, appendFileSync,
} from "node:fs";
const w = ${JSON.stringify(world)};
const flush = (path) => { const fd = openSync(path, "r"); fsyncSync(fd); closeSync(fd); };
const save = (path, text, sync) => {
  const fd = openSync(path, "w", 0o600);
  writeSync(fd, text.slice(0, 4));
  writeSync(fd, text.slice(4));
  if (sync) fsyncSync(fd);
  closeSync(fd);
};
`;

/** A program of a few lines; `w` is the folder. */
function program(name: string, body: string): Command {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, IMPORTS + body);
  return { argv: [process.execPath, path], cwd: folder, env: { PATH: process.env.PATH ?? "", HOME: folder } };
}

const sound = program(
  "sound",
  `save(w + "/tmp", "${NEW}", true); renameSync(w + "/tmp", w + "/name"); flush(w); console.log("done");`,
);
const inPlace = program("in-place", `save(w + "/name", "${NEW}", true); flush(w); console.log("done");`);
const unflushed = program(
  "unflushed",
  `save(w + "/tmp", "${NEW}", false); renameSync(w + "/tmp", w + "/name"); flush(w);`,
);
const boasting = program(
  "boasting",
  `save(w + "/tmp", "${NEW}", true); renameSync(w + "/tmp", w + "/name"); console.log("done");`,
);

function oldOrNew(): void {
  const now = readFileSync(join(world, "name"), "utf8");
  if (now !== OLD && now !== NEW) throw new Error(`half written: ${JSON.stringify(now)}`);
}

function swept(command: Command, blows: Sweep["blows"], check: Sweep["check"]) {
  return sweep({ command, scene, blows, spread: 40, reset: () => writeTree(world, before), check });
}

describe("strace's log", () => {
  test("is read with calls that another thread cut in two, and counted by thread and name", () => {
    const log = [
      `7  openat(AT_FDCWD<\\x2f>, "\\x61", O_RDONLY <unfinished ...>`,
      `8  write(1</\\x2f>, "\\x61", 1) = 1`,
      "7  <... openat resumed>) = 5<\\x2f\\x61>",
      `8  write(2<\\x2f>, "\\x61", 1) = 1`,
      `7  write(5<\\x2f\\x61>, "\\x62", 1) = -1 ENOSPC (No space left on device) (INJECTED)`,
      "7  fsync(5<\\x2f\\x61>) = ?",
      "7  +++ killed by SIGKILL +++",
    ].join("\n");
    expect(parseLog(log).map(({ thread, name, ordinal, result }) => [thread, name, ordinal, result])).toEqual([
      [8, "write", 1, "1"],
      [7, "openat", 1, "5<\\x2f\\x61>"],
      [8, "write", 2, "1"],
      [7, "write", 1, "-1 ENOSPC (No space left on device) (INJECTED)"],
      [7, "fsync", 1, "?"],
    ]);
    expect(parseLog(log)[1]?.args).toEqual(["AT_FDCWD<\\x2f>", '"\\x61"', "O_RDONLY"]);
  });

  test("a spread holds the first, the last and as many as asked for", () => {
    expect(evenly([1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([1, 5, 9]);
    expect(evenly([1, 2], 5)).toEqual([1, 2]);
  });
});

tracing("the model follows every kind of call that node:fs makes", () => {
  const many = program(
    "many",
    `
    mkdirSync(w + "/a/b/ü ü", { recursive: true, mode: 0o700 });
    writeFileSync(w + "/a/one", "one"); appendFileSync(w + "/a/one", " more");
    const fd = openSync(w + "/a/one", "r+"); readSync(fd, Buffer.alloc(2)); writeSync(fd, "X"); writeSync(fd, "Y", 0); writeSync(fd, "Z");
    closeSync(fd);
    copyFileSync(w + "/a/one", w + "/a/two"); chmodSync(w + "/a/two", 0o711); truncateSync(w + "/a/two", 3);
    symlinkSync("two", w + "/a/link"); writeFileSync(w + "/a/link", "through"); linkSync(w + "/a/one", w + "/a/twin");
    utimesSync(w + "/a/twin", 1, 2); renameSync(w + "/a/b", w + "/c"); unlinkSync(w + "/name");
    process.chdir(w); writeFileSync("relative", "r"); renameSync("relative", "a/relative");
    mkdirSync(w + "/gone/x/y", { recursive: true }); writeFileSync(w + "/gone/x/f", "1"); rmSync(w + "/gone", { recursive: true });
    await Bun.write(w + "/bun", "Bun.write"); await Bun.write(w + "/copy", Bun.file(w + "/bun"));
    const child = Bun.spawnSync(["sh", "-c", "echo child > " + w + "/child; echo more >> " + w + "/child; mv " + w + "/child " + w + "/moved"]);
    `,
  );
  writeTree(world, before);
  const traced = record(many);
  expect([traced.exitCode, traced.stderr]).toEqual([0, ""]);
  const model = new FileSystemModel(world, before, "posix", process.umask());
  for (const { operation } of diskCalls(traced.calls, scene)) model.apply(operation);
  expect(differences(model.live(), readTree(world))).toEqual([]);
  const moved = model.live().get("moved");
  expect(moved?.kind === "file" && Buffer.from(moved.bytes).toString()).toBe("child\nmore\n");
  expect(model.live().get("a/twin")).toMatchObject({ mtime: 2000 });
});

describe("a kill at every call", () => {
  tracing("leaves a sound program's file old or new", () => {
    const seen = new Set<string>();
    const { tried, missed, failures } = swept(sound, [{ signal: "KILL" }], () => {
      oldOrNew();
      seen.add(readFileSync(join(world, "name"), "utf8"));
    });
    expect(failures).toEqual([]);
    // openat, two writes, fsync, rename, fsync: a kill strikes before the call is carried out.
    // With every point tried, the folder's opening for its fsync is tried as well, though it changes nothing.
    expect([tried, missed]).toEqual([everyPoint ? 7 : 6, 0]);
    expect(seen).toEqual(new Set([OLD, NEW]));
  });

  tracing("finds the half-written file of one that writes in place", () => {
    const { failures } = swept(inPlace, [{ signal: "KILL" }], oldOrNew);
    expect(failures).toHaveLength(2);
    expect(failures[0]).toContain(`killed at write #1 (${world}/name), exit 137: half written: ""`);
  });
});

describe("an error from every call", () => {
  const blows = [{ error: "ENOSPC" }, { error: "EIO" }];

  tracing("strikes the very call that was meant, and the program sees it", () => {
    const { tried, missed, failures } = swept(sound, blows, ({ run: { exitCode, stderr }, blow }) => {
      oldOrNew();
      if (exitCode !== 1 || !("error" in blow && stderr.includes(blow.error))) throw new Error("unseen");
    });
    expect({ missed, failures }).toEqual({ missed: 0, failures: [] });
    expect(tried).toBeGreaterThanOrEqual(6);
  });

  tracing("finds a program that takes failure for success", () => {
    const careless = program("careless", `try { save(w + "/name", "${NEW}", true) } catch {}`);
    const { failures } = swept(careless, blows, oldOrNew);
    expect(failures.join("\n")).toContain("half written");
  });
});

describe("power lost at every call", () => {
  const check = ({ reported }: { reported: boolean }) => {
    oldOrNew();
    if (reported && readFileSync(join(world, "name"), "utf8") !== NEW) throw new Error("reported, yet lost");
  };
  const lost = (command: Command) => losePower({ command, scene, before, spread: 1000, dull: () => false, check });

  tracing("a sound program survives on Linux; without a barrier, on macOS it does not", () => {
    const { states, tried, failures } = lost(sound);
    expect(states).toBe(tried);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.filter((failure) => !failure.includes("(mac"))).toEqual([]);
  });

  tracing("a rename before the flush is found", () => {
    expect(lost(unflushed).failures.join("\n")).toContain('(posix; names kept, contents lost): half written: ""');
  });

  tracing("a success reported before the folder was flushed is found", () => {
    expect(lost(boasting).failures.join("\n")).toMatch(/\(posix; .*\): reported, yet lost/);
  });

  tracing("a file written in place is found", () => {
    expect(lost(inPlace).failures.length).toBeGreaterThan(0);
  });
});

test("the programs above do what they are meant to when nothing strikes", () => {
  for (const command of [sound, inPlace, unflushed, boasting]) {
    writeTree(world, before);
    expect(run(command).exitCode).toBe(0);
    expect(readFileSync(join(world, "name"), "utf8")).toBe(NEW);
  }
});
