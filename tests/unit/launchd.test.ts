// What launchctl prints and what a plist says, understood without either of them.
import { describe, expect, spyOn, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, parse } from "node:path";
import fc from "fast-check";
import { type Agent, isDue, parseAgent } from "../../src/launchd/agent.ts";
import { comingPaths, danglingReferences } from "../../src/launchd/problems.ts";
import { parseDisabled, parseDump, parseList, parsePrint, troubleOf } from "../../src/launchd/service.ts";

describe("launchctl print", () => {
  const print = (...lines: string[]) =>
    parsePrint(`gui/501/com.example.a = {\n${lines.map((line) => `\t${line}\n`).join("")}}\n`);

  test.each([
    [["state = running", "pid = 4711", "last exit code = (never exited)"], 4711, null],
    [["state = not running", "last exit code = 0"], null, 0],
    [["state = not running", "last exit code = 78: EX_CONFIG"], null, 78],
    [["state = running", "pid = 7", "last exit code = 1"], 7, 1],
    [["state = spawn scheduled", "last exit code = -15"], null, -15],
    [[], null, null],
  ])("%j", (lines, pid, lastExit) => expect(print(...lines)).toMatchObject({ loaded: true, pid, lastExit }));

  const read = (name: string) =>
    parsePrint(readFileSync(join(import.meta.dir, "../fixtures/launchctl", `${name}.txt`), "utf8"), "gui/501");

  test.each<[string, Partial<ReturnType<typeof parsePrint>>]>([
    ["exit78", { state: "spawn scheduled", pid: null, runs: 2, lastExit: 78, exitName: "EX_CONFIG", exitTimeout: 5 }],
    ["gui.u.atuin", { state: "running", pid: 913, lastExit: null, pended: null }],
    [
      "killed9_codesign",
      { pid: null, lastExit: null, signal: 9, signalName: "Killed", reason: "OS_REASON_CODESIGNING" },
    ],
    ["old1014", { state: "waiting", lastExit: 0, path: "/Users/x/Library/LaunchAgents/com.x.plist" }],
    ["penalty", { state: "not running", lastExit: 1, pended: "speculative", spawnFailed: false }],
    ["running_never", { state: "not running", runs: 0, lastExit: null, pended: "speculative" }],
    ["segv", { lastExit: null, signal: 11, signalName: "Segmentation fault", reason: null }],
    ["spawnfailed78", { lastExit: 78, spawnFailed: true }],
  ])("of a public dump: %s", (name, facts) => expect(read(name)).toMatchObject(facts));

  test("an argument of several lines is no fact", () => {
    const text = "gui/501/a = {\n\targuments = {\n\t\techo\n\tpid = 7\n\t}\n\tlast exit code = 3\n}\n";
    expect(parsePrint(text)).toMatchObject({ pid: null, lastExit: 3 });
  });

  test.each<[string[], string | null]>([
    [["state = running", "last terminating signal = Killed: 9"], null],
    [["pid = 4", "last exit code = 1"], null],
    [["last exit code = 0"], null],
    [["last exit code = (never exited)"], null],
    [["last exit code = 78"], "ended with 78 (EX_CONFIG)"],
    [["last exit code = -15"], "was killed by signal 15"],
    [["last exit reason = OS_REASON_DYLD"], "was ended by macOS (OS_REASON_DYLD)"],
    [["job state = spawn failed"], "could not be started: spawn failed"],
    [["runs = 5", "last exit code = 0", "pended nondemand spawn = speculative"], null],
  ])("trouble of %j: %p", (lines, words) => expect(troubleOf(print(...lines))?.words ?? null).toBe(words));

  test("a key whose name only ends in pid is none, nor is an environment's value", () => {
    expect(print("ppid = 1", 'environment = {\n\t\tX => "pid = 9"\n\t}').pid).toBeNull();
  });
});

