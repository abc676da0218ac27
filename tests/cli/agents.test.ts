// Agents: their state as launchd tells it, in the list, in manifests and in previews, and what is wrong with their plists.
import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type * as v from "valibot";
import { agentsListed, restored } from "../contract.ts";
import { isRoot, liveTree, must, plist, world } from "../harness.ts";
import { agentPath, agentPlist, agentWorld, labelOf } from "../launchctl/stand-in.ts";
import { manifestOf } from "../manifests.ts";

const missing = "/nowhere/at/all";

describe("state", () => {
  const states = () => {
    const { w, launchd } = agentWorld(["alive", "asleep", "disabled", "ended", "out"]);
    launchd.load(labelOf("alive"), { pid: 501 });
    launchd.load(labelOf("asleep"));
    launchd.load(labelOf("ended"), { lastExit: 78 });
    launchd.disable(labelOf("disabled"));
    return { w, launchd };
  };
  const facts = { status: "ok" as const, loaded: true, pid: null, last_exit: null, disabled: false, problems: [] };

  test("loaded, pid, last exit, disabled", () => {
    const { w } = states();
    const { exit, value } = w.json(agentsListed, "agents");
    expect(exit).toBe(0);
    const expected = {
      alive: { ...facts, pid: 501 },
      asleep: facts,
      disabled: { ...facts, loaded: false, disabled: true },
      ended: { ...facts, status: "warning" as const, last_exit: 78, problems: ["it ended with 78 (EX_CONFIG)"] },
      out: { ...facts, loaded: false },
    };
    expect(value.agents).toEqual(
      Object.entries(expected).map(([name, state]) => ({
        label: labelOf(name),
        path: w.path(agentPath(labelOf(name))),
        ...state,
      })),
    );
  });

  test("is asked for and not touched", () => {
    const { w, launchd } = states();
    const before = liveTree(w);
    for (const words of [["agents"], ["create", "x"], ["restore", "latest"]]) {
      must(w.run(...words));
      expect(launchd.calls().filter((call) => !/^print(-disabled)? /.test(call))).toEqual([]);
      launchd.forgetCalls();
    }
    expect(liveTree(w)).toEqual(before);
  });

  test("stands in the manifest: loaded and disabled, by plist", () => {
    const { w } = states();
    const { plist_files } = manifestOf(w, w.create());
    expect(Object.fromEntries(plist_files.map(({ label, launchd }) => [label, launchd]))).toEqual({
      [labelOf("alive")]: { loaded: true, disabled: false },
      [labelOf("asleep")]: { loaded: true, disabled: false },
      [labelOf("disabled")]: { loaded: false, disabled: true },
      [labelOf("ended")]: { loaded: true, disabled: false },
      [labelOf("out")]: { loaded: false, disabled: false },
    });
  });

  test("without launchctl is not known: null in the list, no word of it in the manifest, and no failure", () => {
    const w = world({ home: { [agentPath(labelOf("a")).slice(5)]: agentPlist(labelOf("a")) } });
    const { exit, value } = w.json(agentsListed, "agents");
    expect(exit).toBe(0);
    expect(value.agents).toMatchObject([{ loaded: null, pid: null, last_exit: null, disabled: null }]);
    expect(manifestOf(w, w.create()).plist_files).not.toContainAnyKeys(["launchd"]);
    expect(w.run("agents").stdout).toBe(`-  ${labelOf("a")}: state unknown\n`);
  });

  test("in a session without GUI is the user domain's", () => {
    for (const code of [112, 125] as const) {
      const { w, launchd } = agentWorld(["a", "b"]);
      launchd.without("gui", code);
      launchd.load(labelOf("a"), { domain: "user" });
      expect(w.json(agentsListed, "agents").value.agents.map(({ loaded }) => loaded)).toEqual([true, false]);
    }
  });

  test("without any session is not known", () => {
    const { w, launchd } = agentWorld(["a"]);
    launchd.without("gui", 112);
    launchd.without("user", 112);
    expect(w.json(agentsListed, "agents").value.agents).toMatchObject([{ loaded: null, disabled: null }]);
    expect(manifestOf(w, w.create()).complete).toBe(true);
  });

  test("of agents that no pattern matches is nobody's business", () => {
    const { w } = agentWorld([]);
    w.put({ [agentPath("com.example.other")]: agentPlist("com.example.other") });
    expect(must(w.run("agents")).stdout).toBe("No agents match the config's plists\n");
  });
});

