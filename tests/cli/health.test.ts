// health: each finding with its level and exit code, the notification, and what it does not read.
import { describe, expect, test } from "bun:test";
import { appendFileSync, chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aged, DAY } from "../aged.ts";
import { sh } from "../archives.ts";
import { binary } from "../binary.ts";
import { health } from "../contract.ts";
import { needing } from "../crash/tracing.ts";
import { isRoot, lacks, must, placeLegacySnapshots, readTree, type World, world } from "../harness.ts";
import { agentPath, agentPlist, agentWorld, labelOf } from "../launchctl/stand-in.ts";
import { inTmpfs, tmpfsMissing } from "../tmpfs.ts";

/** Limits that no disk of a test machine fails. */
const CONFIG = "health: {min-free: 1KiB}\n";
const small = (config = CONFIG, options = {}) =>
  world({ root: { "shared/paths.py": "p\n", "rollback.yaml": config } }, options);
const CHECKS = [
  "age",
  "complete",
  "damage",
  "size",
  "free",
  "recover",
  "git",
  "permissions",
  "audit",
  "venvs",
  "loss",
  "coverage",
];

/** What is not well, as `check level`, and the exit code. */
function looks(w: World, ...words: string[]): { exit: number | null; bad: string[] } {
  const { exit, value } = w.json(health, "health", ...words);
  expect(value.findings.map(({ check }) => check)).toEqual(CHECKS);
  return {
    exit,
    bad: value.findings.filter(({ level }) => level !== "ok").map(({ check, level }) => `${check} ${level}`),
  };
}

