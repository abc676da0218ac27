// push and pull against a branch: of the project's own repository, and of real remotes.
import { describe, expect } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { hostKey } from "../../src/copies/address.ts";
import { clearError, LACKS, sealedOf, sh, shell } from "../archives.ts";
import { binary } from "../binary.ts";
import { needing } from "../crash/tracing.ts";
import { must, readTree, type World } from "../harness.ts";
import { freshMac, own, sealing } from "./worlds.ts";

const host = hostKey(hostname());
const latin1 = (path: string) => readFileSync(path, "latin1");
const AS = "git -c user.name=alex -c user.email=alex@example.invalid";
const ofGit = (name: string, body: () => Promise<void>) => needing(LACKS.git ? "it takes git" : undefined, name, body);

/** A project with a commit and a file in its index, whose root is not the repository's. */
async function project(): Promise<World> {
  const w = sealing();
  await sh(
    w,
    `git init -q -b main . && echo a > a && git add a && ${AS} commit -qm a && echo b > b && git add b && echo c > a`,
  );
  return w;
}
async function remote(w: World, name = "remote.git"): Promise<string> {
  const path = join(w.away, name);
  await sh(w, `git init -q --bare "${path}"`);
  return path;
}
const log = (w: World, repository: string) =>
  sh(w, `git -C "${repository}" log --format=%s rollback-snapshots`).then((text) => text.trim().split("\n"));
const at = (w: World, repository: string, id: string) =>
  shell(w, `git -C "${repository}" cat-file blob "rollback-snapshots:${own(w)}/${id}.zip.age" | sha256sum`).then(
    ({ stdout }) => stdout.split(" ")[0],
  );
const sha256 = (path: string) => new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex");

describe("git:. adds a branch to the project's repository", () => {
  ofGit("and touches neither work tree, index, HEAD nor another branch; hooks do not run", async () => {
    const w = await project();
    const ids = [w.create(), w.create()];
    for (const hook of ["pre-commit", "post-commit", "reference-transaction", "pre-push", "post-update"])
      w.put({ [`root/.git/hooks/${hook}`]: { file: `#!/bin/sh\ntouch ${w.away}/ran-${hook}\n`, mode: 0o755 } });
    const untouched = () =>
      readTree(w.root, {
        skip: (path) => /^(\.git\/(objects|logs|refs\/heads\/rollback-snapshots)|infrastructure)/.test(path),
      });
    const before = untouched();
    must(w.run("push", "--all", "git:."));
    expect(untouched()).toEqual(before);
    expect(readdirSync(w.away)).toEqual([]);
    expect(await log(w, w.root)).toEqual(ids.toReversed().map((id) => `${host}/root ${id}`));
    for (const id of ids) expect(await at(w, w.root, id)).toBe(sha256(sealedOf(w, id)));
    expect(await sh(w, "git fsck --strict 2>&1")).not.toMatch(/error|missing|corrupt/);
    expect(must(w.run("push", "--all", "git:.")).stdout).toContain("2 archives there already");
    expect(await log(w, w.root)).toHaveLength(2);
  });

  ofGit("from a folder below the repository's top, and in a worktree", async () => {
    const w = await project();
    await sh(w, `git worktree add -q -b side "${w.away}/side"`);
    const id = w.create();
    must(w.runWith({ env: { ROLLBACK_ROOT: w.root }, cwd: w.away }, "push", "git:."));
    const side = join(w.away, "side");
    must(w.runWith({ env: { ROLLBACK_ROOT: side } }, "list", "--from", "git:."));
    expect(w.runWith({ env: { ROLLBACK_ROOT: side } }, "list", "--from", "git:.", "--quiet").stdout).toBe(
      `${own(w)}/${id}.zip.age\n`,
    );
  });

  ofGit("but not while that branch is checked out", async () => {
    const w = await project();
    w.create();
    must(w.run("push", "git:."));
    await sh(w, `git worktree add -q "${w.away}/there" rollback-snapshots`);
    w.create();
    expect(clearError(w.run("push", "git:."), 1)).toBeUndefined();
    expect(await log(w, w.root)).toHaveLength(1);
  });

  ofGit("and says so where there is no repository", async () => {
    const w = sealing();
    w.create();
    const ran = w.run("push", "git:.");
    expect(clearError(ran, 1)).toBeUndefined();
    expect(ran.stderr).toContain("not a git repository");
  });
});

