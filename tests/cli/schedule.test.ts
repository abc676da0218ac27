// The daily job: what install writes and loads, what the job does under launchd, and what status says of it.
import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { judgePlist } from "../../src/launchd/judge.ts";
import { binary } from "../binary.ts";
import { failed, listed, scheduled } from "../contract.ts";
import { modeOf, plist, type Ran, type RunOptions, type World, world } from "../harness.ts";
import { agentPath, agentPlist, agentWorld, type Launchd, labelOf } from "../launchctl/stand-in.ts";

/** A place that stays, as far as rollback can tell: the worlds lie where the system keeps what is temporary. */
const stays = mkdtempSync("/var/tmp/rollback-test-");
afterAll(() => rmSync(stays, { recursive: true, force: true }));
const stable = join(stays, "rollback");
try {
  linkSync(binary, stable);
} catch {
  copyFileSync(binary, stable);
}

const LABEL = "com.rollback.snapshot.root";
const jobAt = (w: World) => join(w.home, "Library/LaunchAgents", `${LABEL}.plist`);

function run(w: World, words: string[], { env, cwd = w.root }: RunOptions = {}): Ran {
  const ended = Bun.spawnSync([stable, ...words], {
    ...{ cwd, env: w.environment(env), stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  });
  return { exit: ended.exitCode, stdout: ended.stdout.toString(), stderr: ended.stderr.toString() };
}

function schedule(w: World, ...words: string[]) {
  const { exit, stdout, stderr } = run(w, ["schedule", ...words, "--json"]);
  const value = v.parse(scheduled, JSON.parse(stdout));
  expect(value.ok).toBe(exit === 0);
  return { exit, value, stderr };
}

const Job = v.strictObject({
  Label: v.string(),
  ProgramArguments: v.array(v.string()),
  StartCalendarInterval: v.strictObject({ Hour: v.number(), Minute: v.number() }),
  StandardOutPath: v.string(),
  StandardErrorPath: v.string(),
});
const jobOf = (w: World) => {
  const judged = judgePlist(readFileSync(jobAt(w)));
  return v.parse(Job, judged.ok ? judged.value : judged);
};

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };

