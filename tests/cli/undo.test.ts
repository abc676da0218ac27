// undo and revert: what a restore, a guard run or a change between two snapshots did is taken back, and what came later stays.
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takenBack } from "../contract.ts";
import { modeOf, must, plist, type World, world } from "../harness.ts";

const agents = "Library/LaunchAgents";
const mail = `home/${agents}/com.petesbrain.mail.plist`;
const timed = (seconds: number, more = "") =>
  plist("mail", `<key>StartInterval</key><integer>${seconds}</integer>${more}`);

function made(): World {
  return world({
    home: {
      [`${agents}/com.petesbrain.mail.plist`]: timed(300),
      [`${agents}/com.petesbrain.notes.plist`]: plist("notes"),
    },
    root: { ".mcp.json": '{"mcpServers": {}}\n', "shared/paths.py": "A = 1\nB = 1\nC = 1\n" },
  });
}
const read = (w: World, name: string) => readFileSync(w.path(name), "utf8");

describe("undo of a restore", () => {
  test("goes back to exactly what was overwritten, and an undo of it comes again", () => {
    const w = made();
    const id = w.create();
    w.put({ [mail]: timed(600), "root/shared/paths.py": "B = 2\n" });
    chmodSync(w.path("root/.mcp.json"), 0o600);
    must(w.run("restore", id, "--force"));
    must(w.run("undo", "--force"));
    expect([read(w, mail), read(w, "root/shared/paths.py"), modeOf(w.path("root/.mcp.json"))]).toEqual([
      timed(600),
      "B = 2\n",
      "0600",
    ]);
    must(w.run("undo", "--force"));
    expect([read(w, mail), read(w, "root/shared/paths.py"), modeOf(w.path("root/.mcp.json"))]).toEqual([
      timed(300),
      "A = 1\nB = 1\nC = 1\n",
      "0644",
    ]);
  });

  test("keeps what was edited since, by key and by line, and shows it", () => {
    const w = made();
    const id = w.create();
    w.put({ [mail]: timed(600), "root/shared/paths.py": "A = 2\nB = 1\nC = 1\n" });
    must(w.run("restore", id, "--force"));
    w.put({
      [mail]: timed(300, "<!-- new --><key>Nice</key><integer>5</integer>"),
      "root/shared/paths.py": "A = 1\nB = 1\nC = 3\n",
    });
    const { exit, value } = w.json(takenBack, "undo");
    expect([exit, value.dry_run, value.summary.modify, value.conflicts]).toEqual([0, true, 2, []]);
    expect(value.kept.map(({ path }) => path).sort()).toEqual([w.path(mail), w.path("root/shared/paths.py")].sort());
    must(w.run("undo", "--force"));
    expect(read(w, mail)).toBe(timed(600, "<!-- new --><key>Nice</key><integer>5</integer>"));
    expect(read(w, "root/shared/paths.py")).toBe("A = 2\nB = 1\nC = 3\n");
  });

  test("a file that it made anew is named and left alone, also where there is no auto-backup", () => {
    const w = made();
    const id = w.create();
    rmSync(w.path(mail));
    must(w.run("restore", id, "--force"));
    const { value } = w.json(takenBack, "undo");
    expect(value.left_alone).toMatchObject([{ path: w.path(mail), why: "the restore made it" }]);
    expect(value.changes).toEqual([]);
    must(w.run("undo", "--force"));
    expect(read(w, mail)).toBe(timed(300));
  });

  test("a conflict is shown as both values and decided by a flag; until then nothing is written", () => {
    const w = made();
    const id = w.create();
    w.put({ [mail]: timed(600), "root/shared/paths.py": "A = 2\n" });
    must(w.run("restore", id, "--force"));
    w.put({ [mail]: timed(120) });
    const { exit, value } = w.json(takenBack, "undo");
    expect([exit, value.conflicts]).toMatchObject([
      0,
      [{ path: w.path(mail), parts: [{ where: "StartInterval", before: "600", after: "300", now: "120" }] }],
    ]);
    expect(w.run("undo", "--force").exit).toBe(1);
    expect([read(w, mail), read(w, "root/shared/paths.py")]).toEqual([timed(120), "A = 1\nB = 1\nC = 1\n"]);
    must(w.run("undo", "--except", "*mail*", "--force"));
    expect([read(w, mail), read(w, "root/shared/paths.py")]).toEqual([timed(120), "A = 2\n"]);
    must(w.run("undo", "3", "--theirs", "--force"));
    expect(read(w, mail)).toBe(timed(600));
  });

  test("a secret in a conflict is not shown", () => {
    const w = made();
    const held = (token: string) => `{"mcpServers": {"a": {"env": {"API_TOKEN": "${token}"}}}}\n`;
    w.put({ "root/.mcp.json": held("zebra-one") });
    const id = w.create();
    w.put({ "root/.mcp.json": held("zebra-two") });
    must(w.run("restore", id, "--force"));
    w.put({ "root/.mcp.json": held("zebra-three") });
    for (const words of [["undo"], ["undo", "--json"], ["undo", "--force"]]) {
      const { stdout, stderr } = w.run(...words);
      expect(stdout + stderr).toContain("mcp.json");
      expect(stdout + stderr).not.toContain("zebra");
    }
  });

  test("a file that went since is a conflict; a link that was edited since stays", () => {
    const w = made();
    const id = w.create();
    w.put({ [mail]: timed(600), "root/shared/paths.py": "A = 2\n" });
    must(w.run("restore", id, "--force"));
    rmSync(w.path(mail));
    expect(w.json(takenBack, "undo").value.conflicts.map(({ path }) => path)).toEqual([w.path(mail)]);
    must(w.run("undo", "--ours", "--force"));
    expect([existsSync(w.path(mail)), read(w, "root/shared/paths.py")]).toEqual([false, "A = 2\n"]);
  });

  test("audit numbers what can be undone; where its auto-backup was pruned: 5, with what is left", () => {
    const w = made();
    const id = w.create();
    for (const text of ["A = 2\n", "A = 3\n"]) {
      w.put({ "root/shared/paths.py": text });
      must(w.run("restore", id, "--force"));
    }
    expect(w.run("audit").stdout.match(/rollback undo \d+/g)).toEqual(["rollback undo 5", "rollback undo 3"]);
    must(w.run("prune", "--category", "auto-backup", "--keep-last", "1", "--force"));
    const gone = w.run("undo", "3");
    expect([gone.exit, gone.stderr]).toMatchObject([5, expect.stringContaining("rollback undo 5")]);
    expect(w.run("undo", "2").exit).toBe(5);
    must(w.run("undo", "5", "--force"));
    expect(read(w, "root/shared/paths.py")).toBe("A = 3\n");
    expect(made().run("undo").exit).toBe(5);
  });
});