/** Lets the audit trail's events have happened so long ago; the chain breaks by it, unless it has but one line. */
function ageAudit(w: World, agoMs: number): void {
  const path = join(w.store, "audit.jsonl");
  const time = new Date(Date.now() - agoMs).toISOString();
  writeFileSync(path, readFileSync(path, "utf8").replace(/"time":"[^"]*"/g, `"time":"${time}"`));
}

test("all is well: one line and 0; nothing in the snapshots folder changes", () => {
  const w = small();
  w.create();
  const before = readTree(w.store, { mtimes: true });
  const { exit, stdout, stderr } = w.run("health");
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toMatch(
    /^ROLLBACK OK - last snapshot \d+(s|min) old \| age=\d+s;;93600;0 snapshots=1 size=\d+B;1073741824;;0 free=\d+B;;1024:;0\n$/,
  );
  expect(looks(w)).toEqual({ exit: 0, bad: [] });
  expect(looks(w, "--deep")).toEqual({ exit: 0, bad: [] });
  expect(readTree(w.store, { mtimes: true })).toEqual(before);
});

describe("age", () => {
  test("no snapshot at all is critical, and makes no folder", () => {
    const w = small();
    expect(looks(w)).toEqual({ exit: 2, bad: ["age critical"] });
    expect(w.run("health").stdout).toStartWith("ROLLBACK CRITICAL - no snapshot was ever taken | ");
    expect(existsSync(w.store)).toBe(false);
  });

  test("an old one is critical, by the config's limit or the flag's", () => {
    const w = small();
    w.create();
    ageAudit(w, 27 * 3_600_000);
    expect(looks(w)).toEqual({ exit: 2, bad: ["age critical"] });
    expect(looks(w, "--max-age", "2d")).toEqual({ exit: 0, bad: [] });
    w.put({ "root/rollback.yaml": "health: {min-free: 1KiB, max-age: 1w}\n" });
    expect(looks(w)).toEqual({ exit: 0, bad: [] });
  });

  test("a create that found nothing changed counts as one that was taken", () => {
    const w = small();
    w.create();
    ageAudit(w, 3 * DAY);
    expect(looks(w).bad).toEqual(["age critical"]);
    expect(must(w.run("create", "daily", "auto-daily", "--if-changed", "--quiet")).exit).toBe(0);
    expect(looks(w)).toEqual({ exit: 0, bad: [] });
  });

  test("an auto-backup does not count", () => {
    const w = small();
    const id = w.create();
    ageAudit(w, 3 * DAY);
    w.put({ "root/shared/paths.py": "changed\n" });
    must(w.run("restore", id, "--force"));
    expect(looks(w).bad).toContain("age critical");
  });

  test.each(["0", "1 day", "26", "h"])("--max-age %s is a usage error", (age) => {
    const w = small();
    expect(w.json(health, "health", "--max-age", age)).toMatchObject({ exit: 3, value: { error: { code: "usage" } } });
  });
});

test("words are held against things: the snapshot of the last success is not there any more, so it is critical", () => {
  const w = small();
  aged(w, w.create(), DAY);
  const id = w.create("again");
  expect(looks(w)).toEqual({ exit: 0, bad: [] });
  rmSync(join(w.store, id), { recursive: true });
  expect(looks(w)).toEqual({ exit: 2, bad: ["age critical"] });
  expect(w.run("health").stdout).toContain(`${id}, is not in the snapshots folder any more`);
});

describe("what can't be looked at is unknown: one line on stdout, 3, and --json alike", () => {
  const unknown = (w: World, says: string, ...words: string[]) => {
    const { exit, stdout } = w.run("health", ...words);
    expect({ exit, lines: stdout.split("\n").length }).toEqual({ exit: 3, lines: 2 });
    expect(stdout).toStartWith("ROLLBACK UNKNOWN - ");
    expect(stdout).toContain(says);
    const { value } = w.json(health, "health", ...words);
    expect(value).toMatchObject({ level: "unknown", findings: [{ level: "unknown" }] });
    expect(value.error?.message).toContain(says);
    expect(w.run("health", "--quiet", ...words).stdout).toBe("UNKNOWN\n");
  };

  test("a snapshots folder that is a file, and one that can't be read", () => {
    const w = small(CONFIG, { ordinary: true });
    w.create();
    chmodSync(w.store, 0);
    unknown(w, "can't read the snapshots folder");
    chmodSync(w.store, 0o700);
    w.put({ "away/file": "", "away/folder/x": "" });
    unknown(w, "can't read the snapshots folder", "--snapshots", w.path("away/file"));
  });

  test("a disk that is not mounted", () => {
    const w = small(`${CONFIG}snapshots: ${"/nowhere/usb/snapshots"}\n`);
    unknown(w, "there is no folder /nowhere/usb");
  });

  test("a config that is broken or missing, and a root that is not there", () => {
    const w = small("version: [\n");
    unknown(w, "rollback.yaml:");
    unknown(w, "can't read the config", "--config", "missing.yaml");
    unknown(w, "the root", "--root", "/nowhere");
  });

  test.each(["--dep", "word", "--max-age", "--max-age 6m", "--lock-wait x"])("a usage error: %s", (words) =>
    unknown(small(), "", ...words.split(" ")),
  );

  test.skipIf(!isRoot)("root in somebody else's home", () => {
    const w = small(CONFIG, { ordinary: true });
    const ended = Bun.spawnSync([binary, "health"], { cwd: w.root, env: w.environment() });
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout.toString()).toMatch(/^ROLLBACK UNKNOWN - rollback runs as root.*\n$/);
  });

  test("doctor and venv check end with 3 as well; venv repair with 2", () => {
    const w = small();
    expect(w.run("doctor", "--bogus").exit).toBe(3);
    expect(w.run("venv", "check", "--bogus").exit).toBe(3);
    expect(w.run("venv", "check", "nowhere").exit).toBe(3);
    expect(w.run("venv", "repair", "--bogus").exit).toBe(2);
  });
});

test("a name with a | in it does not end the text before what was measured", () => {
  const w = small(`${CONFIG}venvs: ["a*"]\n`);
  w.put({ "root/a|b/pyvenv.cfg": "", "root/a|b/bin/python3": { link: "/gone" } });
  w.create();
  expect(w.run("health").stdout.split("|")).toHaveLength(2);
});