describe("install", () => {
  test("shows what it would do, and does nothing", () => {
    const { w, launchd } = agentWorld([], parts);
    const { exit, stdout } = run(w, ["schedule", "install", "--at", "7:05"]);
    expect(exit).toBe(0);
    expect(stdout).toStartWith(`DRY RUN: would write and load ${LABEL} (${jobAt(w)})\n`);
    expect(stdout).toContain("<key>StartCalendarInterval</key>");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("   rollback schedule install --at 7:05 --force");
    expect(schedule(w, "install").value).toMatchObject({ dry_run: true, installed: false, label: LABEL });
    expect(existsSync(jobAt(w))).toBe(false);
    expect(launchd.calls().filter((call) => /^(boot|kick|enable)/.test(call))).toEqual([]);
  });

  test("with --force writes the job, loads it, runs it once under launchd, and tells what came of it", async () => {
    const { w, launchd } = agentWorld([], parts);
    const { exit, value } = schedule(w, "install", "--at", "07:05", "--force");
    expect(value).toMatchObject({ dry_run: false, installed: true, loaded: true, last_exit: 0, crontab: null });
    expect(exit).toBe(0);
    expect(await jobOf(w)).toEqual({
      Label: LABEL,
      ProgramArguments: [stable, "schedule", "run", "--root", w.root],
      StartCalendarInterval: { Hour: 7, Minute: 5 },
      StandardOutPath: join(w.home, "Library/Logs/rollback.log"),
      StandardErrorPath: join(w.home, "Library/Logs/rollback.log"),
    });
    expect(modeOf(jobAt(w))).toBe("0644");
    expect(launchd.isLoaded(LABEL)).toBe(true);
    expect(launchd.calls(LABEL).filter((call) => /^(boot|kick)/.test(call))).toEqual(["bootstrap", "kickstart"]);
    expect(w.json(listed, "list").value.snapshots).toMatchObject([{ category: "auto-daily", complete: true }]);
    expect(new Date(value.next ?? "").toISOString()).toEndWith("T07:05:00.000Z");
  });

  test("again replaces the job that is there", async () => {
    const { w, launchd } = agentWorld([], parts);
    schedule(w, "install", "--force");
    launchd.forgetCalls();
    expect(schedule(w, "install", "--at", "23:59", "--force").exit).toBe(0);
    expect((await jobOf(w)).StartCalendarInterval).toEqual({ Hour: 23, Minute: 59 });
    expect(launchd.calls(LABEL).filter((call) => call !== "print")[0]).toBe("bootout");
    expect(launchd.isLoaded(LABEL)).toBe(true);
    // Nothing has changed since the first run.
    expect(w.json(listed, "list").value.total).toBe(1);
  });

  test("again as it is leaves the job alone: one that is loaded anew costs a notification", () => {
    const { w, launchd } = agentWorld([], parts);
    w.put({
      "bin/osascript": { file: '#!/bin/sh\nfor word; do :; done; echo "$word" >> "$HOME/notified"\n', mode: 0o755 },
    });
    schedule(w, "install", "--force");
    const before = lstatSync(jobAt(w)).ino;
    launchd.forgetCalls();
    const { exit, stdout } = run(w, ["schedule", "install", "--force"]);
    expect(exit).toBe(0);
    expect(stdout).toStartWith(`✅ Installed already, and left as it is: ${LABEL}`);
    expect(launchd.calls(LABEL).filter((call) => call !== "print")).toEqual([]);
    expect(lstatSync(jobAt(w)).ino).toBe(before);
    expect(stdout).toContain("   Last run: ended with 0\n");
    // One that did not go well may be mended by now.
    launchd.load(LABEL, { lastExit: 1 });
    expect(run(w, ["schedule", "install", "--force"]).stdout).toContain("   First run: it ended with 0\n");
    expect(launchd.calls(LABEL).filter((call) => call !== "print")).toEqual(["kickstart"]);
    // One notification of our own, so that macOS asks whether it may show them while somebody looks.
    expect(readFileSync(join(w.home, "notified"), "utf8")).toBe("The daily job tells you so when something is wrong\n");
  });

  test.each<[string, (w: World, launchd: Launchd) => void]>([
    ["not loaded", (_, launchd) => launchd.unload(LABEL)],
    ["disabled", (_, launchd) => launchd.disable(LABEL)],
    ["open to others", (w) => chmodSync(jobAt(w), 0o666)],
    ["edited", (w) => writeFileSync(jobAt(w), readFileSync(jobAt(w), "utf8").replace("<dict>", "<dict><!-- -->"))],
  ])("again where it is %s writes and loads it", (_, change) => {
    const { w, launchd } = agentWorld([], parts);
    schedule(w, "install", "--force");
    change(w, launchd);
    launchd.forgetCalls();
    expect(schedule(w, "install", "--force").exit).toBe(0);
    expect(launchd.calls(LABEL)).toContain("kickstart");
    expect(launchd.calls().some((call) => call.startsWith("bootstrap"))).toBe(true);
    expect([modeOf(jobAt(w)), launchd.isLoaded(LABEL), launchd.isDisabled(LABEL)]).toEqual(["0644", true, false]);
  });

  test("each project has a job of its own: the first one's stays", () => {
    const { w, launchd } = agentWorld([], parts);
    w.put({ "home/second one/.mcp.json": "{}", "home/x/second one/.mcp.json": "{}" });
    const at = (root: string) => ["--root", w.path(root)];
    const labels = [[], at("home/second one"), at("home/x/second one")].map((words) => {
      const { label } = schedule(w, "install", "--force", ...words).value;
      expect(schedule(w, "status", ...words).value).toMatchObject({ label, installed: true, loaded: true });
      return label;
    });
    const second = "com.rollback.snapshot.second-one";
    expect(labels).toEqual([LABEL, second, expect.stringMatching(new RegExp(`^${second}-[0-9a-f]{6}$`))]);
    expect(labels.map((label) => launchd.isLoaded(label))).toEqual([true, true, true]);
    expect(schedule(w, "install", "--force").value.label).toBe(LABEL);
    launchd.slowness(0, 0);
    schedule(w, "remove", "--force");
    expect(schedule(w, "status", ...at("home/second one")).value).toMatchObject({ label: second, installed: true });
  });

  test("takes the time and the label from the config", async () => {
    const { w, launchd } = agentWorld([], parts);
    w.put({ "root/rollback.yaml": "version: 1\nschedule: {at: '06:30', label: com.example.nightly}\n" });
    expect(schedule(w, "install", "--force").value).toMatchObject({ label: "com.example.nightly", installed: true });
    expect(launchd.isLoaded("com.example.nightly")).toBe(true);
    expect(existsSync(jobAt(w))).toBe(false);
  });

  test("hands its --config and --snapshots on to the job, from wherever it runs", async () => {
    const { w } = agentWorld([], parts);
    w.put({ "away/my config.yaml": "version: 1\n" });
    const places = ["--root", "root", "--config", "away/my config.yaml", "--snapshots", "away/store"];
    const { exit } = run(w, ["schedule", "install", "--force", ...places], { cwd: w.base });
    expect(exit).toBe(0);
    expect((await jobOf(w)).ProgramArguments.filter((word) => word.startsWith("/"))).toHaveLength(4);
    expect(existsSync(join(w.away, "store"))).toBe(true);
  });

  test.each(["8", "24:00", "12:60", "noon", "", "08:00:00", "-1:00"])("at %j is a usage error", (at) => {
    const { w } = agentWorld([], parts);
    expect(run(w, ["schedule", "install", `--at=${at}`, "--force"]).exit).toBe(2);
    expect(existsSync(jobAt(w))).toBe(false);
  });

  test("from where nothing stays is refused with the reason: exit 7", () => {
    const { w, launchd } = agentWorld([], parts);
    for (const folder of ["home/Downloads", "home/Desktop", "away"]) {
      const moved = w.path(`${folder}/rollback`);
      mkdirSync(join(moved, ".."), { recursive: true });
      linkSync(binary, moved);
      const ended = Bun.spawnSync([moved, "schedule", "install", "--force"], { env: w.environment(), cwd: w.root });
      expect(ended.exitCode).toBe(7);
      expect(ended.stderr.toString()).toContain("nothing stays");
    }
    expect(existsSync(jobAt(w))).toBe(false);
    expect(launchd.isLoaded(LABEL)).toBe(false);
  });

  test("whose first run fails says so: exit 3", () => {
    const { w, launchd } = agentWorld([], parts);
    launchd.dies(LABEL, { code: 78 });
    const { exit, value } = schedule(w, "install", "--force");
    expect(exit).toBe(3);
    expect(value).toMatchObject({ installed: true, loaded: true, last_exit: 78 });
    expect(run(w, ["schedule", "install", "--force"]).stdout).toContain("it ended with 78");
  });

  test("of a job that was disabled enables it: it was asked for", () => {
    const { w, launchd } = agentWorld([], parts);
    launchd.disable(LABEL);
    expect(schedule(w, "install", "--force").exit).toBe(0);
    expect(launchd.isDisabled(LABEL)).toBe(false);
  });

  test("without a launchd session writes no job that nobody runs, or says that it is not loaded", () => {
    const { w, launchd } = agentWorld([], parts);
    launchd.without("gui", 125);
    launchd.without("user", 125);
    const { exit, stderr } = run(w, ["schedule", "install", "--force"]);
    expect(exit).toBe(1);
    expect(stderr).toContain("launchd did not load it");
  });
});

