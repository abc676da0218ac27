// What a comparison says, from literals: keys, launchd's meaning, lines, and what is not a difference at all.
import { describe, expect, test } from "bun:test";
import { build, buildBinary } from "plist";
import { stringify as yaml } from "yaml";
import { type ContentDiff, keyText, meaning } from "../../src/comparison.ts";
import { compareBytes } from "../../src/diff/compare.ts";
import type { Kind } from "../../src/model.ts";
import { plist } from "../harness.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const compare = (path: string, before: string, after: string, kind: Kind = "config"): Promise<ContentDiff> =>
  compareBytes({ path, kind }, bytes(before), bytes(after));

/** Each change in one line, as a reader sees it. */
async function told(path: string, before: string, after: string, kind: Kind = "config"): Promise<string[]> {
  const diff = await compare(path, before, after, kind);
  if (diff.type !== "keys") throw new Error(`compared as ${diff.type}`);
  return diff.changes.map((one) => {
    const values = one.hidden ? one.change : `${one.before} → ${one.after}`;
    return meaning(one) ?? `${keyText(one.path)}: ${values}`;
  });
}
const json = (before: unknown, after: unknown) =>
  told("/x.json", JSON.stringify(before), JSON.stringify(after, null, 2));
const agent = (before: string, after: string) =>
  told("/com.acme.a.plist", plist("a", before), plist("a", after), "plist");
const key = (name: string, value: string) => `<key>${name}</key>${value}`;
const at = (hour: number | null, minute: number | null, more = "") =>
  key(
    "StartCalendarInterval",
    `<dict>${hour === null ? "" : key("Hour", `<integer>${hour}</integer>`)}${minute === null ? "" : key("Minute", `<integer>${minute}</integer>`)}${more}</dict>`,
  );
const run = (...words: string[]) =>
  key("ProgramArguments", `<array>${words.map((word) => `<string>${word}</string>`).join("")}</array>`);

