// restore of a part of a file: some keys, some hunks, or all but today's secrets.
import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, utimesSync } from "node:fs";
import { restored } from "../contract.ts";
import { modeOf, must, plist, type World, world } from "../harness.ts";

const mail = "home/Library/LaunchAgents/com.petesbrain.mail.plist";
const tokens = "root/infrastructure/mcp-servers/gmail/credentials.json";
const agent = (hour: number, secret: string, path: string, note = "") =>
  plist(
    "mail",
    `${note}<key>StartCalendarInterval</key><array><dict><key>Hour</key><integer>${hour}</integer></dict></array>` +
      `<key>EnvironmentVariables</key><dict><key>API_KEY</key><string>${secret}</string><key>PATH</key><string>${path}</string></dict>`,
  );
const numbers = (...lines: [number, string][]) => {
  const all = Array.from({ length: 40 }, (_, index) => String(index + 1));
  for (const [line, text] of lines) all[line - 1] = text;
  return `${all.join("\n")}\n`;
};
const mcp = (secret: string, more = "") =>
  `{"mcpServers": {"a": {"args": ["--token", "${secret}"${more}], "env": {"API_KEY": "${secret}"}}}}\n`;

/** A snapshot, and edits since. */
function edited(): { w: World; id: string } {
  const old = new Date("2026-01-01T00:00:00Z");
  const w = world({
    home: { "Library/LaunchAgents/com.petesbrain.mail.plist": agent(3, "zebra-old", "/bin") },
    root: {
      ".mcp.json": mcp("zebra-old"),
      "shared/paths.py": numbers(),
      "infrastructure/mcp-servers/gmail/credentials.json": {
        file: '{"token": "zebra-old"}\n',
        mode: 0o600,
        mtime: old,
      },
    },
  });
  const id = w.create();
  w.put({
    [mail]: { file: agent(4, "zebra-new", "/usr/bin", "<!-- today -->"), mode: 0o600 },
    "root/.mcp.json": mcp("zebra-new", ', "-v"'),
    "root/shared/paths.py": numbers([3, "three"], [30, "thirty"]),
    [tokens]: '{"token": "zebra-new"}\n',
  });
  return { w, id };
}
const read = (w: World, name: string) => readFileSync(w.path(name), "utf8");

describe("--key and --except-key", () => {
  test.each<[string[], string]>([
    [["--key", "StartCalendarInterval"], agent(3, "zebra-new", "/usr/bin", "<!-- today -->")],
    [["--key", "EnvironmentVariables.PATH"], agent(4, "zebra-new", "/bin", "<!-- today -->")],
    [
      ["--key", "StartCalendarInterval[0].Hour", "--key", "EnvironmentVariables"],
      agent(3, "zebra-old", "/bin", "<!-- today -->"),
    ],
    [["--except-key", "EnvironmentVariables"], agent(3, "zebra-new", "/usr/bin", "<!-- today -->")],
    [["--except-key", "EnvironmentVariables.API_KEY"], agent(3, "zebra-new", "/bin", "<!-- today -->")],
    [
      ["--key", "EnvironmentVariables", "--except-key", "EnvironmentVariables.API_KEY"],
      agent(4, "zebra-new", "/bin", "<!-- today -->"),
    ],
  ])("%j", (flags, result) => {
    const { w, id } = edited();
    const before = read(w, "root/.mcp.json");
    must(w.run("restore", id, "--only", "*mail*", ...flags, "--force"));
    expect([read(w, mail), modeOf(w.path(mail)), read(w, "root/.mcp.json")]).toEqual([result, "0600", before]);
  });

  test("a preview names what stays, and the command with its keys; files without the key are no matter", () => {
    const { w, id } = edited();
    const { exit, value } = w.json(restored, "restore", id, "--key", "StartCalendarInterval");
    expect([exit, value.changes.map(({ path }) => path)]).toEqual([0, [w.path(mail)]]);
    expect(value.kept?.map(({ path }) => path)).toEqual([w.path(mail)]);
    const { stdout } = w.run("restore", id, "--key", "StartCalendarInterval");
    expect(stdout).toContain(`restore ${id} --key StartCalendarInterval --force\n`);
    expect(stdout).not.toContain("zebra");
  });

  test("a key that is nowhere is not found; a file that is not there now is named and left alone", () => {
    const { w, id } = edited();
    expect(w.run("restore", id, "--key", "Nope").exit).toBe(5);
    expect(w.run("restore", id, "--key", "Nope", "--force").exit).toBe(5);
    rmSync(w.path(mail));
    const { exit, value } = w.json(restored, "restore", id, "--only", "*mail*", "--key", "StartCalendarInterval");
    expect([exit, value.changes, value.left_alone]).toMatchObject([0, [], [{ path: w.path(mail) }]]);
  });
});