describe("the job", () => {
  test("takes a snapshot if anything changed, prunes, and looks at the health: one line each in its log", () => {
    const { w } = agentWorld([], parts);
    schedule(w, "install", "--force");
    const log = readFileSync(join(w.home, "Library/Logs/rollback.log"), "utf8");
    for (const step of ["create", "prune", "health"]) expect(log).toContain(step);
  });

  test("finds unchanged what has not changed, and a new snapshot where it has", () => {
    const { w } = agentWorld([], parts);
    const job = ["schedule", "run"];
    for (const total of [1, 1]) {
      run(w, job);
      expect(w.json(listed, "list").value.total).toBe(total);
    }
    w.put({ "root/shared/paths.py": "changed" });
    run(w, job);
    expect(w.json(listed, "list").value.total).toBe(2);
  });

  test("that can't take its snapshot still looks at the health, and ends with the snapshot's code", () => {
    const w = world();
    const { exit, stdout } = run(w, ["schedule", "run"]);
    expect(exit).toBe(1);
    expect(stdout).toContain("health");
  });

  test("runs with nothing of a shell's environment, in the folder /", () => {
    const w = world(parts);
    const argv = [
      "/usr/bin/env",
      "-i",
      `HOME=${w.home}`,
      "PATH=/usr/bin:/bin",
      stable,
      "schedule",
      "run",
      "--root",
      w.root,
    ];
    const ended = Bun.spawnSync(argv, { cwd: "/", stdin: "ignore" });
    expect(ended.exitCode).toBe(0);
    expect(w.json(listed, "list").value.total).toBe(1);
  });
});