describe("undo of a guard run", () => {
  test("takes back what the command did and nothing else; latest is still the state before", () => {
    const w = made();
    const edit = `echo 'A = 2' > shared/paths.py; echo 'K = 1' > shared/secrets.py; rm "$HOME/${agents}/com.petesbrain.notes.plist"`;
    // A plist that went fails a check; what the command did stays.
    expect(w.run("guard", "an edit", "--", "/bin/sh", "-c", edit).exit).toBe(1);
    w.put({ [mail]: timed(600) });
    const { value } = w.json(takenBack, "undo");
    expect(value.of).toMatchObject({ command: "guard" });
    expect(value.left_alone.map(({ path }) => path)).toEqual([w.path("root/shared/secrets.py")]);
    must(w.run("undo", "--force"));
    expect(read(w, "root/shared/paths.py")).toBe("A = 1\nB = 1\nC = 1\n");
    expect(read(w, mail)).toBe(timed(600));
    expect(existsSync(w.path(`home/${agents}/com.petesbrain.notes.plist`))).toBe(true);
  });

  test("one that changed nothing, and one that rolled back by itself, leave nothing to undo but the roll-back", () => {
    const w = made();
    must(w.run("guard", "nothing", "--", "/bin/sh", "-c", "true"));
    expect(w.run("undo").exit).toBe(5);
    w.run("guard", "fails", "--auto-recover", "--", "/bin/sh", "-c", "echo 'A = 2' > shared/paths.py; exit 9");
    expect(read(w, "root/shared/paths.py")).toBe("A = 1\nB = 1\nC = 1\n");
    expect(w.json(takenBack, "undo").value.of).toMatchObject({ command: "restore" });
  });
});

