// Any tree of files and links → create → any edits → restore gives the tree back: byte for byte, mode for mode, link for link;
// and what was not in the snapshot is as the edits left it. A sweep tries a thousand trees, others each time.
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import fc from "fast-check";
import { restored } from "../contract.ts";
import { type Item, must, readTree, type Tree, type World, world } from "../harness.ts";
import { runs } from "../property.ts";

const CONFIG = 'plists: []\nconfigs: ["tree/**"]\ncredentials: {files: [], mcp: []}\nvenvs: []\n';

const FOLDERS = ["tree", "tree/sub", "tree/sub/with space", "tree/.hidden", "tree/ünï\ncode"];
const character = fc.constantFrom(..."aB0 .-_~'\"\\*?[]{}!#%&$`|;<>()=+,:@^\n\té漢🔐\u0301");
const name = fc
  .array(character, { minLength: 1, maxLength: 10 })
  .map((characters) => characters.join(""))
  .filter((text) => text !== "." && text !== ".." && !text.endsWith(".log"));
const mode = fc.constantFrom(0o600, 0o644, 0o444, 0o400, 0o640, 0o755, 0o777);
const content = fc.uint8Array({ maxLength: 64 });

/** An entry of the tree. A link leads to the entry `to` places before it; the first can lead nowhere, so it is a file. */
const entry = fc.record({
  folder: fc.constantFrom(...FOLDERS),
  name,
  content,
  mode,
  link: fc.option(fc.record({ to: fc.nat(30), absolute: fc.boolean() }), { freq: 2 }),
});
type Drawn = typeof entry extends fc.Arbitrary<infer T> ? T : never;
type Entry = { path: string; item: Item };

/** What happens to an entry after the snapshot. */
const edit = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ do: "nothing" as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("write" as const), content, mode }) },
  { weight: 2, arbitrary: fc.constant({ do: "delete" as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("chmod" as const), mode }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("link" as const), to: fc.nat(30), absolute: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("link away" as const), to: fc.constantFrom("kept", "nothing") }),
  },
);
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

const twin = (path: string) => path.normalize("NFC").toLowerCase();

function leadTo(w: World, from: string, to: string, absolute: boolean): Item {
  return { link: absolute ? w.path(`root/${to}`) : relative(dirname(from), to) };
}

/** The entries without those whose names would be one on a file system that ignores case and Unicode form. */
function layOut(w: World, drawn: Drawn[]): Entry[] {
  const taken = new Set(FOLDERS.map(twin));
  const entries: Entry[] = [];
  for (const { folder, name: last, content: bytes, mode: bits, link } of drawn) {
    const path = `${folder}/${last}`;
    if (taken.has(twin(path))) continue;
    taken.add(twin(path));
    const target = link === null ? undefined : entries[link.to % Math.max(1, entries.length)];
    entries.push({
      path,
      item:
        link === null || target === undefined
          ? { file: bytes, mode: bits }
          : leadTo(w, path, target.path, link.absolute),
    });
  }
  return entries;
}

function change(w: World, entries: Entry[], { path }: Entry, edited: Edit): void {
  const at = `root/${path}`;
  if (edited.do === "write") w.put({ [at]: { file: edited.content, mode: edited.mode } });
  else if (edited.do === "delete") rmSync(w.path(at), { force: true });
  else if (edited.do === "link away") w.put({ [at]: { link: join(w.away, edited.to) } });
  else if (edited.do === "link")
    w.put({ [at]: leadTo(w, path, entries[edited.to % entries.length]?.path ?? "nowhere", edited.absolute) });
  else if (edited.do === "chmod") {
    const seen = readTree(w.root)[path];
    if (seen?.kind === "file") w.put({ [at]: { file: Buffer.from(seen.bytes, "latin1"), mode: edited.mode } });
  }
}

/** Files and links alone: a restore makes folders, and gives them no modes of old. */
const files = (tree: Tree): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([, { kind }]) => kind !== "folder"));

test("any tree, any edits: the restore gives it back", () => {
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 12 }),
      fc.array(edit, { minLength: 12, maxLength: 12 }),
      fc.array(fc.record({ name, content }), { maxLength: 2 }),
      (drawn, edits, added) => {
        const w = world({ root: { "rollback.yaml": CONFIG }, away: { kept: "not ours" } });
        try {
          const entries = layOut(w, drawn);
          for (const { path, item } of entries) w.put({ [`root/${path}`]: item });
          const before = files(readTree(join(w.root, "tree")));
          const id = must(w.run("create", "before", "--quiet")).stdout.trim();

          for (const [index, one] of entries.entries()) change(w, entries, one, edits[index] ?? { do: "nothing" });
          for (const { name: extra, content: bytes } of added) w.put({ [`root/tree/extra/${extra}`]: bytes });
          const extras = files(
            readTree(join(w.root, "tree"), { skip: (path) => path !== "" && !path.startsWith("extra") }),
          );

          const { exit } = w.json(restored, "restore", id, "--force");
          expect(exit).toBe(0);
          expect(files(readTree(join(w.root, "tree")))).toEqual({ ...before, ...extras });
          expect(readTree(w.away)).toMatchObject({ kept: { bytes: "not ours" } });
          expect(must(w.run("restore", id, "--json")).stdout).toContain(`"modify": 0,\n    "create": 0`);
        } finally {
          w.remove();
        }
      },
    ),
    runs(25),
  );
}, 3_600_000);