describe("status", () => {
  test("before and after install, and after remove", () => {
    const { w, launchd } = agentWorld([], parts);
    expect(schedule(w, "status").value).toMatchObject({
      installed: false,
      loaded: false,
      last_create: null,
      next: null,
    });
    expect(run(w, ["schedule", "status"]).stdout).toStartWith(`⚠️  Not installed: ${LABEL}`);
    schedule(w, "install", "--at", "08:00", "--force");
    const { exit, value } = schedule(w, "status");
    expect(exit).toBe(0);
    expect(value).toMatchObject({ installed: true, loaded: true, last_exit: 0, dry_run: false });
    expect(value.last_create).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(new Date(value.next ?? "").getTime()).toBeGreaterThan(new Date(value.last_create ?? "").getTime());
    expect(run(w, ["schedule", "status"]).stdout).toContain("Last run: ended with 0");
    launchd.slowness(0, 0);
    schedule(w, "remove", "--force");
    expect(schedule(w, "status").value).toMatchObject({ installed: false, loaded: false });
  });

  test("of a job that is there and not loaded", () => {
    const { w, launchd } = agentWorld([], parts);
    schedule(w, "install", "--force");
    launchd.unload(LABEL);
    expect(run(w, ["schedule", "status"]).stdout).toContain("not loaded");
  });
});

describe("remove", () => {
  test("shows what it would do; with --force unloads the job and removes its plist, and no snapshot", () => {
    const { w, launchd } = agentWorld([], parts);
    schedule(w, "install", "--force");
    expect(run(w, ["schedule", "remove"]).stdout).toStartWith(`DRY RUN: would unload and remove ${LABEL}`);
    expect(schedule(w, "remove").value).toMatchObject({ dry_run: true, installed: true });
    expect(launchd.isLoaded(LABEL)).toBe(true);
    launchd.slowness(0, 0);
    expect(schedule(w, "remove", "--force").value).toMatchObject({ dry_run: false, installed: false });
    expect([launchd.isLoaded(LABEL), existsSync(jobAt(w))]).toEqual([false, false]);
    expect(w.json(listed, "list").value.total).toBe(1);
  });

  test("waits until the job is gone", () => {
    const { w, launchd } = agentWorld([], parts);
    schedule(w, "install", "--force");
    launchd.slowness(3, 0);
    schedule(w, "remove", "--force");
    expect(launchd.isLoaded(LABEL)).toBe(false);
  });

  test("of what is not there is done already", () => {
    const { w } = agentWorld([], parts);
    expect(schedule(w, "remove", "--force")).toMatchObject({ exit: 0, value: { installed: false } });
  });
});