test("a launchctl that hangs holds create up for one time limit, not for one each", () => {
  const { w, launchd } = agentWorld(["a", "b", "c", "d", "e", "f"]);
  launchd.hang();
  const { plist_files, complete } = manifestOf(w, w.create());
  expect(complete).toBe(true);
  expect(plist_files.map(({ launchd: state }) => state ?? null)).toEqual(Array(6).fill(null));
  // Six limits of ten seconds would be a minute.
}, 30_000);

describe("what is wrong with an agent", () => {
  const cases: Record<string, { more?: string; argv?: string[]; text?: string; problem: string }> = {
    "its program is missing": { argv: [missing], problem: `its program is missing: ${missing}` },
    "a program by name that no job finds": {
      argv: ["no-such-program"],
      problem: "its program is missing: no-such-program",
    },
    "its Program, which counts before the first word": {
      more: `<key>Program</key><string>${missing}</string>`,
      problem: `its program is missing: ${missing}`,
    },
    "the script of its interpreter": {
      argv: ["/bin/sh", `${missing}.sh`],
      problem: `its script is missing: ${missing}.sh`,
    },
    "a script behind a flag": {
      argv: ["/bin/sh", "-u", `${missing}.py`, "--now"],
      problem: `its script is missing: ${missing}.py`,
    },
    "its WorkingDirectory": {
      more: `<key>WorkingDirectory</key><string>${missing}</string>`,
      problem: `its WorkingDirectory is missing: ${missing}`,
    },
    "the folder of its logs, named once": {
      more: `<key>StandardOutPath</key><string>${missing}/o</string><key>StandardErrorPath</key><string>${missing}/e</string>`,
      problem: `the folder of its log is missing: ${missing}`,
    },
    "no program at all": { text: plist(labelOf("a")), problem: "names no program" },
    "no Label": {
      text: '<plist version="1.0"><dict><key>Program</key><string>/bin/sh</string></dict></plist>',
      problem: "has no Label",
    },
    "a Label of another name": { text: agentPlist("other"), problem: "its Label differs from its name: other" },
    "text that is not a plist": {
      text: "garbage",
      problem: "is malformed: line 1, column 1: a property list begins with <?xml or <plist",
    },
    "a plist that is cut off": {
      text: agentPlist(labelOf("a")).replace(/<\/dict>[\s\S]*/, ""),
      problem: "is malformed: line 2, column 22: <dict> is not closed: write </dict>",
    },
    "a list instead of a dictionary": {
      text: '<plist version="1.0"><array/></plist>',
      problem: "is malformed: an agent's plist holds a <dict>",
    },
    "nothing in it": { text: "", problem: "is malformed: line 1, column 1: the file is empty" },
    "a shell's && as it is": {
      argv: ["/bin/sh", "-c", "cd /tmp && make"],
      problem: "is malformed: line 4, column 94: & must be written &amp;",
    },
  };
  for (const [what, { more, argv, text, problem }] of Object.entries(cases))
    test(what, () => {
      const { w } = agentWorld([]);
      w.put({ [agentPath(labelOf("a"))]: text ?? agentPlist(labelOf("a"), more, argv) });
      const { exit, value } = w.json(agentsListed, "agents");
      expect(exit).toBe(0);
      expect(value.agents.map(({ problems }) => problems)).toEqual([[problem]]);
      expect(must(w.run("agents")).stdout).toContain(`   ${problem}\n`);
    });

  const log = (path: string) => `<key>StandardOutPath</key><string>${path}</string>`;
  const socket = (port: number) =>
    `<key>Sockets</key><dict><key>a</key><dict><key>SockServiceName</key><string>${port}</string></dict></dict>`;
  test("what launchd takes, and nobody can mean: alone and beside others of its folder", () => {
    const { w } = agentWorld([]);
    w.put({
      "home/elsewhere": { link: "../away" },
      [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), log("~/a.log"), ["/bin/sh", "-c", "x --port 8080"]),
      [agentPath(labelOf("b"))]: agentPlist(labelOf("b"), socket(8080), ["/bin/sh", "-c", "y"]),
      [agentPath(labelOf("c"))]: agentPlist(labelOf("c"), log(`${w.home}/elsewhere/c.log`), ["/bin/sh", "-c", "z"]),
      [agentPath("org.other")]: agentPlist("org.other", "", ["/bin/sh", "-c", "z"]),
    });
    const { value } = w.json(agentsListed, "agents");
    expect(value.agents.map(({ problems }) => problems)).toEqual([
      [
        `launchd does not expand ~ in StandardOutPath: write ${w.home}/a.log`,
        `listens on port 8080, as ${labelOf("b")}.plist`,
      ],
      [`listens on port 8080, as ${labelOf("a")}.plist`],
      [
        `the folder of its log leads out by a link: ${w.home}/elsewhere is ${w.away}`,
        "does the same as org.other.plist: one program with the same arguments",
      ],
    ]);
  });

  test("a key that stands twice", () => {
    const { w } = agentWorld([]);
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), "<key>Nice</key><true/><key>Nice</key><false/>") });
    expect(w.json(agentsListed, "agents").value.agents[0]?.problems).toEqual([
      "the key Nice stands twice in a dictionary: the last one counts",
    ]);
  });

  test("a disabled agent does nothing beside others", () => {
    const { w, launchd } = agentWorld([]);
    for (const name of ["a", "b"])
      w.put({ [agentPath(labelOf(name))]: agentPlist(labelOf(name), socket(8080), ["/bin/sh", "-c", name]) });
    launchd.disable(labelOf("b"));
    expect(w.json(agentsListed, "agents").value.agents.map(({ problems }) => problems)).toEqual([[], []]);
  });

  test("an agent that was put out of the way is named: a restore would bring it back", () => {
    const { w } = agentWorld(["a", "b"]);
    const id = w.create();
    const retired = w.path("home/Library/LaunchAgents/retired");
    w.put({ [retired]: { folder: 0o755 } });
    renameSync(w.path(agentPath(labelOf("a"))), `${retired}/${labelOf("a")}.plist`);
    const named = `${labelOf("a")}.plist`;
    const at = `${retired}/${named}`;
    expect(w.json(agentsListed, "agents").value.retired).toEqual([
      { path: w.path(agentPath(labelOf("a"))), stands_at: at, brought_back_by: id },
    ]);
    expect(must(w.run("agents")).stdout).toContain(`: moved to ${at}\n   restore ${id} would bring it back\n`);
    expect(w.json(restored, "restore", "latest").value.agents).toEqual([
      `${named} is brought back, though it stands in ${retired} now`,
    ]);
  });

  describe("plutil, where it is, decides", () => {
    const plutil = (words: string) => ({
      "bin/plutil": { file: `#!/bin/sh\nshift 2\nfor f; do echo "$f: ${words}"; done\n`, mode: 0o755 },
    });
    const problemsOf = (words: string, text: string) => {
      const { w } = agentWorld([]);
      w.put({ ...plutil(words), [agentPath(labelOf("a"))]: text });
      return w.json(agentsListed, "agents").value.agents[0]?.problems;
    };
    const amp = agentPlist(labelOf("a"), "", ["/bin/sh", "-c", "a & b"]);
    const ours = "is malformed: line 4, column 88: & must be written &amp;";

    test("both agree", () => {
      expect(problemsOf("OK", agentPlist(labelOf("a")))).toEqual([]);
      expect(problemsOf("(Encountered unknown ampersand-escape sequence at line 4)", amp)).toEqual([ours]);
    });
    test("it refuses what we take", () =>
      expect(problemsOf("(Junk at line 3)", agentPlist(labelOf("a")))).toEqual([
        "is malformed, says plutil, and rollback finds nothing: Junk at line 3",
      ]));
    test("it takes what we refuse", () =>
      expect(problemsOf("OK", amp)).toEqual([`${ours} (plutil takes it all the same)`]));
  });

  test("programs and scripts that are there, by path or on a job's PATH, links to them too", () => {
    const { w } = agentWorld([]);
    w.put({ "home/run.sh": "", "home/linked.sh": { link: w.path("home/run.sh") } });
    const logs = `<key>StandardOutPath</key><string>${w.home}/o.log</string>`;
    const where = `<key>WorkingDirectory</key><string>${w.home}</string>`;
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), logs + where, ["sh", w.path("home/linked.sh")]) });
    expect(w.json(agentsListed, "agents").value.agents[0]?.problems).toEqual([]);
  });

  test.each([0o664, 0o646, 0o666])("others can write to it: %p", (mode) => {
    const { w } = agentWorld(["a"]);
    chmodSync(w.path(agentPath(labelOf("a"))), mode);
    expect(w.json(agentsListed, "agents").value.agents[0]?.problems).toEqual(["others can write to it"]);
  });

  test.skipIf(!isRoot)("it belongs to another (needs root)", () => {
    const { w } = agentWorld(["a"]);
    chownSync(w.path(agentPath(labelOf("a"))), 12345, 12345);
    expect(w.json(agentsListed, "agents").value.agents[0]?.problems).toEqual(["belongs to another user (uid 12345)"]);
  });

  test("it can't be read", () => {
    const { w } = agentWorld(["a"], { ordinary: true });
    chmodSync(w.path(agentPath(labelOf("a"))), 0);
    const { value } = w.json(agentsListed, "agents");
    expect(value.agents[0]?.problems[0]).toMatch(/can't be read|is malformed/);
  });

  test("several things at once are all named", () => {
    const { w } = agentWorld([]);
    const more = `<key>WorkingDirectory</key><string>${missing}</string>`;
    w.put({ [agentPath(labelOf("a"))]: { file: agentPlist("other", more, [missing]), mode: 0o666 } });
    expect(w.json(agentsListed, "agents").value.agents[0]?.problems).toEqual([
      "its Label differs from its name: other",
      "others can write to it",
      `its program is missing: ${missing}`,
      `its WorkingDirectory is missing: ${missing}`,
    ]);
  });
});