test.skipIf(lacks("script"))(
  "on a terminal: the verdict, each finding that is not OK, and the names of the others",
  () => {
    const w = small();
    const screen = () => {
      const child = Bun.spawnSync(["script", "-qec", `${binary} health`, "/dev/null"], {
        cwd: w.root,
        env: w.environment({ NO_COLOR: "1" }),
        stdin: "ignore",
      });
      return { exit: child.exitCode, lines: child.stdout.toString().replaceAll("\r", "").trimEnd().split("\n") };
    };
    const { exit, lines } = screen();
    expect(exit).toBe(2);
    expect(lines).toEqual([
      "ROLLBACK CRITICAL - no snapshot was ever taken",
      "",
      "❌ age      no snapshot was ever taken",
      "✅ 11 more  complete damage size free recover git permissions audit venvs loss",
      "            coverage",
      "",
      "Why the daily job did not run:  rollback schedule status",
    ]);
    w.create();
    expect(screen().lines[2]).toStartWith("✅ 12 checks  age complete");
  },
);

test("an incomplete one is a warning, beside the age of the last that was complete", () => {
  const w = small(CONFIG, { ordinary: true });
  w.create();
  w.put({ "root/.mcp.json": { file: "{}", mode: 0 } });
  expect(w.run("create", "part").exit).toBe(3);
  expect(looks(w)).toEqual({ exit: 1, bad: ["complete warning"] });
});

describe("damage", () => {
  test("that the names show is found by a fast look, changed bytes by a deep one", () => {
    const w = small();
    const id = w.create();
    writeFileSync(join(w.store, id, "config/paths.py"), "q\n");
    expect(looks(w)).toEqual({ exit: 0, bad: [] });
    expect(looks(w, "--deep")).toEqual({ exit: 2, bad: ["damage critical"] });
    rmSync(join(w.store, id, "config/paths.py"));
    expect(looks(w)).toEqual({ exit: 2, bad: ["damage critical"] });
    expect(w.run("health").stdout).toContain(id);
  });

  test("of an older manifest and of the newest is found", () => {
    const w = small();
    const id = w.create();
    const old = aged(w, id, DAY);
    writeFileSync(join(w.store, old, "manifest.json"), "{");
    expect(looks(w).bad).toEqual(["damage critical"]);
    rmSync(join(w.store, old), { recursive: true });
    writeFileSync(join(w.store, id, "manifest.json"), "");
    expect(looks(w).bad).toEqual(["damage critical"]);
  });
});

test("a snapshot of which only a broken archive is left is damage, and no end of the look", () => {
  const w = small();
  w.create();
  writeFileSync(join(w.store, "20250101_000000.zip"), "PK");
  expect(looks(w)).toEqual({ exit: 2, bad: ["damage critical"] });
});

describe("room", () => {
  test("more than the limit is a warning", () => {
    const w = small("health: {min-free: 1KiB, max-size: 1KiB}\n");
    w.put({ "root/shared/paths.py": "p".repeat(1025) });
    w.create();
    expect(looks(w)).toEqual({ exit: 1, bad: ["size warning"] });
  });

  test("archives lie in the snapshots folder too", () => {
    const w = small("health: {min-free: 1KiB, max-size: 8KiB}\n");
    w.put({ "root/shared/paths.py": crypto.getRandomValues(new Uint8Array(5000)) });
    must(w.run("create", "big", "--pack"));
    expect(looks(w).bad).toEqual(["size warning"]);
  });

  test("the original tool's snapshots, which tell no sizes, have one on the disk", () => {
    const w = small();
    w.create();
    placeLegacySnapshots(w.store);
    for (const folder of ["", ...readTreeFolders(w)]) chmodSync(join(w.store, folder), 0o700);
    expect(looks(w).bad).not.toContain("size unknown");
  });

  needing(tmpfsMissing(), "too little free where the snapshots are is critical, and enough is well", () => {
    const w = small("health: {min-free: 1MiB}\n");
    w.create();
    const script = 'cp -R "$1" "$2/store"; "$0" health --snapshots "$2/store"; echo $?';
    const env = { HOME: w.home, TZ: "UTC", ROLLBACK_ROOT: w.root };
    const on = (size: string) => inTmpfs(size, ["sh", "-c", script, binary, w.store], env).stdout;
    expect(on("512k")).toMatch(/^ROLLBACK CRITICAL - less than 1MiB free where the snapshots are \| .*\n2\n$/);
    expect(on("4m")).toMatch(/^ROLLBACK OK - last snapshot .*\n0\n$/);
  });
});