describe("--watch", () => {
  const WATCH = `${LABEL}.watch`;
  const agents = agentPath(WATCH);
  const Watching = v.strictObject({
    Label: v.literal(WATCH),
    ProgramArguments: v.array(v.string()),
    ThrottleInterval: v.literal(300),
    WatchPaths: v.array(v.string()),
    StandardOutPath: v.string(),
    StandardErrorPath: v.string(),
  });
  const watchingOf = (w: World) => {
    const judged = judgePlist(readFileSync(w.path(agents)));
    return v.parse(Watching, judged.ok ? judged.value : judged);
  };
  const watched = () => {
    const { w, launchd } = agentWorld(["a"], { root: parts.root, home: { ".config/x/token.json": "{}" } });
    w.put({ "root/conf/one.ini": "1", "root/conf/app-token.json": "{}", "root/open/one.ini": "1" });
    const configs =
      "[.mcp.json, shared/paths.py, 'conf/*', 'open/*.ini', '*.toml', '~/*.conf', 'infra/*/x', '~/.config/x/*']";
    const rules = `plists: ["~/Library/LaunchAgents/*petes*"]\nconfigs: ${configs}\n`;
    w.put({
      "root/infra/rollback/x": "1",
      "root/rollback.yaml": `version: 1\nsnapshots: infra/snapshots\n${rules}credentials: {files: ["conf/*token*", "~/.config/*/*token*"]}\n`,
    });
    return { w, launchd };
  };

  test("shows both jobs and does nothing; then writes and loads a job that starts when a file changes", () => {
    const { w, launchd } = watched();
    const preview = run(w, ["schedule", "install", "--watch"]);
    expect([preview.exit, existsSync(w.path(agents)), launchd.isLoaded(WATCH)]).toEqual([0, false, false]);
    expect(preview.stdout).toContain(`DRY RUN: would write and load ${WATCH} (`);
    expect(preview.stdout).toContain("<key>WatchPaths</key>");
    expect(preview.stdout).toEndWith("   rollback schedule install --watch --force\n");
    const { exit, value } = schedule(w, "install", "--watch", "--force");
    const job = watchingOf(w);
    expect([exit, modeOf(w.path(agents)), launchd.isLoaded(WATCH), launchd.isLoaded(LABEL)]).toEqual([
      0,
      "0644",
      true,
      true,
    ]);
    expect(job.ProgramArguments).toEqual([
      ...[stable, "create", "Auto-snapshot after a change", "auto-change", "--if-changed", "--lock-wait", "300"],
      ...["--root", w.root],
    ]);
    // Neither the credentials and the folders that hold one, nor home, root and what else holds the snapshots.
    const below = ["Library/LaunchAgents", `Library/LaunchAgents/${labelOf("a")}.plist`].map((name) =>
      join(w.home, name),
    );
    const inRoot = [".mcp.json", "conf/one.ini", "infra/rollback/x", "open", "open/one.ini", "shared/paths.py"];
    expect(job.WatchPaths).toEqual([...below, ...inRoot.map((name) => join(w.root, name))]);
    expect(value.watch).toMatchObject({
      label: WATCH,
      installed: true,
      loaded: true,
      paths: job.WatchPaths,
      current: true,
    });
    // What launchd would start.
    w.put({ "root/open/two.ini": "2" });
    expect(run(w, job.ProgramArguments.slice(1)).exit).toBe(0);
    expect(w.json(listed, "list").value.snapshots[0]).toMatchObject({ category: "auto-change", complete: true });
  });

  test("again as it is leaves both alone; status says when it watches other files than are captured; remove removes both", () => {
    const { w, launchd } = watched();
    const noted = readFileSync(w.path("root/rollback.yaml"), "utf8");
    expect(run(w, ["schedule", "install", "--watch", "--force"])).toMatchObject({ exit: 0, stderr: "" });
    w.put({ "root/rollback.yaml": `${noted}retention: {auto-daily: {keep-last: 3}}\n` });
    expect(run(w, ["schedule", "install", "--watch"]).stderr).toContain("has no rule for auto-change");
    const before = lstatSync(w.path(agents)).ino;
    launchd.forgetCalls();
    const again = run(w, ["schedule", "install", "--watch", "--force"]);
    expect(again.stdout).toContain(`✅ Installed already, and left as it is: ${WATCH}`);
    expect(schedule(w, "install", "--force").value.watch).toBe(null);
    expect([lstatSync(w.path(agents)).ino, launchd.calls().filter((call) => /^(boot|kick|enable)/.test(call))]).toEqual(
      [before, []],
    );
    expect(schedule(w, "status").value.watch).toMatchObject({ installed: true, loaded: true, current: true });
    expect(run(w, ["schedule", "status"]).stdout).toContain(`✅ ${WATCH} (`);
    w.put({ "root/open/two.ini": "2" });
    expect(schedule(w, "status").value.watch).toMatchObject({ current: false });
    expect(run(w, ["schedule", "status"]).stdout).toContain("watches other files than it should by now");
    launchd.load(WATCH, { lastExit: 6 });
    expect(run(w, ["schedule", "status"]).stdout).toContain("Last run: ended with 6");
    launchd.slowness(0, 0);
    expect(run(w, ["schedule", "remove"]).stdout).toContain(`DRY RUN: would unload and remove ${WATCH}`);
    expect(schedule(w, "remove", "--force").value).toMatchObject({ installed: false, watch: { installed: false } });
    expect([existsSync(w.path(agents)), existsSync(jobAt(w)), launchd.isLoaded(WATCH)]).toEqual([false, false, false]);
    expect(schedule(w, "status").value.watch).toBe(null);
  });

  test("leaves somebody else's plist under its label alone; goes with install alone; cron can't do it", () => {
    const { w } = watched();
    w.put({ [agents]: plist(WATCH) });
    const refused = run(w, ["schedule", "install", "--watch", "--force"]);
    expect([refused.exit, refused.stderr]).toEqual([1, expect.stringContaining("is not this project's job")]);
    expect(existsSync(jobAt(w))).toBe(false);
    schedule(w, "install", "--force");
    schedule(w, "remove", "--force");
    expect(readFileSync(w.path(agents), "utf8")).toBe(plist(WATCH));
    expect(run(w, ["schedule", "status", "--watch"]).exit).toBe(2);
    const cron = run(world({ ...parts, bin: {} }), ["schedule", "install", "--watch"]);
    expect([cron.exit, cron.stdout]).toEqual([3, expect.stringContaining("--watch needs launchd")]);
  });
});

