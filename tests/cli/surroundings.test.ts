// The process around a command: pipes, closed descriptors, an empty environment, a working folder that is gone.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { created, failed } from "../contract.ts";
import { lacks, must, plist, readTree, type World, world } from "../harness.ts";
import { editManifest, manifestOf } from "../manifests.ts";

/** Only what lies in the root: nothing of the account that runs the tests. */
const rootAlone = {
  "rollback.yaml": "plists: []\nconfigs: [.mcp.json]\ncredentials: {files: [], mcp: []}\nvenvs: []\n",
  ".mcp.json": "{}",
};

const accountHasHome = process.env.CI !== undefined || existsSync(userInfo().homedir);

async function shell(w: World, script: string, env: Record<string, string | undefined> = {}) {
  const child = w.start(["/bin/sh", "-c", script], { env: { BINARY: binary, ...env } });
  const [stdout, stderr, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { stdout, stderr, exit };
}

describe("more than a megabyte of JSON", () => {
  const w = world({ root: { ".mcp.json": "{}" } });
  const id = w.create();
  const skipped = Array.from({ length: 20_000 }, (_, index) => ({
    path: `/some/path/number/${index}`,
    reason: "a reason as long as they are",
  }));
  editManifest(w, id, (manifest) => {
    manifest.skipped = skipped;
  });

  test("is complete through a pipe", async () => {
    const { stdout, exit } = await shell(w, `"$BINARY" show ${id} --json | cat`);
    expect(exit).toBe(0);
    expect(stdout.length).toBeGreaterThan(1 << 20);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, manifest: { skipped } });
  });

  test("and into a file", async () => {
    await shell(w, `"$BINARY" show ${id} --json > ../away/out.json`);
    expect(JSON.parse(readFileSync(join(w.away, "out.json"), "utf8"))).toMatchObject({ manifest: { skipped } });
  });

  test("a reader that leaves early is not an error", async () => {
    const child = w.start([binary, "show", id]);
    await child.stdout.getReader().cancel();
    expect(await child.stderr.text()).toBe("");
    expect([0, 141]).toContain(await child.exited);
    const { stdout, stderr } = await shell(w, `"$BINARY" show ${id} --json | head -c 2`);
    expect(stdout).toBe("{\n");
    expect(stderr).toBe("");
  });
});