const readTreeFolders = (w: World) =>
  Object.entries(readTree(w.store)).flatMap(([path, { kind }]) => (kind === "folder" ? [path] : []));

describe("an unfinished restore", () => {
  test("is critical, also where its journal can't be read", () => {
    const w = small();
    w.create();
    const path = join(w.store, ".rollback/journal.ready");
    const journal = { snapshot: "20250101_000000", autoBackup: null, steps: [], folders: [], relaxed: [] };
    writeFileSync(path, JSON.stringify(journal), { mode: 0o600 });
    expect(looks(w)).toEqual({ exit: 2, bad: ["recover critical"] });
    expect(w.run("health").stdout).toContain("a restore of 20250101_000000 is unfinished (rollback recover)");
    writeFileSync(path, "{");
    expect(looks(w)).toEqual({ exit: 2, bad: ["recover critical"] });
  });
});

describe("git", () => {
  const GIT = "git -c user.name=a -c user.email=a@example.org";

  test.skipIf(lacks("git"))("plain snapshots that git tracks are critical, and stay so in its history", async () => {
    const w = small();
    await sh(w, "git init -q .");
    const id = w.create();
    expect(looks(w)).toEqual({ exit: 0, bad: [] });
    await sh(w, `git add -f infrastructure/rollback-snapshots/${id}`);
    expect(looks(w)).toEqual({ exit: 2, bad: ["git critical"] });
    await sh(w, `${GIT} commit -qm in && git rm -rq --cached infrastructure && ${GIT} commit -qm out`);
    expect(looks(w)).toEqual({ exit: 2, bad: ["git critical"] });
    expect(w.run("health").stdout).toContain("git's history holds plain snapshots");
  });
});

test("a snapshots folder that others can write to is critical", () => {
  const w = small();
  w.create();
  chmodSync(join(w.store, ".rollback"), 0o777);
  expect(looks(w)).toEqual({ exit: 2, bad: ["permissions critical"] });
});

test("a broken audit trail is a warning; a line torn by a crash is not", () => {
  const w = small();
  w.create();
  w.create("second");
  const path = join(w.store, "audit.jsonl");
  appendFileSync(path, '{"torn');
  expect(looks(w)).toEqual({ exit: 0, bad: [] });
  writeFileSync(path, readFileSync(path, "utf8").replace("before the edits", "something else"));
  expect(looks(w)).toEqual({ exit: 1, bad: ["audit warning"] });
});