describe("many at once", () => {
  const rows = (services: ReturnType<typeof parseDump>) =>
    [...(services ?? [])].map(([label, { pid, lastExit, signal, pended }]) => ({
      label,
      pid,
      lastExit,
      signal,
      pended,
    }));

  test("a domain's dump", () => {
    const text = `gui/501 = {
	type = login
	environment = {
		X => services = {
	}

	services = {
		       0      -  	com.example.never
		     593      - 	com.example.runs
		       0     78 	com.example.broken
		       0     -9 	com.example.killed
		    4242   (pe) 	com.example.pended
		not a service line
	}

	unmanaged processes = {
		     700      - 	com.example.unmanaged
	}
}
`;
    const none = { pid: null, lastExit: null, signal: null, pended: null };
    expect(rows(parseDump(text, "gui/501"))).toEqual([
      { label: "com.example.never", ...none },
      { label: "com.example.runs", ...none, pid: 593 },
      { label: "com.example.broken", ...none, lastExit: 78 },
      { label: "com.example.killed", ...none, signal: 9 },
      { label: "com.example.pended", ...none, pid: 4242, pended: "pended" },
    ]);
    expect(parseDump(text.replace("\tservices = {", "\tjobs = {"), "gui/501")).toBeNull();
    expect(parseDump("gui/501 = {\n\tservices = {\n\t}\n}\n", "gui/501")?.size).toBe(0);
  });

  test("list, where 0 says nothing", () => {
    const text = "PID\tStatus\tLabel\n-\t0\tcom.example.a\n413\t-9\tcom.example.b\n-\t78\tcom.example.c\n";
    expect(rows(parseList(text, "gui/501"))).toMatchObject([
      { label: "com.example.a", pid: null, lastExit: null },
      { label: "com.example.b", pid: 413, signal: 9 },
      { label: "com.example.c", lastExit: 78 },
    ]);
    expect(parseList("", "gui/501")).toBeNull();
  });
});

describe("launchctl print-disabled", () => {
  test("of today and of before macOS 13", () => {
    const text = `
	disabled services = {
		"com.example.a" => disabled
		"com.example.b" => enabled
		"com.example.c" => true
		"com.example.d" => false
		"it's = a { label" => disabled
	}
	login item associations = {
	}
`;
    expect([...parseDisabled(text)]).toEqual(["com.example.a", "com.example.c", "it's = a { label"]);
  });

  test("nothing at all", () => expect([...parseDisabled("")]).toEqual([]));

  test("any text is understood, or none of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(parsePrint(text).loaded).toBe(true);
        expect(parseDump(`gui/501 = {\n\tservices = {\n\t\t${text}\n\t}\n}`, "gui/501")?.size ?? 0).toBeLessThan(9);
        expect(parseList(text, "gui/501")).toBeNull();
        expect(parseDisabled(text)).toBeInstanceOf(Set);
      }),
    );
  });
});

const agentOf = (body: string) =>
  parseAgent(new TextEncoder().encode(`<?xml version="1.0"?><plist version="1.0"><dict>${body}</dict></plist>`));
const nothing: Agent = {
  ...{
    label: null,
    program: null,
    words: [],
    workingDirectory: null,
    calendar: [],
    interval: null,
    keepAlive: false,
    runAtLoad: false,
    watchPaths: [],
    variables: {},
    ports: [],
    exitTimeOut: null,
  },
  logs: { out: null, error: null },
};

