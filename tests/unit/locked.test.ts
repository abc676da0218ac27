// What a Mac's stat and ls say of flags and ACLs, and what a restore and a create make of it, with stand-ins for the two.
import { expect, test } from "bun:test";
import { join } from "node:path";
import type { AbsPath } from "../../src/model.ts";
import { aclsIn, flagsIn, isDenied } from "../../src/system/locked.ts";
import { must, world } from "../harness.ts";

const [a, b, c] = ["/h/a", "/h/a b", "/h/c"] as [AbsPath, AbsPath, AbsPath];

test("flags in hex, with or without 0x, names with blanks; what was not asked for is left out", () => {
  expect(flagsIn("2 /h/a\n0x40000020 /h/a b\n0 /h/x\nstat: /h/c: No such file or directory\n", [a, b, c])).toEqual(
    new Map([
      [a, 0x2],
      [b, 0x40000020],
    ]),
  );
});

const LISTED = `-rw-r--r--+ 1 alex  staff  3 Nov 25 12:00 /h/a b
 0: user:alex allow read
 1: group:everyone deny read,delete
-rw-r--r--  1 alex  staff  3 Nov 25 12:00 /h/a
drwx------+ 5 alex  staff  160 Nov 25 12:00 /h/c
 0: group:everyone inherited deny add_file
`;
test("each ACL belongs to the path above it, and its first entry that speaks of a right decides", () => {
  const acls = aclsIn(LISTED, [a, b, c]);
  expect(acls.get(a)).toEqual([]);
  const listed = acls.get(b) ?? [];
  expect(listed).toHaveLength(2);
  expect(isDenied(listed, "alex", ["read"])).toBe(false);
  expect(isDenied(listed, "bob", ["read"])).toBe(true);
  expect(isDenied(listed, "alex", ["delete"])).toBe(true);
  expect(isDenied(listed, "alex", ["write"])).toBe(false);
  expect(isDenied(acls.get(c) ?? [], "alex", ["add_file", "delete_child"])).toBe(true);
  expect(isDenied(["user:bob deny delete", "group:staff deny delete"], "alex", ["delete"])).toBe(false);
});

const STAT = `#!/bin/sh
shift 2
for path; do
  case $path in
    */locked.json) echo "2 $path" ;;
    */evicted.json) echo "40000020 $path" ;;
    *) echo "0 $path" ;;
  esac
done
`;
const LS = `#!/bin/sh
shift
for path; do
  echo "-rw-r--r--+ 1 alex staff 3 Nov 25 12:00 $path"
  case $path in */denied.json) echo " 0: group:everyone deny read,delete" ;; esac
done
`;
// As on a Mac, from the sources: the platform's name is all that differs until something is written.
const ON_A_MAC = 'Object.defineProperty(process, "platform", { value: "darwin" });';
test("the preview says what is locked, denied or in iCloud, and the command that helps; create says it before it reads", () => {
  const bin = { stat: { file: STAT, mode: 0o755 }, ls: { file: LS, mode: 0o755 } };
  const files = { "locked.json": "1", "denied.json": "1", "evicted.json": "1", "sound.json": "1" };
  const w = world({
    bin,
    root: { "rollback.yaml": 'plists: []\nconfigs: ["*.json"]\ncredentials: {}\n', ...files },
    away: { "mac.ts": ON_A_MAC },
  });
  const id = w.create();
  for (const name of Object.keys(files)) w.put({ [`root/${name}`]: "2" });
  const program = [process.execPath, "--preload", w.path("away/mac.ts"), join(import.meta.dir, "../../src/main.ts")];
  const asMac = (...words: string[]) => {
    const ended = Bun.spawnSync([...program, ...words], { env: w.environment(), stdout: "pipe", stderr: "pipe" });
    return { exit: ended.exitCode, stdout: ended.stdout.toString(), stderr: ended.stderr.toString() };
  };
  const { stdout } = must(asMac("restore", id));
  const at = (name: string) => join(w.root, name);
  expect(stdout).toContain(`chflags nouchg,nouappnd ${at("locked.json")}`);
  expect(stdout).toContain(`chmod -N ${at("denied.json")}`);
  expect(stdout).toContain(`brctl download ${at("evicted.json")}`);
  expect(stdout).toContain("Would restore (modified): sound.json");
  // What a Mac's kernel offers is not here: it ends after the first look.
  const created = asMac("create", "x").stderr;
  expect(created).toContain(`brctl download ${at("evicted.json")}`);
  expect(created).toContain(`an ACL forbids to read them: chmod -N ${at("denied.json")}`);
});