describe("an agent's change is told in launchd's terms", () => {
  test.each<[string, string, string, string[]]>([
    ["another time", at(3, 0), at(3, 30), ["StartCalendarInterval: 03:00 → 03:30 daily"]],
    [
      "another day",
      at(3, 0, key("Weekday", "<integer>1</integer>")),
      at(3, 0, key("Weekday", "<integer>5</integer>")),
      ["StartCalendarInterval: runs 03:00 Fridays instead of 03:00 Mondays"],
    ],
    ["no time any more", at(3, 0), "", ["StartCalendarInterval: no longer runs 03:00 daily"]],
    [
      "each hour",
      at(null, 5),
      at(null, 10),
      ["StartCalendarInterval: runs every hour at :10 instead of every hour at :05"],
    ],
    [
      "an interval",
      key("StartInterval", "<integer>300</integer>"),
      key("StartInterval", "<integer>5400</integer>"),
      ["StartInterval: runs every 1 hour 30 minutes instead of every 5 minutes"],
    ],
    [
      "another script",
      run("/usr/bin/python3", "/Users/alex/bin/old.py"),
      run("/usr/bin/python3", "/Users/alex/bin/new.py"),
      ["ProgramArguments: runs …/new.py instead of …/old.py"],
    ],
    [
      "more words",
      run("/bin/sh", "/a.sh"),
      run("/bin/sh", "/a.sh", "--fast"),
      ["ProgramArguments: runs /bin/sh /a.sh --fast instead of /bin/sh /a.sh"],
    ],
    [
      "a variable",
      "",
      key("EnvironmentVariables", `<dict>${key("PATH", "<string>/usr/bin</string>")}</dict>`),
      ["environment: + PATH"],
    ],
    [
      "a variable's value",
      key("EnvironmentVariables", `<dict>${key("ACCOUNT", "<string>one</string>")}</dict>`),
      key("EnvironmentVariables", `<dict>${key("ACCOUNT", "<string>two</string>")}</dict>`),
      ["environment: ACCOUNT changed"],
    ],
    ["a switch", "", key("RunAtLoad", "<true/>"), ["RunAtLoad: runs when it is loaded"]],
    [
      "what launchd gives no other words to",
      key("StandardOutPath", "<string>/a.log</string>"),
      key("StandardOutPath", "<string>/b.log</string>"),
      ['StandardOutPath: "/a.log" → "/b.log"'],
    ],
    ["a time that is none", at(3, 0), at(99, 0, key("Weekday", "<string>x</string>")), []],
  ])("%s", async (_, before, after, expected) => {
    const found = await agent(before, after);
    if (expected.length > 0) expect(found).toEqual(expected);
    // Whatever launchd would make of it, it is told by its keys.
    else expect(found.length).toBeGreaterThan(0);
  });

  test.each([
    ["an integer above 2^53", "<integer>9007199254740992</integer>", "<integer>9007199254740993</integer>"],
    ["the largest integer", "<integer>18446744073709551614</integer>", "<integer>18446744073709551615</integer>"],
    ["an integer and a real", "<integer>1</integer>", "<real>1</real>"],
    ["a date", "<date>2026-01-01T00:00:00Z</date>", "<date>2026-01-01T00:00:01Z</date>"],
    ["data", "<data>AQI=</data>", "<data>AQM=</data>"],
    ["a date and its text", "<date>2026-01-01T00:00:00Z</date>", "<string>2026-01-01T00:00:00Z</string>"],
  ])("%s differs, and is not another way of writing the same", async (_, before, after) => {
    expect(await agent(key("X", before), key("X", after))).toHaveLength(1);
    expect(await agent(key("X", before), ` <!-- -- --> ${key("X", before)}`)).toEqual([]);
  });

  test("a whole real is shown as one", async () =>
    expect(await agent(key("X", "<integer>1</integer>"), key("X", "<real>1</real>"))).toEqual(["X: 1 → 1.0"]));

  test("a date's part of a second and a UID in binary plists", async () => {
    const whole = Buffer.from(buildBinary({ a: new Date("2026-01-01T00:00:00.250Z") }));
    const other = Buffer.from(buildBinary({ a: new Date("2026-01-01T00:00:00.500Z") }));
    expect(await compareBytes({ path: "/a.plist", kind: "config" }, whole, other)).toMatchObject({
      changes: [{ before: "2026-01-01T00:00:00.250Z", after: "2026-01-01T00:00:00.500Z" }],
    });
    // An integer of one byte, and a UID of one byte.
    const integer = Buffer.from(buildBinary({ a: 7 }));
    const uid = Buffer.from(integer);
    uid[uid.indexOf(Buffer.from([0x10, 7]))] = 0x80;
    expect(await compareBytes({ path: "/a.plist", kind: "config" }, integer, uid)).toMatchObject({
      changes: [{ before: "7", after: "UID 7" }],
    });
  });

  test("one written anew as binary, or in another order, has only changed its formatting", async () => {
    const value = { Label: "a", StartInterval: 60, ProgramArguments: ["/bin/sh"] };
    const binary = new Uint8Array(buildBinary(value));
    const text = bytes(build({ StartInterval: 60, ProgramArguments: ["/bin/sh"], Label: "a" }));
    expect(await compareBytes({ path: "/a.plist", kind: "plist" }, text, binary)).toEqual({
      type: "keys",
      format: "plist",
      changes: [],
    });
    const other = new Uint8Array(buildBinary({ ...value, StartInterval: 120 }));
    expect(await compareBytes({ path: "/a.plist", kind: "plist" }, text, other)).toMatchObject({
      changes: [{ words: "runs every 2 minutes instead of every 1 minute" }],
    });
  });
});