test("a plist that is malformed is a warning, with its place, and is lost only where it was sound before", () => {
  const bad = agentPlist(labelOf("a"), "", ["/bin/sh", "-c", "a & b"]);
  const { w } = agentWorld(["b"], { root: { ".mcp.json": "{}", "rollback.yaml": CONFIG } });
  w.put({ [agentPath(labelOf("a"))]: bad, "bin/launchctl": { file: "#!/bin/sh\nexit 1\n", mode: 0o755 } });
  w.create();
  const told = () => {
    const { exit, value } = w.json(health, "health");
    const bad = value.findings.filter(({ level, check }) => level !== "ok" && ["plists", "loss"].includes(check));
    return { exit, bad: bad.map(({ message }) => message.replace(/ \(rollback.*/, "")) };
  };
  const words = "com.petesbrain.a.plist is malformed: line 4, column 88: & must be written &amp;";
  expect(told()).toEqual({ exit: 1, bad: [words] });
  w.put({ [agentPath(labelOf("b"))]: bad });
  expect(told()).toEqual({ exit: 2, bad: [words, "1 of 2 plists lost: com.petesbrain.b.plist (unparsable)"] });
});

test("a venv whose python is gone is a warning, and is named", () => {
  const w = small();
  w.put({
    "root/venv-google/pyvenv.cfg": "version = 3.12.1\n",
    "root/venv-google/bin/python3": { link: "/gone/python" },
  });
  w.create();
  expect(looks(w)).toEqual({ exit: 1, bad: ["venvs warning"] });
  expect(w.run("health").stdout).toStartWith("ROLLBACK WARNING - broken venvs: venv-google (rollback venv repair) | ");
});

describe("--notify", () => {
  /** Stands in for macOS's: writes each argument, and a line behind all of them. */
  const OSASCRIPT = '#!/bin/sh\nfor word in "$@"; do printf "<%s>\\n" "$word"; done >> "$HOME/notified"\nexit 0\n';
  const withOsascript = (script = OSASCRIPT) =>
    world({
      root: { "shared/paths.py": "p\n", "rollback.yaml": CONFIG },
      bin: { osascript: { file: script, mode: 0o755 } },
    });
  const notified = (w: World) =>
    existsSync(w.path("home/notified")) ? readFileSync(w.path("home/notified"), "utf8").trimEnd().split("\n") : [];
  const FIXED = [
    "<-e>",
    "<on run argv>",
    "<-e>",
    "<display notification (item 2 of argv) with title (item 1 of argv)>",
    "<-e>",
    "<end run>",
  ];

  test("shows nothing when all is well, and without the flag nothing ever", () => {
    const w = withOsascript();
    w.run("health");
    w.create();
    expect(w.run("health", "--notify").exit).toBe(0);
    expect(notified(w)).toEqual([]);
  });

  test("passes the texts as arguments of a script that is always the same; the exit code is that of the findings", () => {
    const w = withOsascript();
    expect(w.run("health", "--notify").exit).toBe(2);
    expect(notified(w)).toEqual([...FIXED, "<rollback: critical>", "<no snapshot was ever taken>"]);
  });

  test("a name with quotes and AppleScript in it stays text", () => {
    const w = withOsascript();
    const name = `x" & (do shell script "touch $HOME/pwned") & "`;
    w.put({
      "root/rollback.yaml": `${CONFIG}venvs: ["agents/*/.venv"]\n`,
      [`root/agents/${name.replaceAll("/", ":")}/.venv/bin/python3`]: { link: "/gone/python" },
      [`root/agents/${name.replaceAll("/", ":")}/.venv/pyvenv.cfg`]: "",
    });
    must(w.run("create", `a "description" & (do shell script "touch pwned")`));
    expect(w.run("health", "--notify").exit).toBe(1);
    const words = notified(w);
    expect(words.slice(0, 7)).toEqual([...FIXED, "<rollback: warning>"]);
    expect(words.slice(7)).toEqual([`<broken venvs: agent/${name.replaceAll("/", ":")} (rollback venv repair)>`]);
  });

  test("one that fails, and none at all, are warnings; the code stays", () => {
    for (const w of [withOsascript("#!/bin/sh\nexit 1\n"), small()]) {
      const ran = w.run("health", "--notify");
      expect(ran.exit).toBe(2);
      expect(ran.stdout).toStartWith("ROLLBACK CRITICAL - no snapshot was ever taken | ");
      expect(ran.stderr).toContain("no notification was shown");
    }
  });
});

describe("launchd", () => {
  const JOB = "com.rollback.snapshot.root";
  const bad = (w: World) => {
    const { value } = w.json(health, "health");
    expect(value.findings.map(({ check }) => check)).toEqual([...CHECKS, "schedule", "agents"]);
    return value.findings.filter(({ level }) => level !== "ok").map(({ message }) => message);
  };
  const prepared = () => {
    const { w, launchd } = agentWorld(["a", "b"], { root: { ".mcp.json": "{}", "rollback.yaml": CONFIG } });
    launchd.load(labelOf("a"));
    w.create();
    return { w, launchd };
  };

  test("what was loaded is loaded, what was not is not asked for, and there is no daily job: all is well", () => {
    expect(bad(prepared().w)).toEqual([]);
  });

  test("an agent that was loaded when it was captured, and is not now", () => {
    const { w, launchd } = prepared();
    launchd.unload(labelOf("a"));
    expect(bad(w)).toEqual(["not loaded: com.petesbrain.a (rollback reload)"]);
  });

  test("an agent that died: a warning, with the reason and the end of its log; more than max-loss of them: critical", () => {
    const { w, launchd } = prepared();
    launchd.unload(labelOf("a"));
    const log = `<key>StandardErrorPath</key><string>${w.home}/a.log</string>`;
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), log), "home/a.log": "No module named 'google'\n" });
    launchd.load(labelOf("a"), { signal: "Segmentation fault: 11" });
    launchd.load(labelOf("b"), { pid: 4 });
    const death =
      "com.petesbrain.a was killed by signal 11 (Segmentation fault); its error log ends: No module named 'google'";
    expect(bad(w)).toEqual([`1 of 2 agents crashed: ${death} (rollback agents)`]);
    expect(w.run("health").exit).toBe(1);
    launchd.unload(labelOf("b"));
    launchd.load(labelOf("b"), { lastExit: 78 });
    expect(bad(w)[0]).toStartWith("2 of 2 agents crashed: ");
    expect(w.run("health").exit).toBe(2);
  });

  test("the daily job: not loaded, ended badly, running, well", () => {
    const { w, launchd } = prepared();
    w.put({ [agentPath(JOB)]: agentPlist(JOB, "", ["/opt/rollback", "schedule", "run", "--root", w.root]) });
    expect(bad(w)).toEqual([`the daily job ${JOB} is not loaded (rollback schedule install)`]);
    launchd.load(JOB, { lastExit: 3 });
    expect(bad(w)).toEqual([`the daily job ${JOB} ended with 3`]);
    launchd.unload(JOB);
    launchd.load(JOB, { lastExit: 3, pid: 77 });
    expect(bad(w)).toEqual([]);
    launchd.unload(JOB);
    launchd.load(JOB, { lastExit: 0 });
    expect(bad(w)).toEqual([]);
    const words = ["/opt/rollback", "create", "x", "auto-change", "--root", w.root];
    w.put({ [agentPath(`${JOB}.watch`)]: agentPlist(`${JOB}.watch`, "", words) });
    const missing = `the job that watches, ${JOB}.watch is not loaded (rollback schedule install --watch)`;
    expect(bad(w)).toEqual([missing]);
  });

  test("a launchd that hangs is not a finding", () => {
    const { w, launchd } = prepared();
    launchd.hang();
    const { exit, value } = w.json(health, "health");
    expect({ exit, checks: value.findings.map(({ check }) => check) }).toEqual({ exit: 0, checks: CHECKS });
  }, 30_000);
});