describe("without launchctl", () => {
  const crontabOf = (lines: string) => ({
    "bin/crontab": { file: `#!/bin/sh\n[ "$*" = -l ] || exit 9\ncat <<'END'\n${lines}\nEND\n`, mode: 0o755 },
  });

  test("the crontab is the user's to edit: install and remove print the line, and end with 3", () => {
    const w = world({ ...parts, bin: {} });
    const line = `5 7 * * * ${stable} schedule run --root ${w.root} >> ${w.home}/rollback.log 2>&1`;
    for (const action of ["install", "remove", "status"]) {
      const { exit, value } = schedule(w, action, "--at", "07:05");
      expect([action, exit, value.crontab, value.installed]).toEqual([
        action,
        action === "status" ? 0 : 3,
        line,
        false,
      ]);
    }
    const { exit, stdout } = run(w, ["schedule", "install", "--at", "07:05", "--force"]);
    expect([exit, stdout.includes("crontab is yours to edit"), stdout.includes(line)]).toEqual([3, true, true]);
  });

  test("status reads the crontab: a line of this root counts, whenever it runs; another root's and a comment do not", () => {
    const w = world({ ...parts, bin: {} });
    const at = (root: string) => `30 9 * * 1 /opt/rollback schedule run --root ${root} >> /tmp/log 2>&1`;
    for (const [lines, installed] of [
      [at(w.root), true],
      [`# ${at(w.root)}`, false],
      [at(`${w.root}-two`), false],
      [at(w.home), false],
    ] as const) {
      w.put(crontabOf(lines));
      expect([lines, schedule(w, "status").value.installed]).toEqual([lines, installed]);
    }
    w.put(crontabOf(at(w.root)));
    expect(run(w, ["schedule", "status"]).stdout).toStartWith("✅ In your crontab");
  });
});

test("the job that rollback runs in is not booted out: exit 7, and it stays", () => {
  const { w, launchd } = agentWorld([], parts);
  schedule(w, "install", "--force");
  const env = { XPC_SERVICE_NAME: LABEL };
  for (const words of [["remove"], ["install", "--at", "23:00"]])
    expect(run(w, ["schedule", ...words, "--force"], { env }).exit).toBe(7);
  expect([launchd.isLoaded(LABEL), existsSync(jobAt(w))]).toEqual([true, true]);
  expect(run(w, ["schedule", "install", "--force"], { env }).exit).toBe(0);
});

