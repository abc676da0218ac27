// `leaks` and the warnings of `create`: secrets that git's index or history holds, found without reading one object of git's.
import { beforeAll, describe, expect, test } from "bun:test";
import { cpSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as v from "valibot";
import { archiveWorld, LACKS, newKey, SECRET, sh, shell } from "../archives.ts";
import { binFolder } from "../binary.ts";
import { checkout, git } from "../checkout.ts";
import { leaksFound } from "../contract.ts";
import { must, type World, world } from "../harness.ts";

const PATH = process.env.PATH ?? "/usr/bin:/bin";
const STORE = "infrastructure/rollback-snapshots";
const YAML = ".google-ads/google-ads.yaml";

/** The leaks as `path: why`, paths relative to the root. */
function leaks(w: World, ...more: string[]): string[] {
  const { stdout, exit } = w.runWith({ env: { PATH } }, "leaks", "--json", ...more);
  const found = v.parse(leaksFound, JSON.parse(stdout));
  expect(found.checked).toBe(true);
  expect(exit).toBe(found.leaks.length === 0 ? 0 : 7);
  expect(stdout).not.toContain(SECRET);
  return found.leaks.map(({ path, why }) => `${relative(w.root, path)}: ${why}`);
}

async function repository(): Promise<World> {
  const w = archiveWorld();
  await checkout(w);
  return w;
}

describe.skipIf(LACKS.git)("what the index holds (needs git)", () => {
  const w = archiveWorld();
  let id = "";
  beforeAll(async () => {
    await checkout(w);
    newKey(w);
    w.put({
      "root/infrastructure/mcp-servers/drive/credentials.json": `{"token": "${SECRET}"}`,
      "root/code/it's ours.py": "print()",
    });
    id = w.create();
    must(w.run("pack", id));
    must(w.run("pack", id, "--seal"));
  });
  const index = async (...names: string[]) => {
    await git(w, ["rm", "-r", "-q", "-f", "--cached", "--ignore-unmatch", "."]);
    if (names.length > 0) await git(w, ["add", "--force", "--", ...names]);
  };

  test("nothing: all is well, in words, too", async () => {
    await index("code", `${STORE}/.gitignore`);
    expect(leaks(w)).toEqual([]);
    expect(must(w.runWith({ env: { PATH } }, "leaks")).stdout).toContain("✅");
  });

  test("`git add` of everything takes no plain snapshot and no plain archive, but the sealed one", async () => {
    await index();
    await git(w, ["add", "--", "infrastructure/rollback-snapshots"]);
    expect(await git(w, ["ls-files"])).toBe(`${STORE}/${id}.zip.age`);
    expect(leaks(w)).toEqual([]);
  });

  test("plain snapshots and plain archives, by their place", async () => {
    await index(STORE);
    const found = leaks(w);
    expect(found).toContain(`${STORE}/${id}/manifest.json: a plain snapshot`);
    expect(found).toContain(`${STORE}/${id}/config/secrets.py: a plain snapshot`);
    expect(found).toContain(`${STORE}/${id}.zip: a plain snapshot`);
    expect(found.join()).not.toContain(".zip.age");
    expect(found.join()).not.toContain(".gitignore");
    const ran = w.runWith({ env: { PATH } }, "leaks");
    expect(ran.exit).toBe(7);
    expect(ran.stdout).toContain("git rm --cached");
    expect(ran.stdout + ran.stderr).not.toContain(SECRET);
  });

  test("a credential file, by its path", async () => {
    await index("infrastructure/mcp-servers");
    expect(leaks(w)).toEqual(["infrastructure/mcp-servers/drive/credentials.json: a credential file"]);
  });

  test("a credential's bytes under another name, mode and place", async () => {
    cpSync(join(w.home, YAML), join(w.root, "code/innocent\nname é.txt"));
    await index("code");
    expect(leaks(w)).toEqual([`code/innocent\nname é.txt: the bytes of the credential ~/${YAML}`]);
    const ran = w.runWith({ env: { PATH } }, "leaks");
    expect(ran.stdout.split("\n")[0]).toContain("innocent\\nname");
  });

  test("also where the live file has changed since, or is gone", async () => {
    w.put({ [`home/${YAML}`]: { file: "another\n", mode: 0o600 } });
    await index("code");
    expect(leaks(w)).toHaveLength(1);
  });
});

describe.skipIf(LACKS.git)("credentials of snapshots that are archives (needs git)", () => {
  for (const form of ["folder", "zip"])
    test(`as a ${form}`, async () => {
      const w = await repository();
      const id = w.create();
      cpSync(join(w.home, YAML), join(w.root, "copy.txt"));
      w.put({ [`home/${YAML}`]: { file: "another\n", mode: 0o600 } });
      if (form === "zip") must(w.run("pack", id, "--move"));
      await git(w, ["add", "copy.txt"]);
      expect(leaks(w)).toEqual([`copy.txt: the bytes of the credential ~/${YAML}`]);
    });
});

describe.skipIf(LACKS.git)("--staged looks at what the next commit changes, and at nothing else (needs git)", () => {
  test("before the first commit, after it, and for a removal", async () => {
    const w = world({ home: { [YAML]: SECRET.repeat(2) }, root: { ".mcp.json": "{}" } });
    await git(w, ["init", "-q", "-b", "main"]);
    w.create();
    cpSync(join(w.home, YAML), join(w.root, "copy.txt"));
    await git(w, ["add", "copy.txt"]);
    const found = [`copy.txt: the bytes of the credential ~/${YAML}`];
    expect(leaks(w, "--staged")).toEqual(found);
    await git(w, ["commit", "-q", "-m", "too late"]);
    expect(leaks(w, "--staged")).toEqual([]);
    expect(leaks(w)).toEqual(found);
    await git(w, ["mv", "copy.txt", "moved.txt"]);
    expect(leaks(w, "--staged")).toEqual([`moved.txt: the bytes of the credential ~/${YAML}`]);
    await git(w, ["rm", "-q", "--cached", "moved.txt"]);
    expect(leaks(w, "--staged")).toEqual([]);
    expect(leaks(w)).toEqual([]);
  });

  /** A repository whose hook is the recipe of docs/credentials.md. */
  const hooked = async () => {
    const w = await repository();
    w.create();
    w.put({
      "root/.git/hooks/pre-commit": { file: "#!/bin/sh\nexec rollback leaks --staged\n", mode: 0o755 },
      "root/notes.txt": "notes",
    });
    const env = {
      PATH: `${binFolder}:${PATH}`,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "A",
      GIT_AUTHOR_EMAIL: "a@example.com",
      GIT_COMMITTER_NAME: "A",
      GIT_COMMITTER_EMAIL: "a@example.com",
    };
    const commit = (words: string) => shell(w, `git commit -q -m x ${words}`, { env });
    await sh(w, "git add notes.txt", { env });
    expect((await commit("")).exit).toBe(0);
    return { w, env, commit, head: () => git(w, ["rev-parse", "HEAD"]) };
  };

  test("as a pre-commit hook it stops a commit, and names the file", async () => {
    const { w, env, commit, head } = await hooked();
    const before = await head();
    cpSync(join(w.home, YAML), join(w.root, "copy.txt"));
    await sh(w, "git add copy.txt", { env });
    const { exit, stdout, stderr } = await commit("");
    expect(exit).not.toBe(0);
    expect(stdout + stderr).toContain("copy.txt");
    expect(await head()).toBe(before);
    expect((await commit("--no-verify")).exit).toBe(0);
  });

  // git hands the hook an index of its own for these: GIT_INDEX_FILE.
  for (const words of ["--all", "notes.txt", "--include notes.txt"])
    test(`and one by \`git commit ${words}\``, async () => {
      const { w, commit, head } = await hooked();
      const before = await head();
      cpSync(join(w.home, YAML), join(w.root, "notes.txt"));
      const { exit, stdout, stderr } = await commit(words);
      expect(stdout + stderr).toContain("notes.txt");
      expect(exit).not.toBe(0);
      expect(await head()).toBe(before);
    });

  test("from a subfolder, and in another worktree, which has a root and an index of its own", async () => {
    const { w, env, head } = await hooked();
    const before = await head();
    await sh(w, "git worktree add -q ../away/side", { env });
    const side = join(w.away, "side");
    w.put({ "away/side/.mcp.json": "{}", "away/side/sub/copy.txt": readFileSync(join(w.home, YAML)) });
    const inSide = { cwd: join(side, "sub"), env: { ...env, ROLLBACK_ROOT: undefined, ROLLBACK_SNAPSHOTS: w.store } };
    await sh(w, "git add copy.txt", inSide);
    const { exit } = await shell(w, "git commit -q -m x", inSide);
    expect(exit).not.toBe(0);
    expect(await head()).toBe(before);
  });
});

describe.skipIf(LACKS.git)("repositories of other shapes (needs git)", () => {
  const leak = (path: string) => `${path}: the bytes of the credential ~/${YAML}`;
  const parts = (prefix: string) => ({ home: { [YAML]: SECRET }, root: { [`${prefix}.mcp.json`]: "{}" } });

  test("the root lies deep inside: all of the repository is looked at", async () => {
    const w = world(parts("deep/er/"));
    await git(w, ["init", "-q"]);
    const words = ["--root", join(w.root, "deep/er")];
    must(w.run("create", "x", ...words));
    w.put({ "root/top.txt": SECRET, "root/deep/er/inner.txt": SECRET });
    await git(w, ["add", "top.txt", "deep/er/inner.txt"]);
    expect(leaks(w, ...words).sort()).toEqual([leak("deep/er/inner.txt"), leak("top.txt")]);
    expect(leaks(w, "--staged", ...words)).toHaveLength(2);
  });

  test("a worktree", async () => {
    const w = world({ home: { [YAML]: SECRET }, away: { "main/x": "x" } });
    const main = join(w.away, "main");
    await git(w, ["init", "-q", "-b", "main"], main);
    await git(w, ["commit", "-q", "--allow-empty", "-m", "first"], main);
    await git(w, ["worktree", "add", "-q", "-b", "side", w.root, "HEAD"], main);
    w.put({ "root/.mcp.json": "{}", "root/copy.txt": SECRET });
    w.create();
    await git(w, ["add", "copy.txt"]);
    expect(leaks(w)).toEqual([leak("copy.txt")]);
    expect(leaks(w, "--staged")).toEqual([leak("copy.txt")]);
  });

  test("one whose objects go by SHA-256", async () => {
    const w = world(parts(""));
    await git(w, ["init", "-q", "--object-format=sha256"]);
    w.create();
    w.put({ "root/copy.txt": SECRET });
    await git(w, ["add", "copy.txt"]);
    expect(leaks(w)).toEqual([leak("copy.txt")]);
  });

  test("a root that is reached through a link", async () => {
    const w = world(parts(""));
    await git(w, ["init", "-q"]);
    w.create();
    w.put({ "away/link": { link: w.root } });
    await git(w, ["add", "--force", STORE]);
    const { exit, stdout } = w.runWith({ env: { PATH } }, "leaks", "--root", join(w.away, "link"));
    expect(exit).toBe(7);
    expect(stdout).toContain("manifest.json: a plain snapshot");
  });

  test("looking changes nothing in it, and runs nothing of it", async () => {
    const w = await repository();
    w.create();
    await git(w, ["add", "--force", "shared"]);
    const script = { file: `#!/bin/sh\ntouch '${w.away}/ran'\n`, mode: 0o755 };
    w.put({ "root/.git/hooks/post-index-change": script, "away/evil": script });
    await git(w, ["config", "core.fsmonitor", join(w.away, "evil")]);
    await git(w, ["config", "diff.external", join(w.away, "evil")]);
    await git(w, ["config", "core.pager", join(w.away, "evil")]);
    const before = readFileSync(join(w.root, ".git/index"));
    leaks(w);
    leaks(w, "--staged");
    expect(readFileSync(join(w.root, ".git/index")).equals(before)).toBe(true);
    expect(await sh(w, "ls ../away")).toBe("evil\n");
  });
});

test("without git, or in no repository: nothing was looked at, and that is said", () => {
  const w = archiveWorld();
  w.create();
  for (const env of [{ PATH: "" }, { PATH }]) {
    const { exit, stdout, stderr } = w.runWith({ env }, "leaks");
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "" });
    expect(stderr).toContain("nothing was looked at");
    const json = w.runWith({ env }, "leaks", "--json");
    expect(JSON.parse(json.stdout)).toEqual({ schema: 1, ok: true, command: "leaks", checked: false, leaks: [] });
  }
});