describe("revert", () => {
  test("takes back what changed from one snapshot to the other, also from archives, and keeps the rest", () => {
    const w = made();
    const [one] = [w.create("one")];
    w.put({
      [mail]: timed(600),
      "root/.mcp.json": '{"mcpServers": {}, "new": 1}\n',
      "root/shared/secrets.py": "K = 1\n",
    });
    const two = w.create("two");
    for (const id of [one, two]) must(w.run("pack", id, "--move"));
    w.put({
      [mail]: timed(600, "<key>Nice</key><integer>5</integer>"),
      [`home/${agents}/com.petesbrain.notes.plist`]: plist("today"),
    });
    const { value } = w.json(takenBack, "revert", one, two);
    expect(value.of).toEqual({ from: { id: one, description: "one" }, to: { id: two, description: "two" } });
    expect(value.left_alone.map(({ path }) => path)).toEqual([w.path("root/shared/secrets.py")]);
    must(w.run("revert", join(w.store, `${one}.zip`), join(w.store, `${two}.zip`), "--force"));
    expect(read(w, mail)).toBe(timed(300, "<key>Nice</key><integer>5</integer>"));
    expect(read(w, "root/.mcp.json")).toBe('{"mcpServers": {}}\n');
    expect(read(w, `home/${agents}/com.petesbrain.notes.plist`)).toBe(plist("today"));
    expect(existsSync(w.path("root/shared/secrets.py"))).toBe(true);
  });

  test("a file that went in between comes back, and one that is a link stays one", () => {
    const w = made();
    const one = w.create("one");
    rmSync(w.path(mail));
    w.put({ "root/shared/paths.py": "A = 2\n" });
    const two = w.create("two");
    writeFileSync(w.path("root/real.py"), "A = 2\n");
    rmSync(w.path("root/shared/paths.py"));
    symlinkSync(w.path("root/real.py"), w.path("root/shared/paths.py"));
    must(w.run("revert", one, two, "--force"));
    expect(read(w, mail)).toBe(timed(300));
    expect(read(w, "root/real.py")).toBe("A = 1\nB = 1\nC = 1\n");
  });

  test("works on snapshots of another home, with --relocate", () => {
    const there = made();
    const held = (w: World, seconds: number, more = "") =>
      timed(seconds, `<key>Program</key><string>${w.home}/run</string>${more}`);
    there.put({ [mail]: held(there, 300) });
    const one = there.create("one");
    there.put({ [mail]: held(there, 600), "root/shared/paths.py": "A = 2\n" });
    const two = there.create("two");
    const w = made();
    w.put({ [mail]: held(w, 600, "<key>Nice</key><integer>5</integer>"), "root/shared/paths.py": "A = 2\n" });
    must(w.run("revert", join(there.store, one), join(there.store, two), "--relocate", "--force"));
    expect(read(w, mail)).toBe(held(w, 300, "<key>Nice</key><integer>5</integer>"));
    expect(read(w, "root/shared/paths.py")).toBe("A = 1\nB = 1\nC = 1\n");
    expect(read(there, mail)).toBe(held(there, 600));
  });

  test.each([
    [["latest", "latest"], 2],
    [["latest"], 2],
    [["latest", "20200101_000000"], 5],
    [["latest~1", "latest", "--ours", "--theirs"], 2],
  ])("%j ends with %p", (words, exit) => {
    const w = made();
    w.create();
    w.put({ "root/shared/paths.py": "A = 2\n" });
    w.create();
    expect(w.run("revert", ...words).exit).toBe(exit);
  });
});