test("a job that 0.1 made under its one label is ours, and stays where it is", () => {
  const { w, launchd } = agentWorld([], parts);
  const old = "com.rollback.snapshot";
  w.put({ [agentPath(old)]: agentPlist(old, "", ["/opt/rollback", "schedule", "run", `--root=${w.root}`]) });
  expect(schedule(w, "status").value).toMatchObject({ label: old, installed: true });
  expect(schedule(w, "install", "--force").value).toMatchObject({ label: old, installed: true, loaded: true });
  expect([launchd.isLoaded(old), existsSync(jobAt(w))]).toEqual([true, false]);
});

test("a plist of somebody else under the job's label is not overwritten, removed, or taken for ours", () => {
  const { w, launchd } = agentWorld([], parts);
  const words = ["schedule", "run", "--root", w.root];
  const theirs = [
    agentPlist(LABEL, "", ["/opt/other", ...words]),
    agentPlist("com.example.other", "", ["/opt/rollback", ...words]),
    agentPlist(LABEL, "", ["/opt/rollback", "schedule", "run", "--root", `${w.root}-two`]),
  ];
  for (const content of ["not a plist", plist(LABEL), ...theirs]) {
    w.put({ [jobAt(w)]: content });
    expect(schedule(w, "status").value.installed).toBe(false);
    expect(schedule(w, "remove", "--force").value.installed).toBe(false);
    const { label } = schedule(w, "install", "--force").value;
    expect(label).not.toBe(LABEL);
    expect(readFileSync(jobAt(w), "utf8")).toBe(content);
    expect(schedule(w, "remove", "--force").exit).toBe(0);
    expect([launchd.isLoaded(label), readFileSync(jobAt(w), "utf8")]).toEqual([false, content]);
  }
});

test("where every label is somebody else's, nothing is changed", () => {
  const { w } = agentWorld([], parts);
  const taken = () => schedule(w, "status").value.plist;
  for (let count = 0; count < 2; count++) w.put({ [taken()]: "theirs" });
  const ran = run(w, ["schedule", "install", "--force"]);
  expect([ran.exit, ran.stderr]).toEqual([1, expect.stringContaining("is not this project's daily job")]);
  expect(readFileSync(jobAt(w), "utf8")).toBe("theirs");
});

test("status of a job that died says how, with the end of its log, and shows no ✅", () => {
  const { w, launchd } = agentWorld([], parts);
  schedule(w, "install", "--force");
  launchd.load(LABEL, { lastExit: 78 });
  const [first = "", second = ""] = run(w, ["schedule", "status"]).stdout.split("\n");
  expect(first).toStartWith(`⚠️  ${LABEL}`);
  expect(second).toContain("ended with 78 (EX_CONFIG); its error log ends: ");
});

test("the crontab line as it stands runs the job", () => {
  const w = world(parts);
  const { crontab } = schedule(w, "status").value;
  const line = (crontab ?? "").split(" ").slice(5).join(" ");
  const ended = Bun.spawnSync(["/bin/sh", "-c", line], { env: { HOME: w.home, PATH: "/usr/bin:/bin" }, cwd: "/" });
  expect(ended.exitCode).toBe(0);
  expect(w.json(listed, "list").value.total).toBe(1);
});

test("a snapshots folder that only the environment names is handed on to the job", async () => {
  const { w } = agentWorld([], parts);
  const env = { ROLLBACK_SNAPSHOTS: join(w.away, "store") };
  run(w, ["schedule", "install", "--force"], { env });
  expect((await jobOf(w)).ProgramArguments).toContain(env.ROLLBACK_SNAPSHOTS);
});

test("words that it does not know: exit 2, with the nearest right one", () => {
  const w = world(parts);
  const { exit, value } = w.json(failed, "schedule", "instal");
  expect(exit).toBe(2);
  expect(value.error.hint).toContain("install");
  expect(w.run("schedule").exit).toBe(2);
  expect(w.run("schedule", "install", "--forse").exit).toBe(2);
});
