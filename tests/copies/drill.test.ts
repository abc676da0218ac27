// Copies that are tried out where they are: verify --from, drill, and the health of a whole fleet.
import { describe, expect, test } from "bun:test";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clearError, identityOf, sealedOf } from "../archives.ts";
import { must, readTree, type World } from "../harness.ts";
import { freshMac, own, sealing } from "./worlds.ts";

function usb(w: World): string {
  const folder = join(w.away, "usb");
  mkdirSync(folder);
  return folder;
}
const copyOf = (w: World, folder: string, id: string) => join(folder, own(w), `${id}.zip.age`);
/** Everything but what every writer of the trail touches. */
const treeOf = (w: World) =>
  readTree(join(w.root, ".."), { skip: (path) => /(audit\.jsonl|\.rollback\/(drill\.)?lock)$/.test(path) });

describe("verify --from", () => {
  test("opens each copy, keeps nothing, and names the one that is damaged, with 4", () => {
    const w = sealing();
    const folder = usb(w);
    const ids = [w.create(), w.create(), w.create()];
    must(w.run("push", "--all", folder));
    const tmp = join(w.away, "tmp");
    mkdirSync(tmp);
    const verify = (...words: string[]) => w.runWith({ env: { TMPDIR: tmp } }, "verify", "--from", folder, ...words);
    const before = treeOf(w);
    const sound = verify("--json");
    expect(JSON.parse(must(sound).stdout).snapshots).toHaveLength(3);
    truncateSync(copyOf(w, folder, ids[1] ?? ""), 600);
    for (const ran of [verify(), verify("--all"), verify(ids[1] ?? "")]) {
      expect(ran.exit).toBe(4);
      expect(ran.stdout).toContain(`❌ ${ids[1]} of `);
    }
    must(verify("latest"));
    must(verify(ids[0] ?? ""));
    expect(JSON.parse(verify("--json").stdout).snapshots.map(({ status }: { status: string }) => status)).toEqual([
      "ok",
      "damaged",
      "ok",
    ]);
    cpSync(sealedOf(w, ids[1] ?? ""), copyOf(w, folder, ids[1] ?? ""));
    expect(treeOf(w)).toEqual(before);
  });

  test("another snapshot's archive under the name is damage; without the identity it is 5", () => {
    const w = sealing();
    const folder = usb(w);
    const [one, two] = [w.create(), w.create()];
    must(w.run("push", "--all", folder));
    cpSync(copyOf(w, folder, one), copyOf(w, folder, two));
    expect(w.run("verify", "--from", folder, two).exit).toBe(4);
    rmSync(identityOf(w));
    expect(clearError(w.run("verify", "--from", folder, one), 5)).toBeUndefined();
  });
});

