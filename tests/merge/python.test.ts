// What was merged is read by others as it is meant: plistlib and PyYAML, where they are.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { merge } from "../../src/merge/merge.ts";
import { runs } from "../property.ts";
import { FORMS, fields, look } from "./documents.ts";

const READERS = {
  plistlib: "import sys, json, plistlib; print(json.dumps([plistlib.load(open(p, 'rb')) for p in sys.argv[1:]]))",
  yaml: "import sys, json, yaml; print(json.dumps([yaml.safe_load(open(p, 'rb')) for p in sys.argv[1:]]))",
};
const has = (module: string): boolean =>
  Bun.which("python3") !== null && Bun.spawnSync(["python3", "-c", `import ${module}`]).exitCode === 0;

for (const [name, module] of [
  ["a.plist", "plistlib"],
  ["b.plist", "plistlib"],
  ["a.yaml", "yaml"],
] as const)
  test.skipIf(!has(module))(`${name} by Python's ${module} (skipped where that is not here)`, () =>
    compare(name, module),
  );

async function compare(name: string, module: keyof typeof READERS): Promise<void> {
  const form = FORMS.find((one) => one.name === name);
  if (form === undefined) throw new Error(`no form ${name}`);
  const folder = mkdtempSync(join(tmpdir(), "rollback-merge-"));
  const wanted: unknown[] = [];
  const paths: string[] = [];
  await fc.assert(
    fc.asyncProperty(fields, fields, fields, look, look, look, async (a, mine, yours, one, two, three) => {
      const [base, ours, theirs] = [
        form.write({ a, b: a }, one),
        form.write({ a: { ...a, ...mine }, b: a, c: 1 }, two),
        form.write({ a, b: { ...a, ...yours } }, three),
      ];
      const { bytes } = await merge(name, { base, theirs, ours });
      if (bytes === null) throw new Error("a conflict");
      paths.push(join(folder, `${paths.length}`));
      writeFileSync(paths.at(-1) ?? "", bytes);
      wanted.push({ a: { ...a, ...mine }, b: { ...a, ...yours }, c: 1 });
    }),
    runs(60),
  );
  try {
    const { stdout, stderr } = Bun.spawnSync(["python3", "-c", READERS[module], ...paths]);
    expect(stderr.toString()).toBe("");
    expect(JSON.parse(stdout.toString())).toEqual(wanted);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.skipIf(!has("plistlib"))(
  "types that plistlib writes come through a merge, from XML and binary (skipped without it)",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollback-merge-"));
    const write = `import plistlib, datetime, sys
full = {"Real": 1.0, "Small": 0.1, "Big": 2**64 - 1, "Neg": -5, "When": datetime.datetime(2026, 1, 2, 3, 4, 5), "Data": b"\\x00" * 100, "On": True, "Text": "é\\n<&>"}
for form, fmt in (("xml", plistlib.FMT_XML), ("bin", plistlib.FMT_BINARY)):
    for name, value in (("base", {"Label": "a", "N": 1}), ("theirs", dict(full, Label="a", N=2)), ("ours", {"Label": "b", "N": 1, "Own": 2.0})):
        plistlib.dump(value, open(f"{sys.argv[1]}/{form}-{name}", "wb"), fmt=fmt, sort_keys=False)
    plistlib.dump(dict(full, Label="b", N=2, Own=2.0), open(f"{sys.argv[1]}/{form}-wanted", "wb"), fmt=fmt)`;
    const same = `import plistlib, sys
load = lambda name: plistlib.load(open(f"{sys.argv[1]}/{name}", "rb"))
typed = lambda value: sorted((k, type(v).__name__, v) for k, v in value.items())
for form in ("xml", "bin"):
    for source in ("xml", "bin"):
        assert typed(load(f"{form}-{source}-merged")) == typed(load(f"{form}-wanted")), (form, source, load(f"{form}-{source}-merged"))`;
    try {
      expect(Bun.spawnSync(["python3", "-c", write, folder]).stderr.toString()).toBe("");
      const read = (name: string) => Bun.file(join(folder, name)).bytes();
      for (const form of ["xml", "bin"])
        for (const source of ["xml", "bin"]) {
          const states = {
            base: await read(`${source}-base`),
            theirs: await read(`${source}-theirs`),
            ours: await read(`${form}-ours`),
          };
          const { bytes } = await merge("a.plist", states);
          writeFileSync(join(folder, `${form}-${source}-merged`), bytes ?? "");
        }
      expect(Bun.spawnSync(["python3", "-c", same, folder]).stderr.toString()).toBe("");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