describe("create and previews warn of references to nothing", () => {
  const script = "root/agents/mail/run.sh";
  const withScript = () => {
    const made = agentWorld([], { root: { ".mcp.json": "{}", "agents/mail/run.sh": "" } });
    made.w.put({ [agentPath(labelOf("mail"))]: agentPlist(labelOf("mail"), "", ["/bin/sh", made.w.path(script)]) });
    return made;
  };

  test("create", () => {
    const { w } = withScript();
    expect(must(w.run("create", "x")).stderr).not.toContain("missing");
    rmSync(w.path(script));
    const { exit, stderr } = w.run("create", "y");
    expect(exit).toBe(0);
    expect(stderr).toContain(labelOf("mail"));
    expect(stderr).toContain(`its script is missing: ${w.path(script)}`);
  });

  test("a preview, of what would be missing after the restore", () => {
    const { w } = withScript();
    const id = w.create();
    w.put({ [agentPath(labelOf("mail"))]: agentPlist(labelOf("mail")) });
    renameSync(w.path(script), w.path("root/elsewhere.sh"));
    const problem = `${labelOf("mail")}: after the restore its script is missing: ${w.path(script)}`;
    expect(w.json(restored, "restore", id).value.agents).toEqual([problem]);
    expect(w.run("restore", id).stdout).toContain(`⚠️  ${problem}\n`);
  });

  test("but not of what the restore itself brings", () => {
    const { w } = withScript();
    w.put({ "root/rollback.yaml": "version: 1\nconfigs: [agents/*/run.sh]\n" });
    const id = w.create();
    w.put({ [agentPath(labelOf("mail"))]: agentPlist(labelOf("mail")) });
    rmSync(w.path("root/agents"), { recursive: true });
    expect(w.json(restored, "restore", id).value.agents).toBeUndefined();
    expect(w.json(restored, "restore", id, "--only", "plist").value.agents).toHaveLength(1);
  });
});