describe("JSON and YAML are told by their keys", () => {
  test("formatting and the order of keys are not changes", async () => {
    expect(await json({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toEqual([]);
    expect(await told("/x.yaml", "a: 1\nb: two\n", "# a comment\nb:   'two'\na: 1\n")).toEqual([]);
  });

  test("each leaf, with its path", async () => {
    expect(
      await json(
        { servers: { gmail: { command: "node", args: ["a", "b", "c"] }, old: { port: 1 } } },
        { servers: { gmail: { command: "bun", args: ["a", "x", "c"] }, fresh: { port: 2 } } },
      ),
    ).toEqual([
      'servers.gmail.command: "node" → "bun"',
      'servers.gmail.args[1]: "b" → "x"',
      "servers.fresh.port: null → 2",
      "servers.old.port: 1 → null",
    ]);
  });

  test("what was put into a list does not change what follows", async () => {
    expect(await json({ a: ["x", "y"] }, { a: ["x", "new", "y"] })).toEqual(['a[1]: null → "new"']);
  });

  test("numbers as they are written: two that are one double are two numbers", async () => {
    expect(await told("/x.json", '{"a": 12345678901234567891}', '{"a": 12345678901234567890}')).toEqual([
      "a: 12345678901234567891 → 12345678901234567890",
    ]);
  });

  test("a value of another sort went, and came", async () => {
    expect(await json({ a: { b: 1 } }, { a: 2 })).toEqual(["a.b: 1 → null", "a: null → 2"]);
  });

  test("several YAML documents, anchors and dates", async () => {
    expect(
      await told("/x.yml", "---\na: &x {b: 1}\nc: *x\n---\nd: 1\n", "---\na: {b: 1}\nc: {b: 1}\n---\nd: 2\n"),
    ).toEqual(["[1].d: 1 → 2"]);
    expect(await told("/x.yaml", yaml({ a: 1 }), yaml({ a: 1, z: ["q"] }))).toEqual(['z[0]: null → "q"']);
  });

  test("what can't be read as its name says is told of, and none of it shown", async () => {
    expect(await compare("/x.json", '{"a": 1}', '{"a": ')).toEqual({ type: "sizes", why: "unreadable-form" });
    expect(await compare("/x.plist", plist("a"), "<plist>", "plist")).toEqual({
      type: "sizes",
      why: "unreadable-form",
    });
  });

  test("deeper than anybody writes is not followed", async () => {
    const deep = `${"[".repeat(100_000)}1${"]".repeat(100_000)}`;
    expect(await compare("/x.json", deep, "1")).toEqual({ type: "sizes", why: "unreadable-form" });
  });
});

describe("other files", () => {
  test("text is a unified diff", async () => {
    expect(await compare("/paths.py", "A = 1\nB = 2\nC = 3\n", "A = 1\nB = 3\nC = 3\n")).toEqual({
      type: "lines",
      hunks: [{ header: "@@ -1,3 +1,3 @@", lines: [" A = 1", "-B = 2", "+B = 3", " C = 3"] }],
      added: 1,
      removed: 1,
    });
  });

  test("a newline at the end that came or went is told as patches tell it", async () => {
    expect(await compare("/paths.py", "A = 1\n", "A = 1")).toMatchObject({
      hunks: [{ lines: ["-A = 1", "+A = 1", "\\ No newline at end of file"] }],
    });
  });

  test("binary, and texts with nothing in common", async () => {
    expect(await compare("/x.bin", "a\0b", "a\0c")).toEqual({ type: "sizes", why: "binary" });
    const lines = (seed: string) => Array.from({ length: 4000 }, (_, index) => `${seed} ${index}`).join("\n");
    expect(await compare("/x.txt", lines("one"), lines("two"))).toEqual({ type: "sizes", why: "too-different" });
  });

  test("a credential that has keys is told by them, one that has none not at all", async () => {
    expect(await told("/key.json", '{"client": "a", "n": 1}', '{"client": "b", "n": 1}', "credential")).toEqual([
      "client: modified",
    ]);
    expect(await compare("/token.txt", "a", "b", "credential")).toEqual({ type: "sizes", why: "secret" });
  });
});
