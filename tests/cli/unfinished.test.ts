// A restore that was cut off: what recover does with its journal, and with one that somebody planted.
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRoot, liveTree, modeOf, must, plist, world } from "../harness.ts";

const agents = "home/Library/LaunchAgents";
const small = (options = {}) =>
  world(
    {
      home: { "Library/LaunchAgents/com.petesbrain.a.plist": plist("com.petesbrain.a") },
      root: { ".mcp.json": "{}", "shared/secrets.py": "A = 1\n" },
    },
    options,
  );
const inner = (w: { store: string }) => join(w.store, ".rollback");
const journals = (w: { store: string }) => readdirSync(inner(w)).filter((name) => name.startsWith("journal"));

/** A journal of one step for secrets.py, as a restore that stopped in this state leaves it. */
function plant(w: ReturnType<typeof small>, state: string, over: Record<string, unknown> = {}): void {
  const at = join(w.root, "shared/secrets.py");
  const name = (end: string) => join(w.root, "shared", `.rollback-0123abcd-0.${end}`);
  const hash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
  const step = {
    at,
    temp: name("new"),
    keep: name("old"),
    was: { state: "file", hash: hash(readFileSync(at, "utf8")) },
    becomes: { hash: hash("A = 2\n"), mode: 0o644 },
    ...over,
  };
  w.put({ [name("new")]: "A = 2\n" });
  const journal = { snapshot: "20250101_000000", autoBackup: null, steps: [step], folders: [], relaxed: [] };
  writeFileSync(join(inner(w), `journal.${state}`), JSON.stringify(journal), { mode: 0o600 });
}

describe("an unfinished restore", () => {
  test("is undone before its first rename, and finished after all was ready", () => {
    for (const [state, text, outcome] of [
      ["prepare", "A = 1\n", "undone"],
      ["ready", "A = 2\n", "finished"],
    ] as const) {
      const w = small();
      w.create();
      plant(w, state);
      expect(w.run("recover", "--quiet")).toMatchObject({ exit: 0, stdout: `${outcome}\n` });
      expect(readFileSync(join(w.root, "shared/secrets.py"), "utf8")).toBe(text);
      expect(readdirSync(join(w.root, "shared"))).toEqual(["secrets.py"]);
      expect(journals(w)).toEqual([]);
      expect(w.run("recover")).toMatchObject({ exit: 0, stdout: "✅ Nothing to recover: no restore was cut off\n" });
    }
  });

  test("is undone, not finished, where its file changed since; what changed stays", () => {
    const w = small();
    w.create();
    plant(w, "ready");
    w.put({ "root/shared/secrets.py": "A = 3\n" });
    expect(w.run("recover", "--quiet")).toMatchObject({ exit: 0, stdout: "undone\n" });
    expect(readFileSync(join(w.root, "shared/secrets.py"), "utf8")).toBe("A = 3\n");
  });

  test("that was torn while it was first written had not begun", () => {
    const w = small();
    w.create();
    writeFileSync(join(inner(w), "journal.prepare"), '{"snapshot":"2025');
    expect(w.run("recover", "--quiet")).toMatchObject({ exit: 0, stdout: "undone\n" });
    expect(journals(w)).toEqual([]);
  });

  test("stops another restore, also with --keep-going, and leaves its journal alone", () => {
    const w = small();
    w.create();
    w.put({ "root/.mcp.json": '{"a":1}' });
    plant(w, "prepare");
    const before = liveTree(w);
    for (const flags of [[], ["--keep-going"]]) {
      expect(w.run("restore", "latest", "--force", ...flags)).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining("rollback recover"),
      });
      expect(liveTree(w)).toEqual(before);
      expect(journals(w)).toEqual(["journal.prepare"]);
    }
  });

  test("lets create take its snapshot, which says so and ends with 3; readers work and mention it", () => {
    const w = small();
    w.create();
    plant(w, "prepare");
    const made = w.run("create", "during");
    expect(made).toMatchObject({ exit: 3, stderr: expect.stringContaining("run `rollback recover`") });
    expect(w.run("show", "latest", "--json").stdout).toContain('"unfinished_restore": "20250101_000000"');
    for (const words of [["list"], ["latest"], ["show", "latest"], ["verify"], ["restore", "latest"]])
      expect([words, w.run(...words)]).toEqual([
        words,
        { exit: 0, stdout: expect.any(String), stderr: expect.stringContaining("rollback recover") },
      ]);
  });
});