describe.skipIf(LACKS.git)("create warns (needs git)", () => {
  const create = (w: World) => must(w.runWith({ env: { PATH } }, "create", "x")).stderr;

  test("where git tracks plain snapshots, then where only its history holds them", async () => {
    const w = await repository();
    const id = w.create();
    expect(create(w)).toBe("");
    await git(w, ["add", "--force", join(STORE, id)]);
    const tracked = create(w);
    expect(tracked).toContain("PLAIN SNAPSHOTS");
    expect(tracked).toContain("git rm -r -q --cached");
    await git(w, ["commit", "-q", "-m", "plain"]);
    expect(create(w)).toContain("PLAIN SNAPSHOTS");
    // The very commands that it names.
    const commands = /Untrack them: (.*? --cached \S+)/.exec(tracked)?.[1] ?? "";
    await sh(w, commands, { env: { PATH } });
    await git(w, ["commit", "-q", "-m", "untracked"]);
    const history = create(w);
    expect(history).toContain("HISTORY");
    expect(history).not.toContain("Untrack");
    expect(await git(w, ["ls-files"])).toBe("");
  });

  test("and goes on to, however many sealed archives were committed since", async () => {
    const w = await repository();
    const id = w.create();
    await git(w, ["add", "--force", join(STORE, id)]);
    await git(w, ["commit", "-q", "-m", "plain"]);
    await git(w, ["rm", "-r", "-q", "--cached", STORE]);
    await git(w, ["commit", "-q", "-m", "untracked"]);
    for (let day = 10; day < 35; day++) {
      w.put({ [join(w.store, `202601${day}_000000.zip.age`)]: `age-encryption.org/v1 ${day}` });
      await git(w, ["add", STORE]);
      await git(w, ["commit", "-q", "-m", `sealed ${day}`]);
    }
    expect(create(w)).toContain("HISTORY");
  });

  test("not where git holds sealed archives alone, nor where the store is not a part of the repository", async () => {
    const w = await repository();
    newKey(w);
    const id = w.create();
    must(w.run("pack", id, "--seal"));
    await git(w, ["add", STORE]);
    await git(w, ["commit", "-q", "-m", "sealed"]);
    expect(create(w)).toBe("");
    w.put({ "root/rollback.yaml": `snapshots: ${w.away}/store\n` });
    expect(create(w)).toBe("");
  });
});