describe("an agent's plist", () => {
  test("in full", async () => {
    const body = `<key>Label</key><string>a &amp; b</string>
      <key>ProgramArguments</key><array><string>/bin/sh</string><string>/x y.sh</string></array>
      <key>WorkingDirectory</key><string>/w</string><key>RunAtLoad</key><true/>
      <key>StandardOutPath</key><string>/o</string><key>StandardErrorPath</key><string>/e</string>
      <key>StartCalendarInterval</key><dict><key>Hour</key><integer>8</integer></dict>
      <key>ExitTimeOut</key><integer>40</integer>
      <key>KeepAlive</key><dict><key>Crashed</key><true/></dict>`;
    expect(await agentOf(body)).toEqual({
      label: "a & b",
      program: "/bin/sh",
      words: ["/x y.sh"],
      workingDirectory: "/w",
      logs: { out: "/o", error: "/e" },
      calendar: [{ Hour: 8 }],
      interval: null,
      keepAlive: false,
      runAtLoad: true,
      watchPaths: [],
      variables: {},
      ports: [],
      exitTimeOut: 40,
    });
  });

  test("where it listens", async () => {
    const socket = (name: string, more = "") => `<dict><key>SockServiceName</key>${name}${more}</dict>`;
    const body = `<key>Sockets</key><dict>
      <key>a</key>${socket("<string>8080</string>")}
      <key>b</key><array>${socket("<integer>81</integer>", "<key>SockType</key><string>dgram</string>")}
        ${socket("<string>http</string>", "<key>SockNodeName</key><string>127.0.0.1</string>")}</array>
      <key>c</key>${socket("<string>99</string>", "<key>SockPassive</key><false/>")}
      <key>d</key><dict><key>SockPathName</key><string>/tmp/s</string></dict></dict>
      <key>ProgramArguments</key><array><string>/bin/node</string><string>--port</string><string>3000</string>
        <string>--port=3001</string><string>--portable</string><string>7</string><string>-c</string><string>x -port 9 y</string></array>`;
    expect((await agentOf(body))?.ports).toEqual([
      "port 8080",
      "UDP port 81",
      "port http of 127.0.0.1",
      "port 3000",
      "port 3001",
      "port 9",
    ]);
  });

  test("KeepAlive alone starts it at load, KeepAlive on a condition does not", async () => {
    expect((await agentOf("<key>KeepAlive</key><true/>"))?.runAtLoad).toBe(true);
    expect((await agentOf("<key>KeepAlive</key><dict/>"))?.runAtLoad).toBe(false);
  });

  test("Program counts before the first word", async () => {
    const words = "<key>ProgramArguments</key><array><string>name</string><string>/x.sh</string></array>";
    expect(await agentOf(`<key>Program</key><string>/bin/sh</string>${words}`)).toMatchObject({
      program: "/bin/sh",
      words: ["/x.sh"],
    });
  });

  test("several calendar entries", async () => {
    const entry = (hour: number) => `<dict><key>Hour</key><integer>${hour}</integer></dict>`;
    expect(await agentOf(`<key>StartCalendarInterval</key><array>${entry(8)}${entry(20)}</array>`)).toMatchObject({
      calendar: [{ Hour: 8 }, { Hour: 20 }],
    });
  });

  test.each([
    "",
    "<key>Label</key><integer>3</integer>",
    "<key>ProgramArguments</key><string>/bin/sh</string>",
    "<key>ProgramArguments</key><array><integer>1</integer></array>",
    "<key>StartCalendarInterval</key><string>daily</string>",
    "<key>RunAtLoad</key><string>yes</string>",
    "<key>StandardErrorPath</key><array/>",
  ])("what is of another type is as if it were not there: %p", async (body) =>
    expect(await agentOf(body)).toEqual(nothing),
  );

  test.each(["", "garbage", "<plist>", "<plist version='1.0'><array/></plist>", "<array></array>", "bplist00", "\0"])(
    "no plist with a dictionary: %j",
    async (text) => expect(await parseAgent(new TextEncoder().encode(text))).toBeNull(),
  );

  test.each(["<string>sk&live;1234</string>", "<string class=<sk1234>x</string>", "<string>sk1234"])(
    "what the XML parser stumbles over is not an agent, and is not printed: %s",
    async (broken) => {
      const printed = [spyOn(console, "error"), spyOn(console, "warn")];
      const text = `<plist version="1.0"><dict><key>Label</key>${broken}</dict></plist>`;
      try {
        expect(await parseAgent(new TextEncoder().encode(text))).toBeNull();
        for (const spy of printed) expect(spy).not.toHaveBeenCalled();
      } finally {
        for (const spy of printed) spy.mockRestore();
      }
    },
  );

  test("any bytes are an agent or none", async () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.uint8Array().map((tail) => new Uint8Array([...new TextEncoder().encode("bplist00"), ...tail])),
      fc.string().map((text) => new TextEncoder().encode(`<plist version="1.0"><dict>${text}</dict></plist>`)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (value) => {
        const agent = await parseAgent(value);
        expect(agent === null || Array.isArray(agent.calendar)).toBe(true);
      }),
    );
  });
});