describe("descriptors that are closed", () => {
  for (const closed of ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
    test(closed, async () => {
      const w = world({ root: { ".mcp.json": "{}" } });
      const { exit } = await shell(w, `exec "$BINARY" create x ${closed}`);
      expect(exit).toBe(0);
      expect(w.run("verify")).toMatchObject({ exit: 0, stderr: "" });
      // What was meant for a closed descriptor has gone into no file.
      for (const item of Object.values(readTree(w.store)))
        if (item.kind === "file") expect(item.bytes).not.toContain("✅");
    });

  test("a full device as stdout is not taken for success of a list", async () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    const { stderr } = await shell(w, '"$BINARY" list > /dev/full');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("the environment", () => {
  test.skipIf(!accountHasHome)("empty: the account's home, and all works (needs an account with a home)", async () => {
    const w = world({ root: rootAlone });
    const { stdout, stderr, exit } = await shell(
      w,
      `env -i "$BINARY" create x --root "$PWD" --quiet; env -i "$BINARY" list --root "$PWD" --quiet`,
    );
    expect(stderr).toBe("");
    expect(exit).toBe(0);
    const [id = "", again] = stdout.trim().split("\n");
    expect(again).toBe(id);
    const account = await shell(w, 'eval echo "~$(id -un)"', { HOME: undefined });
    expect(manifestOf(w, id).home).toBe(account.stdout.trim());
  });

  test("no PATH: no git and no python by name, and that is not a failure", () => {
    const w = world({ root: { ...rootAlone, ".git/HEAD": `${"a1".repeat(20)}\n` } });
    const { exit, stdout } = w.runWith({ env: { PATH: undefined } }, "create", "x", "--quiet");
    expect(exit).toBe(0);
    expect(manifestOf(w, stdout.trim()).git_state).toMatchObject({
      commit: "a1".repeat(20),
      branch: null,
      dirty: null,
    });
  });

  test.skipIf(!accountHasHome)("HOME empty is HOME not set (needs an account with a home)", () => {
    const w = world({ root: rootAlone });
    expect(w.runWith({ env: { HOME: "" } }, "create", "x").exit).toBe(0);
  });

  test("ROLLBACK_ROOT over PETESBRAIN_ROOT, a flag over both; empty ones do not count", () => {
    const w = world({ root: rootAlone });
    w.create();
    const list = (env: Record<string, string>, ...words: string[]) =>
      w.runWith({ env }, "list", "--quiet", ...words).stdout;
    expect(list({ ROLLBACK_ROOT: w.root, PETESBRAIN_ROOT: w.away })).not.toBe("");
    expect(list({ ROLLBACK_ROOT: "", PETESBRAIN_ROOT: w.root })).not.toBe("");
    expect(list({ ROLLBACK_ROOT: w.root }, "--root", w.away)).toBe("");
    expect(list({ ROLLBACK_ROOT: w.away, ROLLBACK_SNAPSHOTS: w.store })).not.toBe("");
    expect(list({ ROLLBACK_SNAPSHOTS: w.store }, "--snapshots", w.away)).toBe("");
  });
});

describe("the working folder", () => {
  test("that is gone does no harm to whoever names absolute paths", async () => {
    const w = world({ root: rootAlone });
    const { stdout, stderr, exit } = await shell(
      w,
      `mkdir ../gone && cd ../gone && rmdir ../gone && "$BINARY" create x --root "${w.root}" --quiet`,
    );
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^\d{8}_\d{6}\n$/);
    expect(stderr).toBe("");
  });

  test("gives relative names their meaning", () => {
    const w = world({ root: rootAlone });
    const id = w.create();
    const at = (cwd: string, ...words: string[]) => w.runWith({ cwd, env: { ROLLBACK_ROOT: undefined } }, ...words);
    expect(at(w.base, "list", "--quiet", "--root", "root").stdout).toBe(`${id}\n`);
    expect(at(w.home, "list", "--quiet", "--snapshots", "../root/infrastructure/rollback-snapshots").stdout).toBe(
      `${id}\n`,
    );
    expect(at(w.store, "show", id, "--quiet").stdout).toBe(`${id}\n`);
    expect(at(w.store, "show", `./${id}`, "--quiet").stdout).toBe(`${id}\n`);
  });
});

describe("beginnings of --json and --quiet", () => {
  test("flags stand before, between and behind the words", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    for (const words of [
      ["--json", "create", "a text", "word"],
      ["create", "--json", "a text", "word"],
      ["create", "a text", "--json", "word"],
      ["create", "a text", "word", "--json"],
      ["--root", w.root, "create", "a text", "word", "--json"],
      [`--root=${w.root}`, "create", "a text", "word", "--json"],
    ]) {
      const { stdout } = must(w.run(...words));
      expect(JSON.parse(stdout)).toMatchObject({ command: "create", description: "a text", category: "word" });
    }
  });

  test("behind -- they are words", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    const { stdout } = must(w.run("create", "--", "--json", "--quiet"));
    expect(stdout).toContain("Description: --json\n   Category: --quiet\n");
  });

  test("an error names its command, whatever stands before it", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    for (const words of [
      ["--root", w.away, "show", "latest"],
      ["--snapshots", w.away, "show", "latest"],
      ["--quiet", "show", "latest"],
    ])
      expect(w.json(failed, ...words).value.command).toBe("show");
  });

  test("nothing but the value reaches stdout, and nothing reaches stderr", () => {
    const w = world({ home: { "Library/LaunchAgents/petesbrain.plist": "broken" }, root: { ".mcp.json": "{}" } });
    expect(w.json(created, "create", "x").stderr).toBe("");
  });
});