describe("a preview names agents that would be disturbed", () => {
  test("those that run now", () => {
    const { w, launchd } = agentWorld(["a", "b", "c"]);
    launchd.load(labelOf("a"), { pid: 4711 });
    launchd.load(labelOf("b"));
    launchd.load(labelOf("c"), { pid: 4712 });
    const id = w.create();
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), "<!-- changed -->") });
    w.put({ [agentPath(labelOf("b"))]: agentPlist(labelOf("b"), "<!-- changed -->") });
    expect(w.json(restored, "restore", id).value.agents).toEqual([`${labelOf("a")} runs now (pid 4711)`]);
    expect(w.run("restore", id).stdout).toContain("runs now (pid 4711)");
  });

  test("those whose plist would be malformed", () => {
    const { w } = agentWorld([]);
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), "", ["/bin/sh", "-c", "a & b"]) });
    const ran = w.run("create", "x");
    const place = "line 4, column 88: & must be written &amp;";
    expect(ran.stderr).toContain(`${labelOf("a")}.plist is not a plist with a Label (${place}); it is stored`);
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a")) });
    expect(w.json(restored, "restore", "latest").value.agents).toEqual([
      `${labelOf("a")}: after the restore its plist is malformed: ${place}`,
    ]);
  });

  test("those that are due: every minute is within ten", () => {
    const { w } = agentWorld(["a", "b"]);
    const id = w.create();
    const minute = (seconds: number) => new Date(Date.now() + seconds * 1000).getUTCMinutes();
    const calendar = (at: number) =>
      `<key>StartCalendarInterval</key><dict><key>Minute</key><integer>${at}</integer></dict>`;
    // Five minutes ahead, and half an hour away from now in both directions.
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), calendar(minute(300))) });
    w.put({ [agentPath(labelOf("b"))]: agentPlist(labelOf("b"), calendar(minute(1800))) });
    expect(w.json(restored, "restore", id).value.agents).toEqual([`${labelOf("a")} is due within 10 minutes`]);
  });
});

