// What is said of agents that launchd takes, of the two judges' words, and of error 5.
import { describe, expect, test } from "bun:test";
import type { Agent } from "../../src/launchd/agent.ts";
import { explainFive } from "../../src/launchd/explain-five.ts";
import { incommon, type Linted, ownWords } from "../../src/launchd/lint.ts";
import { bothWords, parseLint } from "../../src/launchd/plutil.ts";
import { retired } from "../../src/launchd/retired.ts";
import type { AbsPath } from "../../src/model.ts";
import { type Layout, world } from "../harness.ts";

const nothing: Agent = {
  ...{ label: null, program: null, words: [], workingDirectory: null, calendar: [], runAtLoad: false },
  ...{ logs: { out: null, error: null }, variables: {}, ports: [], watchPaths: [], exitTimeOut: null },
  ...{ interval: null, keepAlive: false },
};
const path = (name: string) => `/Users/alex/Library/LaunchAgents/${name}.plist` as AbsPath;
const linted = (label: string, agent: Partial<Agent>, name = label): Linted => ({
  path: path(name),
  label,
  agent: { ...nothing, ...agent },
});
const told = (...all: Linted[]) =>
  Object.fromEntries([...incommon(all)].map(([at, words]) => [at.slice(33, -6), words]));

describe("agents beside one another", () => {
  const sync = { program: "/usr/bin/python3", words: ["/x/sync.py"] };

  test("one program with the same arguments", () => {
    expect(told(linted("a", sync), linted("b", sync), linted("c", { ...sync, words: ["/x/other.py"] }))).toEqual({
      a: ["does the same as b.plist: one program with the same arguments"],
      b: ["does the same as a.plist: one program with the same arguments"],
    });
  });

  test.each<[string, Partial<Agent>]>([
    ["another variable", { variables: { PROFILE: "b" } }],
    ["another folder", { workingDirectory: "/y" }],
    ["other words", { words: ["/x/sync.py", "--all"] }],
    ["another program", { program: "/opt/python3" }],
  ])("%s is another work", (_, other) =>
    expect(told(linted("a", sync), linted("b", { ...sync, ...other }))).toEqual({}),
  );

  test("a program of the system's alone is no work; one's own is", () => {
    for (const program of ["/bin/sh", "/usr/bin/true", "sh", null])
      expect(told(linted("a", { program }), linted("b", { program }))).toEqual({});
    const own = { program: "/Users/alex/bin/sync" };
    expect(Object.keys(told(linted("a", own), linted("b", own)))).toEqual(["a", "b"]);
  });

  test("one port", () => {
    const [a, b, c] = [{ ports: ["port 80", "port 81"] }, { ports: ["port 81"] }, { ports: ["UDP port 81"] }];
    expect(told(linted("a", a), linted("b", b), linted("c", c))).toEqual({
      a: ["listens on port 81, as b.plist"],
      b: ["listens on port 81, as a.plist"],
    });
    expect(told(linted("a", { ports: ["port 80", "port 80"] }))).toEqual({});
  });

  test("two plists of one Label are told as that, by others", () =>
    expect(told(linted("a", sync), linted("a", sync, "a 2"))).toEqual({}));
});

describe("an agent's own words", () => {
  const home = "/Users/alex" as AbsPath;
  test.each([
    ["~/Library/Logs/a.log", "launchd does not expand ~ in StandardOutPath: write /Users/alex/Library/Logs/a.log"],
    ["$HOME/a.log", "launchd does not expand $HOME in StandardOutPath: write /Users/alex/a.log"],
    ["${HOME}/a.log", "launchd does not expand $HOME in StandardOutPath: write /Users/alex/a.log"],
  ])("%s", (out, words) => expect(ownWords({ ...nothing, logs: { out, error: null } }, home, [])).toEqual([words]));

  test.each(["/x/~/a.log", "/tmp/a.log", "logs/a.log", "$HOMEX/a", "~alex/a"])("%s is as it stands", (out) =>
    expect(ownWords({ ...nothing, logs: { out, error: out } }, home, [])).toEqual([]),
  );

  test("a folder of logs that leads out by a link", () => {
    const w = world({ home: { logs: { link: "../away" }, inner: { link: "real" }, "real/x": "" } });
    const inside = [w.home as AbsPath];
    const of = (out: string) => ownWords({ ...nothing, logs: { out, error: null } }, w.home as AbsPath, inside);
    expect(of(`${w.home}/logs/a.log`)).toEqual([
      `the folder of its log leads out by a link: ${w.home}/logs is ${w.away}`,
    ]);
    expect(of(`${w.home}/inner/a.log`)).toEqual([]);
    expect(of(`${w.home}/real/a.log`)).toEqual([]);
    expect(of(`${w.away}/a.log`)).toEqual([]);
  });
});

