// One writer at a time; readers never wait; and a restore that was cut off is brought to its end before another begins.
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { created, failed } from "../contract.ts";
import { liveTree, must, readTree, type World, world } from "../harness.ts";
import { holdLock } from "../lock-holder.ts";
import { manifestOf } from "../manifests.ts";

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };

describe("while another writes", () => {
  test("a writer gives up after --lock-wait: exit 6, with the other's pid, command and age", () => {
    const w = world(parts);
    const id = w.create();
    const lock = holdLock(w.store, "rollback create other");
    for (const words of [["create", "x"], ["restore", id, "--force"], ["verify", "--heal"], ["recover"]]) {
      const { exit, value } = w.json(failed, ...words, "--lock-wait", "0");
      expect(exit).toBe(6);
      expect(value.error.code).toBe("locked");
      expect(value.error.message).toMatch(new RegExp(`at work here: create, pid ${process.pid}, since 6\\ds$`));
      expect(value.error.hint).toBe(
        `Nothing was touched. Wait longer than 0s for it: rollback ${words.join(" ")} --json --lock-wait 60`,
      );
    }
    lock.release();
    must(w.run("create", "x", "--lock-wait", "0"));
  });

  test("one that waits goes on when the other is done", async () => {
    // It is warned of before the lock is asked for.
    const w = world({ root: { ".mcp.json": "{" } });
    const lock = holdLock(w.store);
    const child = w.start([binary, "create", "x", "--lock-wait", "60"]);
    const reader = child.stderr.getReader();
    await reader.read();
    expect(w.run("list", "--quiet").stdout).toBe("");
    lock.release();
    expect(await child.exited).toBe(0);
    expect(w.run("list", "--quiet").stdout).not.toBe("");
  });

  test("readers do not wait", () => {
    const w = world(parts);
    const id = w.create();
    const lock = holdLock(w.store);
    for (const words of [["list"], ["latest"], ["show", id], ["verify"], ["restore", id]]) must(w.run(...words));
    lock.release();
  });

  test("a lock file that a writer left is not a lock", () => {
    const w = world(parts);
    w.create();
    expect(existsSync(join(w.store, ".rollback/lock"))).toBe(true);
    must(w.run("create", "x", "--lock-wait", "0"));
  });

  test("a lock file of garbage, held: exit 6 all the same", () => {
    const w = world(parts);
    w.create();
    const lock = holdLock(w.store, "\u001b[31m");
    const { exit, stderr } = w.run("create", "x", "--lock-wait", "0");
    expect(exit).toBe(6);
    expect(stderr).not.toContain("\u001b");
    lock.release();
  });

  test("a link in the lock's place is not followed", () => {
    const w = world({ ...parts, away: { target: "kept" } });
    w.put({ "root/infrastructure/rollback-snapshots/.rollback": { folder: 0o700 } });
    w.put({ "root/infrastructure/rollback-snapshots/.rollback/lock": { link: join(w.away, "target") } });
    expect(w.run("create", "x").exit).toBe(1);
    expect(readTree(w.away).target).toMatchObject({ bytes: "kept" });
  });
});