describe("what launchd says is read whole", () => {
  const dump = (name: string) => readFileSync(join(import.meta.dir, "../fixtures/launchctl", `${name}.txt`), "utf8");
  /** Each dump, the agent's end in its domain's dump, and what is to be said of it. */
  const said: [name: string, end: string, status: "ok" | "warning" | "failed", problem: string | null][] = [
    ["exit78", "78", "warning", "it ended with 78 (EX_CONFIG)"],
    ["gui.u.atuin", "-", "ok", null],
    ["killed9_codesign", "-9", "failed", "it was killed by signal 9 (Killed, OS_REASON_CODESIGNING)"],
    ["old1014", "0", "ok", null],
    ["penalty", "1", "warning", "it ended with 1"],
    ["running_never", "(pe)", "failed", "it is loaded, but was never started: its start is pended and does not come"],
    ["segv", "-11", "failed", "it was killed by signal 11 (Segmentation fault)"],
    ["spawnfailed78", "78", "failed", "it could not be started: spawn failed (78 EX_CONFIG)"],
  ];

  const world = () => {
    const { w, launchd } = agentWorld(said.map(([name]) => name));
    for (const [name, status] of said) launchd.load(labelOf(name), { print: dump(name), status });
    return { w, launchd };
  };
  const expected = said.map(([, , status, problem]) => ({ status, problems: problem === null ? [] : [problem] }));
  const seen = (value: v.InferOutput<typeof agentsListed>) =>
    value.agents.map(({ status, problems }) => ({ status, problems }));

  test("agents: never ✅ for what died, was never started, or ended with a code", () => {
    const { w } = world();
    expect(seen(w.json(agentsListed, "agents").value)).toEqual(expected);
    const lines = w.run("agents").stdout.split("\n");
    for (const [name, , status] of said)
      expect(lines.find((line) => line.includes(`${labelOf(name)}:`))).toStartWith(
        { ok: "✅", warning: "⚠️ ", failed: "❌" }[status],
      );
  });

  test("also where a domain's dump has a form that is not known: by list, and one by one", () => {
    const { w, launchd } = world();
    launchd.withoutDump();
    // list says 0 of what has not ended yet, so only an agent that starts at load is asked for.
    w.put({
      [agentPath(labelOf("running_never"))]: agentPlist(labelOf("running_never"), "<key>RunAtLoad</key><true/>"),
    });
    expect(seen(w.json(agentsListed, "agents").value)).toEqual(expected);
  });

  test("with the end of the error log, without its secrets", () => {
    const { w, launchd } = agentWorld([]);
    const log = "<key>StandardErrorPath</key><string>LOG</string>".replace("LOG", w.path("home/a.log"));
    const token = `ghp_${"aB3dE6gH9k".repeat(4)}`.slice(0, 40);
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), log), "home/a.log": `token ${token}\nsegfault\n` });
    launchd.load(labelOf("a"), { signal: "Segmentation fault: 11" });
    const [problem = ""] = w.json(agentsListed, "agents").value.agents[0]?.problems ?? [];
    expect(problem).toStartWith("it was killed by signal 11 (Segmentation fault); its error log ends: ");
    expect(problem).toEndWith("segfault");
    expect(problem).not.toContain(token);
  });

  test("an agent of the user's domain is found beside those of the desktop's", () => {
    const { w, launchd } = agentWorld(["a", "b"]);
    launchd.load(labelOf("a"), { pid: 501 });
    launchd.load(labelOf("b"), { domain: "user", pid: 502 });
    expect(w.json(agentsListed, "agents").value.agents.map(({ pid }) => pid)).toEqual([501, 502]);
  });
});