describe("agents that were put out of the way", () => {
  const agents = "home/Library/LaunchAgents";
  const of = (layout: Layout, ...names: string[]) => {
    const w = world();
    w.put(layout);
    return retired(names.map((name) => w.path(`${agents}/${name}.plist`) as AbsPath)).map(({ path, at }) =>
      [path, at].map((one) => one.slice(w.home.length + "/Library/".length)),
    );
  };

  test.each(["LaunchAgents/retired", "LaunchAgents/old/2025", "LaunchAgents.disabled", "Disabled LaunchAgents/x"])(
    "%s",
    (folder) =>
      expect(of({ [`home/Library/${folder}/a.plist`]: "" }, "a", "b")).toEqual([
        ["LaunchAgents/a.plist", `${folder}/a.plist`],
      ]),
  );

  test("not one that stands where it stood, nor one in a folder of another sort", () => {
    expect(of({ [`${agents}/a.plist`]: "", [`${agents}/old/a.plist`]: "" }, "a")).toEqual([]);
    expect(of({ "home/Library/Backups/a.plist": "", "home/a.plist": "" }, "a")).toEqual([]);
  });

  test("from a folder of its own back into LaunchAgents", () =>
    expect(of({ [`${agents}/a.plist`]: "" }, "active/a")).toEqual([
      ["LaunchAgents/active/a.plist", "LaunchAgents/a.plist"],
    ]));
});

describe("plutil", () => {
  const [a, b, c] = ["/x/a.plist", "/x/a: b.plist", "/x/c.plist"] as AbsPath[];
  test("a line a file, OK or words", () => {
    const printed = `${a}: OK\n${b}: (Found non-key inside <dict> at line 5)\n`;
    if (a === undefined || b === undefined || c === undefined) throw new Error();
    expect([...parseLint(printed, [a, b, c])]).toEqual([
      [a, null],
      [b, "Found non-key inside <dict> at line 5"],
    ]);
  });

  const ours = "is malformed: line 2, column 1: & must be written &amp;";
  test.each<[string | null, string | null | undefined, boolean, string | null]>([
    [null, undefined, false, null],
    [ours, undefined, true, ours],
    [null, null, false, null],
    [ours, null, false, `${ours} (plutil takes it all the same)`],
    [null, "Junk at line 3", true, "is malformed, says plutil, and rollback finds nothing: Junk at line 3"],
    [ours, "Junk at line 3", true, ours],
  ])("%p and %p", (malformed, plutil, refused, words) =>
    expect(bothWords(malformed, plutil)).toEqual({ refused, words }),
  );
});

describe("error 5", () => {
  const FIVE = "Bootstrap failed: 5: Input/output error";
  const nothingSeen = { problems: [], places: ["/Users/alex/a.plist"], disabled: false, loadedIn: null };
  test.each([
    [{ problems: ["its plist: others can write to it"] }, "its plist: others can write to it"],
    [{ disabled: true }, "its label is disabled (launchctl enable)"],
    [{ loadedIn: "user/501" }, "it is loaded already, in user/501"],
    [{ places: ["/Users/alex/a.plist", "/Volumes/usb/run.sh"] }, "it lies on another volume: /Volumes/usb"],
    [{ problems: ["a", "b"], disabled: true }, "a; b; its label is disabled (launchctl enable)"],
  ])("%j", (more, words) => expect(explainFive(FIVE, { ...nothingSeen, ...more })).toBe(`${FIVE}: ${words}`));

  test("what can't be seen is named", () => {
    const words = explainFive(FIVE, nothingSeen);
    for (const part of ["nothing is wrong that can be seen", "sfltool dumpbtm", "replaced since its first load"])
      expect(words).toContain(part);
  });

  test.each(["Bootstrap failed: 119: Service is disabled", "Bootstrap failed: 125: Input/output error", ""])(
    "another error stays as it is: %p",
    (words) => expect(explainFive(words, { ...nothingSeen, disabled: true })).toBe(words),
  );
});