test("a project in iCloud Drive is warned of, also where that has Documents: by its link, or by its mark", () => {
  const cloud = (part: string, more: Parameters<typeof world>[0] = {}) => {
    const w = world({ home: { [`${part}/p/shared/paths.py`]: "p", ...more.home }, bin: more.bin ?? {} });
    const ran = w.runWith({ env: { ROLLBACK_ROOT: w.path(`home/${part}/p`) } }, "health", "--json");
    const findings: { check: string; message: string }[] = JSON.parse(ran.stdout).findings;
    return findings.find(({ check }) => check === "cloud")?.message;
  };
  expect(cloud("Library/Mobile Documents/com~apple~CloudDocs")).toContain("the project lies in iCloud Drive (");
  expect(cloud("Library/CloudStorage/Dropbox")).toContain("a cloud's folder");
  expect(cloud("Documents")).toBeUndefined();
  const drive = "Library/Mobile Documents/com~apple~CloudDocs";
  const linked = { [`${drive}/Documents`]: { link: "/elsewhere" } };
  expect(cloud("Documents", { home: linked })).toContain("which has ~/Documents");
  const xattr = { file: "#!/bin/sh\necho com.apple.icloud.desktop\n", mode: 0o755 };
  expect(cloud("Desktop", { bin: { xattr } })).toContain("which has ~/Desktop");
});