test("a launchctl that takes two seconds for an answer loses no state", () => {
  const { w, launchd } = agentWorld(["a", "b", "c"]);
  for (const name of ["a", "b"]) launchd.load(labelOf(name), { lastExit: name === "a" ? 0 : 3 });
  launchd.slow(2);
  const states = manifestOf(w, w.create()).plist_files.map(({ launchd: state }) => state?.loaded);
  expect(states).toEqual([true, true, false]);
  expect(w.json(agentsListed, "agents").value.agents.map(({ last_exit }) => last_exit)).toEqual([0, 3, null]);
}, 60_000);

test("71 agents are asked for by one question a domain", () => {
  const names = Array.from({ length: 71 }, (_, index) => `agent-${index}`);
  const { w, launchd } = agentWorld(names);
  for (const name of names) launchd.load(labelOf(name));
  const { value } = w.json(agentsListed, "agents");
  expect(value.agents.filter(({ loaded, problems }) => loaded === true && problems.length === 0)).toHaveLength(71);
  expect(launchd.calls().sort()).toEqual(
    [`gui/${w.uid}`, `user/${w.uid}`].flatMap((domain) => [`print ${domain}`, `print-disabled ${domain}`]).sort(),
  );
});

test("a plist in quarantine is named, as `xattr` tells it: alone, and among others", () => {
  const xattr = `#!/bin/sh
shift 2
for file; do case $file in *bad*) [ $# -eq 1 ] && echo "0081;x;Safari" || echo "$file: 0081;x;Safari" ;; *) echo "xattr: $file: No such xattr" >&2 ;; esac; done
exit 1
`;
  const agents = (...names: string[]) => {
    const home = Object.fromEntries(
      names.map((name) => [`Library/LaunchAgents/com.petesbrain.${name}.plist`, plist(`com.petesbrain.${name}`)]),
    );
    const { value } = world({ home, root: { ".mcp.json": "{}" }, bin: { xattr: { file: xattr, mode: 0o755 } } }).json(
      agentsListed,
      "agents",
    );
    return value.agents.map(({ problems }) => problems.some((problem) => problem.includes("quarantine")));
  };
  expect(agents("bad")).toEqual([true]);
  expect(agents("good")).toEqual([false]);
  expect(agents("bad", "good", "worse")).toEqual([true, false, false]);
});