describe("--hunk", () => {
  test("brings back the part that diff --hunks numbers, and no other", () => {
    const { w, id } = edited();
    expect(w.run("diff", id, "--hunks").stdout).toMatch(/hunk 2: @@ -27,7 \+27,7 @@/);
    must(w.run("restore", id, "--only", "*paths.py", "--hunk", "2", "--force"));
    expect(read(w, "root/shared/paths.py")).toBe(numbers([3, "three"]));
    expect(w.run("restore", id, "--hunk", "2").exit).toBe(5);
  });

  test("is no way to choose a key", () => {
    const { w, id } = edited();
    expect(w.run("restore", id, "--hunk", "1", "--key", "a").exit).toBe(2);
    expect(w.run("restore", id, "--hunk", "0").exit).toBe(2);
  });
});

describe("--keep-secrets", () => {
  test("restores all but today's secrets, key by key; a newer credential file is left alone", () => {
    const { w, id } = edited();
    must(w.run("restore", id, "--keep-secrets", "--force"));
    expect(read(w, mail)).toBe(agent(3, "zebra-new", "/bin"));
    // The list has another length now, so it stays as a whole.
    expect(read(w, "root/.mcp.json")).toBe(mcp("zebra-new", ', "-v"'));
    expect(read(w, "root/shared/paths.py")).toBe(numbers());
    expect(read(w, tokens)).toBe('{"token": "zebra-new"}\n');
  });

  test("says which, and never a value; the plain preview says what it would bring back, and names the flag", () => {
    const { w, id } = edited();
    const kept = w.run("restore", id, "--keep-secrets").stdout;
    expect(kept).toContain("Keeps today's API_KEY in 1 plist\n");
    expect(kept).toContain("- Left alone, today's is newer: mcp/gmail/credentials.json\n");
    const plain = w.run("restore", id).stdout;
    expect(plain).toContain("⚠️  Brings back an earlier API_KEY in com.petesbrain.mail.plist\n");
    expect(plain).toContain("⚠️  Brings back an earlier token in mcp/gmail/credentials.json\n");
    expect(plain).toContain(`   rollback restore ${id} --keep-secrets --force\n`);
    expect(kept + plain).not.toContain("zebra");
  });

  test.each<[string, string, Date | null]>([
    ["an older one", '{"token": "zebra-new"}\n', new Date("2025-01-01T00:00:00Z")],
    ["one that does not parse", '{"token": ', null],
  ])("of credential files, %s is restored", (_, file, mtime) => {
    const { w, id } = edited();
    w.put({ [tokens]: file });
    if (mtime !== null) utimesSync(w.path(tokens), mtime, mtime);
    must(w.run("restore", id, "--keep-secrets", "--only", "credential", "--force"));
    expect(read(w, tokens)).toBe('{"token": "zebra-old"}\n');
  });
});

test("what was restored in part is undone like anything else", () => {
  const { w, id } = edited();
  const before = read(w, mail);
  must(w.run("restore", id, "--key", "EnvironmentVariables", "--force"));
  must(w.run("undo", "--force"));
  expect(read(w, mail)).toBe(before);
});

test("restore --force, undo and recover say which secrets they brought back, and never a value", () => {
  const { w, id } = edited();
  const notes = (verb: string) => [
    `⚠️  ${verb} back an earlier API_KEY in com.petesbrain.mail.plist`,
    `⚠️  ${verb} back an earlier token in mcp/gmail/credentials.json`,
  ];
  const done = must(w.run("restore", id, "--force"));
  for (const note of notes("Brought")) expect(done.stdout).toContain(`${note}\n`);
  const [, autoBackup = ""] = /Auto-backup created: (\S+)/.exec(done.stdout) ?? [];
  // As a restore leaves it that was killed after its last rename: the work is done, and nobody was told.
  const journal = { snapshot: id, autoBackup, steps: [], folders: [], relaxed: [] };
  w.put({ [`${w.store}/.rollback/journal.done`]: { file: JSON.stringify(journal), mode: 0o600 } });
  const recovered = must(w.run("recover", "--json")).stdout;
  const undoing = must(w.run("undo")).stdout;
  for (const note of notes("Brings")) expect(undoing).toContain(`${note}\n`);
  const undone = must(w.run("undo", "--json", "--force")).stdout;
  for (const json of [recovered, undone]) {
    const { earlier_secrets: earlier } = JSON.parse(json) as { earlier_secrets: { key: string }[] };
    expect(earlier.map(({ key }) => key)).toContain("API_KEY");
    expect(earlier.map(({ key }) => key)).toContain("token");
  }
  expect(done.stdout + recovered + undoing + undone).not.toContain("zebra");
});