describe("git:REMOTE", () => {
  ofGit("by URL, by path and by a remote's name; another Mac pulls from it", async () => {
    const w = await project();
    const path = await remote(w);
    await sh(w, `git remote add backups "file://${path}"`);
    const first = w.create();
    must(w.run("push", `git:file://${path}`));
    const second = w.create();
    must(w.run("push", "--all", "git:backups"));
    expect(must(w.run("push", "--all", `git:${path}`)).stdout).toContain("2 archives there already");
    expect(await log(w, path)).toEqual([`${host}/root ${second}`, `${host}/root ${first}`]);
    expect(existsSync(join(w.root, ".git/refs/heads/rollback-snapshots"))).toBe(false);
    const mac = freshMac(w);
    must(mac.run("pull", first, `git:file://${path}`));
    must(mac.run("pull", "--all", `git:${path}`));
    for (const id of [first, second]) expect(latin1(sealedOf(mac, id))).toBe(latin1(sealedOf(w, id)));
    expect(mac.run("list", "--from", `git:${path}`, "--quiet").stdout).toBe(
      `${own(w)}/${second}.zip.age\n${own(w)}/${first}.zip.age\n`,
    );
  });

  ofGit("a branch that others have moved is fetched, and built upon; theirs stays", async () => {
    const w = await project();
    const path = await remote(w);
    w.create();
    must(w.run("push", `git:${path}`));
    const clone = join(w.away, "clone");
    await sh(
      w,
      `git clone -q -b rollback-snapshots "${path}" "${clone}" && cd "${clone}" && mkdir -p other/p-12345678 && echo x > other/p-12345678/20200101_000000.zip.age && git add . && ${AS} commit -qm theirs && git push -q`,
    );
    const id = w.create();
    must(w.run("push", `git:${path}`));
    expect((await log(w, path)).slice(0, 2)).toEqual([`${host}/root ${id}`, "theirs"]);
    expect(w.run("list", "--from", `git:${path}`, "--host", "all", "--quiet").stdout.trim().split("\n")).toHaveLength(
      3,
    );
  });

  ofGit("many at once: each adds its own, and none is lost", async () => {
    const w = await project();
    const path = await remote(w);
    const macs = [w, await project(), await project()];
    const ids = macs.map((mac, index) => {
      // Ids are seconds: apart from one another on one host's name.
      for (let extra = 0; extra < index; extra++) mac.create();
      return mac.create();
    });
    expect(new Set(ids).size).toBe(3);
    const runs = await Promise.all(macs.map((mac) => shell(mac, `"${binary}" push latest "git:${path}"`)));
    for (const ran of runs) must(ran);
    expect((await log(w, path)).toSorted()).toEqual(ids.map((id) => `${host}/root ${id}`).toSorted());
    for (const [index, mac] of macs.entries())
      expect(await at(mac, path, ids[index] ?? "")).toBe(sha256(sealedOf(mac, ids[index] ?? "")));
  });

  ofGit("other bytes under that name stay, with 4", async () => {
    const w = await project();
    const path = await remote(w);
    const id = w.create();
    must(w.run("push", `git:${path}`));
    writeFileSync(sealedOf(w, id), "rot");
    expect(clearError(w.run("push", `git:${path}`), 4)).toBeUndefined();
    expect(await log(w, path)).toHaveLength(1);
  });

  ofGit("a copy that was changed there is not taken, with 4", async () => {
    const w = await project();
    const path = await remote(w);
    const id = w.create();
    must(w.run("push", `git:${path}`));
    const clone = join(w.away, "clone");
    await sh(
      w,
      `git clone -q -b rollback-snapshots "${path}" "${clone}" && cd "${clone}" && truncate -s 1000 ${own(w)}/${id}.zip.age && ${AS} commit -qam cut && git push -q`,
    );
    const mac = freshMac(w);
    expect(clearError(mac.run("pull", `git:${path}`), 4)).toBeUndefined();
    expect(existsSync(sealedOf(mac, id))).toBe(false);
  });

  ofGit("a remote that is not there, or says no, is one clear error; no password is shown", async () => {
    const w = await project();
    w.create();
    for (const address of [`git:file://${w.away}/nowhere.git`, "git:nowhere", `git:${w.away}/nowhere.git`])
      expect(clearError(w.run("push", address), 1)).toBeUndefined();
    const path = await remote(w);
    w.put({ [join(path, "hooks/pre-receive")]: { file: "#!/bin/sh\necho no room here >&2\nexit 1\n", mode: 0o755 } });
    const refused = w.run("push", `git:${path}`);
    expect(clearError(refused, 1)).toBeUndefined();
    expect(refused.stderr).toContain("no room here; [remote rejected] (pre-receive hook declined)");
    expect(refused.stderr).not.toContain("Try again later");
    await sh(w, "git remote add secret https://alex:hunter2@127.0.0.1:1/x.git");
    const ran = w.run("list", "--from", "git:secret");
    expect(clearError(ran, 1)).toBeUndefined();
    expect(ran.stderr).not.toContain("hunter2");
  });

  ofGit("a branch whose name is a folder's there is refused at once, here and at a remote", async () => {
    const w = await project();
    const path = await remote(w);
    w.create();
    await sh(w, `git push -q "${path}" main:refs/heads/rollback-snapshots/old && git branch rollback-snapshots/old`);
    for (const address of [`git:${path}`, "git:."]) {
      const ran = w.run("push", address);
      expect(clearError(ran, 1)).toBeUndefined();
      expect(ran.stderr).toContain("does not take the branch");
      expect(ran.stderr).toContain("rollback-snapshots/old' exists");
    }
  });

  ofGit("an empty remote of SHA-256 and one that has commits take copies and give them back", async () => {
    const w = await project();
    const path = join(w.away, "new.git");
    await sh(w, `git init -q --bare --object-format=sha256 "${path}"`);
    const first = w.create();
    // A server that takes no signed push is asked for none.
    w.put({ "home/.gitconfig": "[push]\n\tgpgSign = true\n" });
    must(w.run("push", `git:${path}`));
    const second = w.create();
    must(w.run("push", "--all", `git:${path}`));
    expect(await log(w, path)).toEqual([`${host}/root ${second}`, `${host}/root ${first}`]);
    const mac = freshMac(w);
    must(mac.run("pull", "--all", `git:${path}`));
    for (const id of [first, second]) expect(latin1(sealedOf(mac, id))).toBe(latin1(sealedOf(w, id)));
  });

  ofGit("is asked for all files of a list or a verify at once, however many copies there are", async () => {
    const w = await project();
    const path = await remote(w);
    for (let count = 0; count < 3; count++) w.create();
    must(w.run("push", "--all", `git:${path}`));
    await sh(w, `git -C "${path}" config uploadpack.allowFilter true`);
    const answers = join(w.away, "answers");
    // The other side runs this for each answer that holds objects.
    w.put({ "away/hook": { file: `#!/bin/sh\necho >> "${answers}"\nexec "$@"\n`, mode: 0o755 } });
    w.put({ "home/.gitconfig": `[uploadpack]\n\tpackObjectsHook = ${join(w.away, "hook")}\n` });
    const { copies } = JSON.parse(must(w.run("list", "--from", `git:file://${path}`, "--json")).stdout);
    expect(copies.map((copy: { category: unknown }) => copy.category)).toEqual(["manual", "manual", "manual"]);
    expect(readFileSync(answers, "utf8")).toHaveLength(2);
  });

  ofGit("what would run a command is refused, also where it is a remote's", async () => {
    const w = await project();
    w.create();
    const touch = join(w.away, "ran");
    expect(clearError(w.run("push", `git:ext::touch ${touch}`), 2)).toBeUndefined();
    w.put({ "home/.gitconfig": '[protocol "ext"]\n\tallow = always\n' });
    await sh(w, `git remote add evil "ext::touch ${touch}"`);
    expect(clearError(w.run("push", "git:evil"), 1)).toBeUndefined();
    w.put({ "root/rollback.yaml": "version: 1\ncopies: {x: {to: 'git:--upload-pack=touch'}}\n" });
    expect(clearError(w.run("push", "x"), 2)).toBeUndefined();
    expect(readdirSync(w.away)).toEqual([]);
  });

  ofGit("nothing is left in the temporary folder", async () => {
    const w = await project();
    const path = await remote(w);
    const tmp = join(w.away, "tmp");
    mkdirSync(tmp);
    w.create();
    must(w.runWith({ env: { TMPDIR: tmp } }, "push", `git:${path}`));
    must(w.runWith({ env: { TMPDIR: tmp } }, "list", "--from", `git:${path}`));
    expect(readdirSync(tmp)).toEqual([]);
  });
});
