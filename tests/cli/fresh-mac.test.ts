// From an empty home with another user name and no program on the PATH: one command puts everything back.
import { describe, expect, test } from "bun:test";
import { cpSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { clearError, HOME, identityOf, newKey, ROOT, SECRET, sealedOf, zipOf } from "../archives.ts";
import { type Layout, modeOf, must, placeLegacySnapshots, plist, type Ran, readTree, world } from "../harness.ts";

const AGENT = "Library/LaunchAgents/com.petesbrain.worker.plist";
const SERVER = "infrastructure/mcp-servers/drive/credentials.json";
const KEY = "AGENT_TOKEN";

/** Alex's home with everything that a snapshot can hold, sealed, and an empty home for Sam, who has that archive and the key. */
function movedHouse(options: { ordinary?: boolean } = {}) {
  const w = world({}, options);
  const alex = w.path("home/alex");
  const project = join(alex, "PetesBrain");
  const agent = (home: string, root: string) =>
    plist(
      "com.petesbrain.worker",
      `\n\t<key>ProgramArguments</key><array><string>/bin/sh</string><string>${root}/run.sh</string></array>` +
        `\n\t<key>EnvironmentVariables</key><dict><key>PATH</key><string>/usr/bin:${home}/bin</string><key>${KEY}</key><string>${SECRET}</string></dict>` +
        `\n\t<key>StandardOutPath</key><string>${home}/worker.log</string>\n`,
    );
  const mcp = (home: string, root: string) =>
    `{"mcpServers": {"drive": {"command": "${root}/serve", "env": {"OAUTH_PATH": "${home}/keys/oauth.json", "API_KEY": "${SECRET}"}}}}\n`;
  const inHome: Layout = {
    ...HOME,
    [AGENT]: { file: agent(alex, project), mode: 0o644 },
    "keys/oauth.json": { file: `{"key": "${SECRET}"}`, mode: 0o400 },
    "run.sh": "#!/bin/sh\n",
  };
  const inRoot: Layout = {
    ...ROOT,
    ".mcp.json": mcp(alex, project),
    "run.sh": "#!/bin/sh\n",
    [SERVER]: { file: `{"token": "${SECRET}", "home": "${alex}"}`, mode: 0o600 },
    "shared/paths.py": { link: join(project, "shared/secrets.py") },
  };
  const under = (folder: string, layout: Layout) =>
    w.put(Object.fromEntries(Object.entries(layout).map(([name, item]) => [join(folder, name), item])));
  under(alex, inHome);
  under(project, inRoot);
  const asAlex = (...words: string[]) =>
    must(w.runWith({ env: { HOME: alex, ROLLBACK_ROOT: project }, cwd: project }, ...words));
  asAlex("key", "new");
  const id = asAlex("create", "before the old Mac died", "--quiet").stdout.trim();
  asAlex("pack", id, "--seal");
  const store = join(project, "infrastructure/rollback-snapshots");
  const sam = w.path("home/sam");
  const brought = (path: string) => ({ file: readFileSync(path), mode: 0o600 });
  w.put({
    [sam]: { folder: 0o755 },
    [join(sam, `${id}.zip.age`)]: brought(join(store, `${id}.zip.age`)),
    [join(sam, "key.txt")]: brought(join(alex, ".config/rollback/identity.txt")),
  });
  // The old Mac is gone.
  renameSync(alex, w.path("away/old"));
  const root = join(sam, "Documents/PetesBrain.nosync");
  const env = { HOME: sam, ROLLBACK_ROOT: undefined, PATH: "", TZ: undefined };
  const asSam = (...words: string[]): Ran => w.runWith({ env, cwd: sam }, ...words);
  const restore = (...more: string[]) =>
    asSam("restore", `${id}.zip.age`, "--identity", "key.txt", "--relocate", "--root", root, ...more);
  return { w, id, sam, root, asSam, restore, alex, project, agent, mcp };
}
const live = (sam: string) => readTree(sam, { mtimes: true, skip: (path) => path.includes("rollback-snapshots") });
const filesIn = (sam: string) =>
  Object.fromEntries(Object.entries(live(sam)).filter(([, { kind }]) => kind !== "folder"));

for (const ordinary of [false, true])
  describe(ordinary ? "as an ordinary user" : "as whoever runs the tests", () => {
    test("the preview names every rewritten key, shows no secret, and writes nothing", () => {
      const { w, sam, restore, alex, project, root } = movedHouse({ ordinary });
      const before = readTree(w.base, { mtimes: true });
      const { stdout } = must(restore());
      expect(readTree(w.base, { mtimes: true })).toEqual(before);
      expect(stdout).toContain(`     ProgramArguments: ${project}/run.sh → ${root}/run.sh\n`);
      expect(stdout).toContain(`     PATH: /usr/bin:${alex}/bin → /usr/bin:${sam}/bin\n`);
      expect(stdout).toContain(`     OAUTH_PATH: ${alex}/keys/oauth.json → ${sam}/keys/oauth.json\n`);
      for (const manner of [[], ["--json"], ["--quiet"]]) {
        const ran = must(restore(...manner));
        expect(ran.stdout + ran.stderr).not.toContain(SECRET);
      }
    });

    test("--force puts everything below the new home, with its modes, and the second run changes nothing", () => {
      const { sam, root, restore, asSam, agent, mcp, alex, project } = movedHouse({ ordinary });
      const first = must(restore("--force"));
      expect(first.stdout).toContain("✅ Restored 9 files");
      expect(first.stdout + first.stderr).not.toContain(SECRET);
      // Nothing was there, so nothing had to be kept.
      expect(first.stdout).not.toContain("Auto-backup");
      const read = (...path: string[]) => readFileSync(join(...path), "utf8");
      expect(read(sam, AGENT)).toBe(agent(sam, root));
      expect(read(root, ".mcp.json")).toBe(mcp(sam, root));
      // A credential keeps its bytes, whatever they name.
      expect(read(root, SERVER)).toBe(`{"token": "${SECRET}", "home": "${alex}"}`);
      expect(read(root, "shared/paths.py")).toBe(read(root, "shared/secrets.py"));
      expect(read(sam, AGENT) + read(root, ".mcp.json")).not.toContain(project);
      const modes = { [AGENT]: "0644", "keys/oauth.json": "0400", ".google-ads/google-ads.yaml": "0600" };
      for (const [path, mode] of Object.entries(modes)) expect([path, modeOf(join(sam, path))]).toEqual([path, mode]);
      for (const folder of ["keys", ".google-ads"]) expect(modeOf(join(sam, folder))).toBe("0700");

      const before = live(sam);
      const second = must(restore("--force", "--json"));
      expect(JSON.parse(second.stdout)).toMatchObject({
        restored: 0,
        auto_backup: null,
        summary: { unchanged: 9, modify: 0, create: 0, refused: 0 },
      });
      expect(live(sam)).toEqual(before);

      // The new home is one like any other.
      const here = ["--root", root];
      must(asSam("verify", ...here));
      expect(must(asSam("recover", "--json", ...here)).stdout).toContain('"outcome": "nothing"');
      must(asSam("create", "the new Mac", ...here));
      expect(must(asSam("list", ...here)).stdout).toContain("the new Mac");
      must(asSam("verify", ...here));
      expect(readdirSync(join(root, "infrastructure/rollback-snapshots/.rollback")).sort()).toEqual(["lock", "undo"]);
    });
  });

test("the `rollback reload` line that it ends with finds what was restored", () => {
  const { root, restore, w, sam } = movedHouse();
  const line = /^ {3}rollback (reload .*)$/m.exec(must(restore("--force")).stdout)?.[1] ?? "";
  const words = line.split(" ");
  expect(words[0]).toBe("reload");
  const ran = w.runWith({ env: { HOME: sam, ROLLBACK_ROOT: undefined, PATH: "" }, cwd: root }, ...words);
  // There may be no launchd here, but there is such a snapshot.
  expect(ran.stderr).not.toContain("Snapshot not found");
  expect(ran.exit).not.toBe(5);
});

test("without the key: one error, and the home stays empty", () => {
  const { sam, root, id, asSam } = movedHouse();
  const before = readTree(sam, { mtimes: true });
  const words = ["restore", `${id}.zip.age`, "--relocate", "--root", root, "--force"];
  expect(clearError(asSam(...words), 5)).toBeUndefined();
  expect(clearError(asSam(...words, "--identity", "none.txt"), 5)).toBeUndefined();
  expect(readTree(sam, { mtimes: true })).toEqual(before);
});

test("with the key in its place no flag is needed", () => {
  const { sam, root, id, asSam } = movedHouse();
  must(asSam("key", "show", "--identity", "key.txt"));
  cpSync(join(sam, "key.txt"), join(sam, ".config/rollback/identity.txt"));
  must(asSam("restore", `${id}.zip.age`, "--relocate", "--root", root, "--force"));
});

test("what is there already is kept in an auto-backup, and can be had back", () => {
  const { w, sam, root, restore, asSam } = movedHouse();
  w.put({ [join(sam, AGENT)]: "what Sam had", [join(root, ".mcp.json")]: "{}" });
  const value = JSON.parse(must(restore("--force", "--json")).stdout);
  expect(value.auto_backup).toMatch(/^\d{8}_\d{6}$/);
  must(asSam("restore", value.auto_backup, "--force", "--root", root));
  expect(readFileSync(join(sam, AGENT), "utf8")).toBe("what Sam had");
});

test("without --relocate nothing goes to the other's home: it is refused", () => {
  const { sam, root, id, asSam } = movedHouse();
  const before = filesIn(sam);
  const ran = asSam("restore", `${id}.zip.age`, "--identity", "key.txt", "--root", root, "--force");
  expect(clearError(ran, 7)).toBeUndefined();
  expect(filesIn(sam)).toEqual(before);
});

describe("a snapshot of the original tool", () => {
  const OLD_HOME = "/Users/administrator";
  const OLD_ROOT = `${OLD_HOME}/Documents/PetesBrain.nosync`;
  const LEGACY = "20251211_143600";

  for (const form of ["folder", "zip", "zip.age"] as const)
    test(`as a ${form}: home and root are inferred and shown, all goes below the new home`, () => {
      const w = world({ root: { ".mcp.json": "{}" } });
      placeLegacySnapshots(w.store);
      newKey(w);
      const sam = w.path("away/sam");
      w.put({ [sam]: { folder: 0o755 } });
      if (form !== "folder") must(w.run("pack", LEGACY, ...(form === "zip" ? [] : ["--seal"])));
      const from = { folder: join(w.store, LEGACY), zip: zipOf(w, LEGACY), "zip.age": sealedOf(w, LEGACY) }[form];
      const root = join(sam, "Brain");
      const run = (...more: string[]) =>
        w.runWith(
          { env: { HOME: sam, ROLLBACK_ROOT: undefined, PATH: "" }, cwd: sam },
          ...["restore", from, "--relocate", "--root", root, "--identity", identityOf(w), ...more],
        );
      const preview = must(run()).stdout;
      expect(preview).toContain(`home ${OLD_HOME}, root ${OLD_ROOT}`);
      expect(preview).toContain(`     PETESBRAIN_ROOT: ${OLD_ROOT} → ${root}\n`);
      expect(preview).not.toContain("Refused");
      for (const manner of [[], ["--json"]]) expect(must(run(...manner)).stdout).not.toMatch(/fake-[a-z]{20}/);
      const value = JSON.parse(must(run("--force", "--json")).stdout);
      expect(value).toMatchObject({ ok: true, summary: { refused: 0, skipped: 0 } });
      const texts = Object.entries(live(sam)).flatMap(([path, item]) =>
        item.kind === "file" ? [{ path, ...item }] : [],
      );
      expect(texts.length).toBe(value.restored);
      // Paths are moved in plists and JSON configs; in Python and in credentials they are not ours to change.
      const left = texts.filter(({ bytes }) => bytes.includes(OLD_HOME)).map(({ path }) => path);
      expect(left.filter((path) => /\.plist$|\.mcp\.json$/.test(path))).toEqual([]);
      const again = JSON.parse(must(run("--force", "--json")).stdout);
      expect(again).toMatchObject({ restored: 0, summary: { unchanged: value.restored, modify: 0, create: 0 } });
    });

  test("every plist differs from the stored one in its paths alone", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    placeLegacySnapshots(w.store);
    const sam = w.path("away/sam");
    const root = join(sam, "Brain");
    w.put({ [sam]: { folder: 0o755 } });
    const words = ["restore", join(w.store, LEGACY), "--relocate", "--root", root, "--only", "plist", "--force"];
    must(w.runWith({ env: { HOME: sam, ROLLBACK_ROOT: undefined, PATH: "" }, cwd: sam }, ...words));
    const plists = join(w.store, LEGACY, "plist");
    for (const name of readdirSync(plists)) {
      const stored = readFileSync(join(plists, name), "latin1");
      if (stored.startsWith("bplist")) continue;
      const expected = stored.replaceAll(OLD_ROOT, root).replaceAll(OLD_HOME, sam);
      expect([name, readFileSync(join(sam, "Library/LaunchAgents", name), "latin1")]).toEqual([name, expected]);
    }
    rmSync(sam, { recursive: true });
  });
});
