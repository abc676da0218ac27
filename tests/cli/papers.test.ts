// The files of a snapshot that are for people: checked as the rest is. And where an archive may lie that is restored from.
import { describe, expect, test } from "bun:test";
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contentsOf, rawZip } from "../archive/parts.ts";
import { archiveWorld, clearError, zipOf } from "../archives.ts";
import { must, placeLegacySnapshots, type World } from "../harness.ts";

/** A zip with one file's text edited; a text that is null takes the file out. */
async function edited(w: World, zip: string, name: string, edit: (text: string) => string | null): Promise<string> {
  const { contents } = await contentsOf(readFileSync(zip));
  const entries = contents.flatMap(({ name: path, mode, content }) => {
    const text = path.endsWith(`/${name}`) ? edit(content) : content;
    if (path.endsWith("/") || text === null) return [];
    return [{ name: path, content: text, unix: 0o100000 | mode }];
  });
  const to = join(w.away, "edited", zip.slice(zip.lastIndexOf("/") + 1));
  mkdirSync(join(w.away, "edited"), { recursive: true });
  writeFileSync(to, rawZip(entries));
  return to;
}

describe("the papers of an archive", () => {
  const w = archiveWorld();
  const id = w.create();
  must(w.run("pack", id));
  const zip = zipOf(w, id);
  w.put({ "root/shared/secrets.py": "edited" });

  test.each<[string, (text: string) => string]>([
    ["RESTORE.txt", (text) => text.replaceAll("cp -p", "rm -rf ~; cp -p")],
    ["SHA256SUMS", (text) => text.replace(/^[0-9a-f]{8}/, "00000000")],
    ["SHA256SUMS", (text) => text.split("\n").slice(1).join("\n")],
    ["CREDENTIAL-MANIFEST.md", (text) => text.replace("google-ads", "google-bad")],
  ])("%s that was edited is damage to verify, restore and unpack", async (name, edit) => {
    const path = await edited(w, zip, name, edit);
    const verified = w.run("verify", path);
    expect([verified.exit, verified.stdout]).toEqual([4, expect.stringContaining(name)]);
    for (const words of [
      ["restore", path],
      ["restore", path, "--force"],
      ["unpack", path],
    ]) {
      const ran = w.run(...words);
      expect([words, clearError(ran, 4)]).toEqual([words, undefined]);
      expect(ran.stderr).toContain(`${name}: it is not what the manifest says`);
    }
    expect(readFileSync(join(w.root, "shared/secrets.py"), "utf8")).toBe("edited");
  });

  test("lines in another order, and papers that are not there, are no damage; one of other words is named", async () => {
    const turned = await edited(
      w,
      zip,
      "SHA256SUMS",
      (text) => `${text.trimEnd().split("\n").toReversed().join("\n")}\n`,
    );
    expect(must(w.run("verify", turned)).stderr).toBe("");
    const without = await edited(w, zip, "RESTORE.txt", () => null);
    expect(must(w.run("verify", without)).stderr).toBe("");
    const other = await edited(w, zip, "RESTORE.txt", () => "Another version's guide\n");
    for (const words of [
      ["verify", other],
      ["restore", other],
    ])
      expect(must(w.run(...words)).stderr).toContain("RESTORE.txt: it is of a form that is not known");
  });

  test("an archive whose name is another snapshot's is not unpacked", () => {
    const other = join(w.away, "20200101_000000.zip");
    cpSync(zip, other);
    const ran = w.run("unpack", other);
    expect(clearError(ran, 4)).toBeUndefined();
    expect(ran.stderr).toContain(`holds the snapshot ${id}`);
  });

  test("what others can write to is not restored from, nor unpacked", () => {
    for (const name of ["open", "mine"]) mkdirSync(join(w.away, name));
    const mine = join(w.away, "mine/a.zip");
    const exposed = join(w.away, "open/a.zip");
    for (const path of [mine, exposed]) cpSync(zip, path);
    chmodSync(join(w.away, "open"), 0o777);
    must(w.run("restore", mine));
    for (const words of [
      ["restore", exposed, "--force"],
      ["unpack", exposed],
    ]) {
      const ran = w.run(...words);
      expect([words, clearError(ran, 7)]).toEqual([words, undefined]);
      expect(ran.stderr).toContain(`${join(w.away, "open")} is not safe to restore from`);
    }
    // As in /tmp: nobody can put another in its place.
    chmodSync(join(w.away, "open"), 0o1777);
    must(w.run("restore", exposed));
    chmodSync(mine, 0o666);
    expect(clearError(w.run("restore", mine, "--force"), 7)).toBeUndefined();
    expect(readFileSync(join(w.root, "shared/secrets.py"), "utf8")).toBe("edited");
  });
});

describe("CREDENTIAL-MANIFEST.md in a folder", () => {
  test("edited or gone is damage, which --heal mends; a restore goes on and names it", () => {
    const w = archiveWorld();
    const id = w.create();
    const path = join(w.store, id, "CREDENTIAL-MANIFEST.md");
    const text = readFileSync(path, "utf8");
    for (const spoil of [() => writeFileSync(path, `${text}- **more**\n`), () => rmSync(path)]) {
      spoil();
      const ran = w.run("verify", id);
      expect([ran.exit, ran.stdout]).toEqual([4, expect.stringContaining("CREDENTIAL-MANIFEST.md")]);
      expect(must(w.run("restore", id)).stderr).toContain("CREDENTIAL-MANIFEST.md");
      must(w.run("verify", id, "--heal"));
      expect(readFileSync(path, "utf8")).toBe(text);
    }
  });

  test("of the original tool: compared by its rows, and left alone in another form", () => {
    const w = archiveWorld();
    const id = "20251211_143600";
    placeLegacySnapshots(w.store);
    const path = join(w.store, id, "CREDENTIAL-MANIFEST.md");
    const text = readFileSync(path, "utf8");
    const verify = () => w.run("verify", id);
    expect([verify().exit, verify().stderr]).toEqual([0, ""]);
    writeFileSync(path, "Another form\n");
    expect(must(verify()).stderr).toContain("was not compared");
    writeFileSync(path, text.replace(/`[0-9a-f]{8}/, "`00000000"));
    expect(verify().exit).toBe(4);
  });
});