describe("while a restore is unfinished", () => {
  const journal = (w: World, text: string, state = "prepare") =>
    w.put({ [join(w.store, ".rollback", `journal.${state}`)]: { file: text, mode: 0o600 } });
  const cutOff = () => {
    const w = world(parts);
    const id = w.create();
    journal(w, JSON.stringify({ snapshot: id, autoBackup: null, steps: [], folders: [], relaxed: [] }));
    return { w, id };
  };

  test("commands that read work, and mention it", () => {
    const { w, id } = cutOff();
    for (const words of [["list"], ["latest"], ["show", id], ["verify"], ["restore", id]]) {
      const { exit, stderr } = w.run(...words);
      expect(exit).toBe(0);
      expect(stderr).toContain(`a restore of ${id} is unfinished: run \`rollback recover\``);
    }
  });

  test("restore refuses and names recover: exit 1", () => {
    const { w, id } = cutOff();
    w.put({ "root/.mcp.json": "changed" });
    const { exit, stderr } = w.run("restore", id, "--force");
    expect(exit).toBe(1);
    expect(stderr).toContain("rollback recover");
    expect(readTree(w.root)[".mcp.json"]).toMatchObject({ bytes: "changed" });
  });

  test("create still takes its snapshot, warns, notes it and exits 3, so that the daily job goes on", () => {
    const { w, id } = cutOff();
    const { exit, stdout, stderr } = w.run("create", "daily");
    expect(exit).toBe(3);
    expect(stdout).toContain("Files backed up: 2");
    expect(stderr).toContain("rollback recover");
    const made = w.run("latest", "--quiet").stdout.trim();
    expect(made > id).toBe(true);
    expect(manifestOf(w, made).unfinished_restore).toBe(id);
  });

  test("recover ends it, and then there is nothing more to do", () => {
    const { w, id } = cutOff();
    expect(must(w.run("recover")).stdout).toContain(`The restore of ${id} is undone`);
    expect(w.run("recover").stdout).toBe("✅ Nothing to recover: no restore was cut off\n");
    expect(w.run("list").stderr).toBe("");
    must(w.run("restore", id, "--force"));
  });

  test("a journal that can't be read: recover says so with exit 4, readers go on, create too", () => {
    const { w, id } = cutOff();
    must(w.run("recover"));
    journal(w, "garbage", "ready");
    expect(w.run("recover").exit).toBe(4);
    expect(w.run("restore", id, "--force").exit).toBe(4);
    for (const words of [["list"], ["show", id], ["verify"], ["restore", id]]) {
      const { exit, stderr } = w.run(...words);
      expect(exit).toBe(0);
      expect(stderr).toContain("journal.ready");
    }
    expect(w.json(created, "create", "daily").exit).toBe(3);
  });

  describe("a stranger's journal makes recover neither remove, move nor open up anything of ours", () => {
    const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
    const victim = { state: "file", hash: sha256("precious") };
    const planted = { hash: sha256("planted"), mode: 0o644 };
    const cases: Record<string, (w: World) => object> = {
      "temporaries of other names": ({ home }) => ({
        steps: [
          {
            at: join(home, "absent"),
            temp: join(home, "victim"),
            keep: join(home, "x"),
            was: { state: "absent" },
            becomes: planted,
          },
          {
            at: join(home, "victim"),
            temp: join(home, "new"),
            keep: join(home, "kept"),
            was: victim,
            becomes: planted,
          },
        ],
      }),
      "temporaries in another folder": ({ home }) => ({
        steps: [
          {
            at: join(home, "victim"),
            temp: join(home, "private/.rollback-00000000-0.new"),
            keep: join(home, "private/.rollback-00000000-0.old"),
            was: victim,
            becomes: planted,
          },
        ],
      }),
      "a folder to open up": ({ home }) => ({ relaxed: [{ path: join(home, "private"), mode: 0o777 }] }),
      "a file to open up": ({ home }) => ({ relaxed: [{ path: join(home, "victim"), mode: 0o666 }] }),
      "a folder to remove": ({ home }) => ({ folders: [join(home, "empty")] }),
    };
    for (const [what, journalOf] of Object.entries(cases))
      for (const state of ["prepare", "ready", "undo", "done"])
        test(`${what}, in state ${state}`, () => {
          const { w, id } = cutOff();
          must(w.run("recover"));
          w.put({
            "home/victim": { file: "precious", mode: 0o600 },
            "home/private": { folder: 0o700 },
            "home/empty": { folder: 0o700 },
            "home/new": "planted",
          });
          const before = liveTree(w);
          const nothing = { snapshot: id, autoBackup: null, steps: [], folders: [], relaxed: [] };
          journal(w, JSON.stringify({ ...nothing, ...journalOf(w) }), state);
          w.run("recover");
          expect(liveTree(w)).toEqual(before);
        });
  });
});