describe("drill", () => {
  const LAYOUT = {
    root: { "shared/paths.py": { file: "p\n", mode: 0o640 } },
    home: {
      "Library/LaunchAgents/com.petesbrain.a.plist": { file: "<plist><dict/></plist>\n", mode: 0o644 },
    },
  };

  test("restores the newest copy elsewhere, compares it, and leaves nothing", () => {
    const w = sealing(LAYOUT);
    const folder = usb(w);
    // A link leads to a file of today's: a drill writes nothing through it.
    w.put({ "root/real.py": "behind\n" });
    rmSync(join(w.root, "shared/secrets.py"), { force: true });
    must(w.run("create", "x"));
    const id = w.create();
    must(w.run("push", folder));
    w.put({ "root/shared/paths.py": "edited since\n" });
    const before = treeOf(w);
    const ran = must(w.run("drill", folder));
    expect(ran.stdout).toMatch(
      new RegExp(
        `^✅ The drill passed: ${id} from ${folder}, before the edits\n {3}\\d+ files restored into a throw-away`,
      ),
    );
    expect(treeOf(w)).toEqual(before);
    expect(existsSync(join(w.store, ".rollback/drill"))).toBe(false);
    expect(readFileSync(join(w.store, "audit.jsonl"), "utf8")).toContain('"command":"drill"');
    // On a bare machine, too.
    const mac = freshMac(w);
    must(mac.run("drill", folder));
    expect(existsSync(join(mac.home, "Library"))).toBe(false);
  });

  test("links of the snapshot are not followed out of the throw-away home", () => {
    const w = sealing(LAYOUT);
    const folder = usb(w);
    w.put({ "away/dotfiles/secrets.py": "old\n" });
    w.put({ "root/shared/secrets.py": { link: join(w.away, "dotfiles/secrets.py") } });
    w.create();
    must(w.run("push", folder));
    w.put({ "away/dotfiles/secrets.py": "new\n" });
    must(w.run("drill", folder));
    expect(readFileSync(join(w.away, "dotfiles/secrets.py"), "utf8")).toBe("new\n");
  });

  test("a copy that is damaged fails it, with 4; the sound one here is offered, and mends it", () => {
    const w = sealing(LAYOUT);
    const folder = usb(w);
    const id = w.create();
    must(w.run("push", folder));
    writeFileSync(copyOf(w, folder, id), "");
    const ran = w.run("drill", folder);
    expect(ran.exit).toBe(4);
    const command = `rollback push ${id} ${folder} --replace-damaged`;
    expect(ran.stdout).toContain(`❌ The drill failed: ${id} from ${folder}`);
    expect(ran.stdout).toContain(command);
    must(w.run(...command.split(" ").slice(1)));
    must(w.run("drill", folder));
  });

  test("what a killed drill left is removed by the next", () => {
    const w = sealing(LAYOUT);
    const folder = usb(w);
    w.create();
    must(w.run("push", folder));
    w.put({ [join(w.store, ".rollback/drill/home/secret.py")]: "plain" });
    must(w.run("drill", folder));
    expect(existsSync(join(w.store, ".rollback/drill"))).toBe(false);
  });

  test("health knows the last one's result, and the daily job does one a month", () => {
    const w = sealing(LAYOUT);
    const folder = usb(w);
    w.put({ "root/rollback.yaml": `version: 1\ncopies: {usb: {to: ${folder}, auto: true}}\n` });
    const id = w.create();
    const finding = () =>
      JSON.parse(w.run("health", "--json").stdout).findings.find(({ check }: { check: string }) => check === "drill");
    expect(finding()).toMatchObject({ level: "warning", message: expect.stringContaining("usb never") });
    expect(w.run("schedule", "run").stdout).toContain("✅ drill: done (usb: ");
    expect(finding()).toMatchObject({ level: "ok" });
    expect(w.run("schedule", "run").stdout).not.toContain("drill");
    truncateSync(copyOf(w, folder, id), 300);
    expect(w.run("drill").exit).toBe(4);
    expect(finding()).toMatchObject({ level: "critical" });
  });

  test("of a place that holds nothing, or is not there, there is one clear error", () => {
    const w = sealing(LAYOUT);
    expect(clearError(w.run("drill"), 2)).toBeUndefined();
    expect(clearError(w.run("drill", usb(w)), 5)).toBeUndefined();
    expect(clearError(w.run("drill", join(w.away, "nowhere")), 1)).toBeUndefined();
  });
});

describe("health --from", () => {
  test("tells every machine's age by names alone: no identity, no byte of a copy", () => {
    const w = sealing();
    const folder = usb(w);
    const id = w.create();
    must(w.run("push", folder));
    rmSync(identityOf(w));
    chmodSync(copyOf(w, folder, id), 0);
    must(w.run("health", "--from", folder));
    w.put({ [join(folder, "mini/notes-12345678/20200101_000000.zip.age")]: "x" });
    const ran = w.run("health", "--from", folder, "--json");
    expect(ran.exit).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      schema: 1,
      ok: false,
      command: "health",
      level: "critical",
      max_age: "26h",
      machines: [
        { host: "mini", project: "notes", newest: "20200101_000000", level: "critical" },
        { newest: id, level: "ok" },
      ],
    });
    expect(w.run("health", "--from", folder).stdout.split("\n")).toHaveLength(4);
    must(w.run("health", "--from", folder, "--max-age", "50y"));
    expect(w.run("health", "--from", folder, "--host", "nobody").exit).toBe(2);
  });
});