describe("processes", () => {
  const started = async (w: World, ...words: string[]): Promise<string[]> => {
    const trace = join(w.away, "trace");
    const child = w.start(["strace", "-f", "-qq", "-e", "trace=execve", "-o", trace, binary, ...words]);
    expect(await child.exited).toBe(0);
    const calls = readFileSync(trace, "utf8").matchAll(/execve\("([^"]+)"/g);
    return [...calls].map(([, path]) => path ?? "").filter((path) => path !== binary);
  };
  const busy = () =>
    world({
      home: { "Library/LaunchAgents/petesbrain.plist": plist("a") },
      root: {
        ".mcp.json": "{}",
        ".git/HEAD": "ref: refs/heads/main\n",
        "venv-google/pyvenv.cfg": "version = 3.12.1\n",
        "venv-google/bin/python3": { file: "#!/bin/sh\necho Python 3.12.12\n", mode: 0o755 },
      },
    });

  test.skipIf(lacks("strace"))("previews and all that only reads start none (needs strace)", async () => {
    const w = busy();
    w.create();
    w.put({ "root/.mcp.json": "changed" });
    for (const words of [
      ["restore", "latest"],
      ["list"],
      ["diff", "latest"],
      ["history", ".mcp.json", "--patch"],
      ["verify"],
      ["verify", "--heal"],
      ["recover"],
    ])
      expect(await started(w, ...words)).toEqual([]);
    // What has become of the checkout, git alone can tell.
    for (const words of [["show", "latest"], ["latest"]])
      expect((await started(w, ...words)).filter((path) => !path.endsWith("/git"))).toEqual([]);
  });

  test.skipIf(lacks("strace"))("create starts each venv's own python, and git (needs strace)", async () => {
    const w = busy();
    const programs = await started(w, "create", "x");
    expect(programs).toContain(join(w.root, "venv-google/bin/python3"));
    expect(programs.filter((path) => !/\/(git|python3)$/.test(path))).toEqual([]);
  });
});

describe("what is missing is not empty", () => {
  test("a config that is a dangling link, or a folder, is an error and never the defaults", () => {
    const dangling = world({ root: { "rollback.yaml": { link: "gone.yaml" }, ".mcp.json": "{}" } });
    const ran = dangling.run("create", "x");
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toContain("rollback.yaml: it is a link to gone.yaml: ");
    const folder = world({ root: { "rollback.yaml": { folder: 0o755 }, ".mcp.json": "{}" } });
    expect(folder.run("prune").exit).toBe(2);
  });

  test("a snapshots folder elsewhere is made only in a folder that is there", () => {
    const w = world({ root: { "rollback.yaml": "snapshots: ../away/usb/deep/s\n", ".mcp.json": "{}" } });
    const before = readTree(w.base);
    const ran = w.run("create", "x");
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toContain(`there is no folder ${w.away}/usb/deep for the snapshots folder`);
    expect(readTree(w.base)).toEqual(before);
    w.put({ "away/usb/deep": { folder: 0o755 } });
    expect(w.run("create", "x").exit).toBe(0);
  });

  test.skipIf(!existsSync("/dev/full"))(
    "output that a full disk does not take is a failure (needs /dev/full)",
    async () => {
      const w = world({ root: { ".mcp.json": "{}" } });
      for (const words of ["init", "--version", "list --json"]) {
        const child = w.start(["/bin/sh", "-c", `"$0" ${words} >/dev/full`, binary]);
        expect(await child.exited).toBe(1);
        expect(await new Response(child.stderr).text()).toContain("the output could not be written");
      }
      const left = w.start(["/bin/sh", "-c", `"$0" --help; echo $? >&2`, binary]);
      await left.stdout.cancel();
      expect((await new Response(left.stderr).text()).trim()).toBe("0");
    },
  );
});
