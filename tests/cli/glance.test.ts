// A snapshot's row of a list comes from the two ends of its manifest where rollback laid it out, else from all of it: the same row.
import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { AbsPath } from "../../src/model.ts";
import { glance } from "../../src/snapshot/glance.ts";
import { folderVault } from "../../src/snapshot/vault.ts";
import { listed } from "../contract.ts";
import { plist, type World, world } from "../harness.ts";
import { manifestPath } from "../manifests.ts";

const full = () =>
  world({
    home: {
      "Library/LaunchAgents/com.petesbrain.a.plist": plist("com.petesbrain.a"),
      ".google-ads/google-ads.yaml": { file: "token: x\n", mode: 0o600 },
    },
    root: { ".mcp.json": "{}", "shared/paths.py": "p\n" },
  });
const read = (w: World, id: string) => readFileSync(manifestPath(w, id), "utf8");
const look = (w: World, id: string) => glance(folderVault(id, join(w.store, id) as AbsPath));
const row = (w: World) => {
  const { age_seconds, ...rest } = v.parse(v.looseObject({}), w.json(listed, "list").value.snapshots[0]);
  return rest;
};

/** Rewrites a manifest without changing what it says. */
const LAYOUTS: Record<string, (text: string) => string> = {
  "on one line": (text) => JSON.stringify(JSON.parse(text)),
  "without a newline at the end": (text) => text.trimEnd(),
  "with other indents": (text) => JSON.stringify(JSON.parse(text), null, 4),
  "with CRLF": (text) => text.replaceAll("\n", "\r\n"),
  "with its keys in another order": (text) =>
    `${JSON.stringify(Object.fromEntries(Object.entries(v.parse(v.looseObject({}), JSON.parse(text))).reverse()), null, 2)}\n`,
};

describe("the same row from the ends as from the whole", () => {
  for (const [name, relaid] of Object.entries(LAYOUTS))
    test(`that is laid out ${name}`, async () => {
      const w = full();
      const id = w.create('with "quotes", a \\ and an é 📌', "späte/Woche");
      const [seen, shown] = [await look(w, id), row(w)];
      expect(seen).toMatchObject({
        description: 'with "quotes", a \\ and an é 📌',
        category: "späte/Woche",
        missing: false,
      });
      writeFileSync(manifestPath(w, id), relaid(read(w, id)));
      expect(await look(w, id)).toEqual(seen);
      expect(row(w)).toEqual(shown);
    });

  test("with a description longer than an end, and one with a line break", async () => {
    const w = full();
    for (const description of ["é".repeat(9000), "long ".repeat(4000), "two\nlines\u2028three"]) {
      const id = w.create(description);
      expect((await look(w, id))?.description).toBe(description);
    }
  });
});

describe("not taken from the ends", () => {
  test("are counts that a longer list of the same names does not have", async () => {
    const w = full();
    const id = w.create();
    const seen = await look(w, id);
    writeFileSync(join(w.store, id, "config/extra"), "more");
    expect(await look(w, id)).toEqual(seen);
    writeFileSync(join(w.store, id, "config/.DS_Store"), "finder");
    expect(await look(w, id)).toEqual(seen);
    rmSync(join(w.store, id, "config/paths.py"));
    expect(await look(w, id)).toMatchObject({ missing: true });
  });

  test.each([0.02, 0.5, 0.97, 0.9999])(
    "is a manifest that was cut off at %d of its length: it is damaged",
    async (share) => {
      const w = full();
      const id = w.create();
      const text = read(w, id);
      writeFileSync(manifestPath(w, id), text.slice(0, Math.min(text.length - 3, Math.floor(text.length * share))));
      expect(await look(w, id)).toBeNull();
      expect(row(w)).toMatchObject({ status: "damaged", complete: false });
    },
  );
});

test.each(["a\\qb", "a\tb", "a\\u12zzb", "a\\"])(
  "a description that is not JSON (%j) makes the snapshot damaged",
  async (description) => {
    const w = full();
    const id = w.create("plain");
    writeFileSync(manifestPath(w, id), read(w, id).replace('"plain"', `"${description}"`));
    expect(await look(w, id)).toBeNull();
    expect(row(w)).toMatchObject({ id, status: "damaged", description: null });
  },
);