describe("due within ten minutes", () => {
  // A Wednesday, 07:55 local time.
  const from = new Date(2026, 10, 25, 7, 55);
  test.each<[Agent["calendar"], boolean]>([
    [[{ Hour: 8, Minute: 0 }], true],
    [[{ Hour: 8, Minute: 5 }], true],
    [[{ Hour: 8, Minute: 6 }], false],
    [[{ Hour: 7, Minute: 55 }], true],
    [[{ Hour: 7, Minute: 54 }], false],
    [[{ Minute: 0 }], true],
    [[{ Minute: 30 }], false],
    [[{ Hour: 7 }], true],
    [[{ Weekday: 3, Hour: 8, Minute: 0 }], true],
    [[{ Weekday: 4, Hour: 8, Minute: 0 }], false],
    [[{ Day: 25, Month: 11, Hour: 8, Minute: 0 }], true],
    [[{ Day: 24, Hour: 8, Minute: 0 }], false],
    [[{ Month: 12, Hour: 8, Minute: 0 }], false],
    [[{ Hour: 20 }, { Hour: 8, Minute: 0 }], true],
    [[], false],
  ])("%j: %p", (calendar, due) => expect(isDue({ ...nothing, calendar }, from, 10)).toBe(due));

  test("Sunday is 0 and 7, and the day may change meanwhile", () => {
    const saturday = new Date(2026, 10, 28, 23, 55);
    for (const Weekday of [0, 7])
      expect(isDue({ ...nothing, calendar: [{ Weekday, Hour: 0, Minute: 0 }] }, saturday, 10)).toBe(true);
    expect(isDue({ ...nothing, calendar: [{ Weekday: 6, Hour: 0, Minute: 0 }] }, saturday, 10)).toBe(false);
  });

  test("the year may change meanwhile", () =>
    expect(
      isDue({ ...nothing, calendar: [{ Month: 1, Day: 1, Hour: 0, Minute: 0 }] }, new Date(2026, 11, 31, 23, 59), 10),
    ).toBe(true));
});

describe("references to nothing", () => {
  const root = parse(process.cwd()).root;
  const at = (name: string) => `${root}no-such-folder-of-ours/${name}`;

  test("nothing named, nothing missing", () => expect(danglingReferences(nothing)).toEqual([]));

  test("each is named in its turn", () => {
    const agent = {
      ...nothing,
      program: at("program"),
      words: ["-u", at("script.py"), at("data.txt")],
      workingDirectory: at("work"),
      logs: { out: at("logs/o"), error: at("logs/e") },
    };
    expect(danglingReferences(agent)).toEqual([
      `its program is missing: ${at("program")}`,
      `its script is missing: ${at("script.py")}`,
      `its WorkingDirectory is missing: ${at("work")}`,
      `the folder of its log is missing: ${at("logs")}`,
    ]);
    // A file that comes brings the folders above it.
    expect(
      danglingReferences(agent, comingPaths([at("program"), at("script.py"), at("work/x"), at("logs/old")])),
    ).toEqual([]);
  });

  test.each(["relative/script.py", "script.py", "--config=/x.py", "/no/such/data.json", "-"])(
    "a word that is not a script by its path is not looked for: %p",
    (word) => expect(danglingReferences({ ...nothing, program: "/bin/sh", words: [word] })).toEqual([]),
  );

  test("a path that comes is that path: neither its beginning nor its neighbour", () => {
    const coming = comingPaths(["/a/b/c"]);
    expect(["/a/b/c", "/a/b", "/a"].map(coming)).toEqual([true, true, true]);
    expect(["/a/b/c/d", "/a/bc", "/b"].map(coming)).toEqual([false, false, false]);
  });

  test("a folder that comes is known with a slash at its end, too", () =>
    expect(comingPaths(["/a/b/c"])("/a/b/")).toBe(true));
});