describe("a journal that somebody planted", () => {
  test("can't make recover remove a file of its choice", () => {
    for (const over of [{ keep: "VICTIM" }, { temp: "VICTIM" }]) {
      const w = small();
      w.create();
      w.put({ "away/victim": "precious" });
      const [[key]] = Object.entries(over) as [[string, string]];
      plant(w, "done", { [key]: w.path("away/victim") });
      expect(w.run("recover").exit).toBe(4);
      expect(readFileSync(w.path("away/victim"), "utf8")).toBe("precious");
    }
  });

  test("where others can write is not believed at all", () => {
    const w = small();
    w.create();
    plant(w, "ready");
    chmodSync(inner(w), 0o777);
    expect(w.run("recover")).toMatchObject({ exit: 7, stderr: expect.stringContaining("chmod -R go-w") });
    expect(readFileSync(join(w.root, "shared/secrets.py"), "utf8")).toBe("A = 1\n");
  });
});

describe("folders", () => {
  test("that were open keep mode and owner untouched by a restore", () => {
    const w = small({ ordinary: true });
    w.create();
    w.put({ [`${agents}/com.petesbrain.a.plist`]: "changed" });
    chmodSync(w.path(agents), 0o775);
    must(w.run("restore", "latest", "--force"));
    expect(modeOf(w.path(agents))).toBe("0775");
  });

  test.each(["0555", "0300"])("of mode %s are opened for the restore and closed again", (mode) => {
    const w = small({ ordinary: true });
    w.put({ "root/shared": { folder: 0o755 }, "root/shared/secrets.py": "A = 1\n" });
    const id = w.create();
    w.put({ "root/shared/secrets.py": "A = 2\n" });
    chmodSync(w.path("root/shared"), Number.parseInt(mode, 8));
    expect(w.run("restore", id, "--force")).toMatchObject({ exit: 0 });
    expect(modeOf(w.path("root/shared"))).toBe(mode);
    expect(journals(w)).toEqual([]);
    chmodSync(w.path("root/shared"), 0o755);
    expect(readFileSync(w.path("root/shared/secrets.py"), "utf8")).toBe("A = 1\n");
    expect(readdirSync(w.path("root/shared"))).toEqual(["secrets.py"]);
  });

  test.skipIf(!isRoot)(
    "that belong to root stop an ordinary user's restore, undone and without a journal (root is needed to make one)",
    () => {
      const w = small({ ordinary: true });
      const id = w.create();
      w.put({ [`${agents}/com.petesbrain.a.plist`]: "changed" });
      Bun.spawnSync(["chown", "0:0", w.path(agents)]);
      const before = liveTree(w);
      expect(w.run("restore", id, "--force").exit).toBe(1);
      expect(liveTree(w)).toEqual(before);
      expect(journals(w)).toEqual([]);
      expect(w.run("recover").stdout).toContain("Nothing to recover");
    },
  );
});

test("the .gitignore of a killed first create is made whole by the next", () => {
  const w = small();
  w.create();
  writeFileSync(join(w.store, ".gitignore"), "");
  w.create("again");
  expect(readFileSync(join(w.store, ".gitignore"), "utf8")).toBe("*\n!*.zip.age\n");
});

test("eight first creates at once all succeed in a store that none of them found", async () => {
  const w = small();
  const { binary } = await import("../binary.ts");
  const running = Array.from({ length: 8 }, (_, n) => w.start([binary, "create", `first ${n}`, "--lock-wait", "60"]));
  const exits = await Promise.all(running.map((child) => child.exited));
  expect(exits).toEqual(Array.from({ length: 8 }, () => 0));
  expect(existsSync(join(w.store, ".gitignore"))).toBe(true);
});
