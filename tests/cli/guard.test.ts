// guard: snapshot, run, check, roll back. A script sees the command itself, its exit code and its output, and nothing between.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { binary } from "../binary.ts";
import { failed, guarded, listed } from "../contract.ts";
import { isRoot, liveTree, modeOf, must, type Ran, type RunOptions, readTree, type World, world } from "../harness.ts";
import { agentPath, agentPlist, agentWorld, labelOf } from "../launchctl/stand-in.ts";
import { manifestOf } from "../manifests.ts";

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };
const AUTO = "--auto-recover";

/** `rollback guard "the change" FLAGS -- sh -c SCRIPT`. */
const guard = (w: World, flags: string[], script: string, options: RunOptions = {}): Ran =>
  w.runWith(options, "guard", "the change", ...flags, "--", "/bin/sh", "-c", script);

function guardJson(w: World, flags: string[], script: string) {
  const { exit, stdout, stderr } = guard(w, ["--json", ...flags], script);
  const value = v.parse(guarded, JSON.parse(stdout));
  expect(value.ok).toBe(exit === 0);
  return { exit, value, stderr };
}

const rows = (w: World) => w.json(listed, "list", "--all").value.snapshots;
const categories = (w: World) => rows(w).map(({ category }) => category);

describe("the command", () => {
  test("gets its words, our folder, our environment and ROLLBACK_GUARD_SNAPSHOT, and keeps stdout for itself", () => {
    const w = world(parts);
    const words = ["-- an odd one", "--force", "", "it's"];
    const script = 'printf "%s|" "$@"; echo "$PWD $ROLLBACK_GUARD_SNAPSHOT $KEPT"; echo words >&2';
    const ran = w.runWith(
      { env: { KEPT: "kept" }, cwd: w.away },
      ...["guard", "the change", "phase-4", "--", "/bin/sh", "-c", script, "sh", ...words],
    );
    const [row] = rows(w);
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toBe(`${words.join("|")}|${w.away} ${row?.id} kept\n`);
    expect(ran.stderr).toContain("words\n");
    expect(ran.stderr).toContain(`✅ Done, and every check passed. The state before: ${row?.id}\n`);
    expect(row).toMatchObject({ description: "the change", category: "phase-4", pinned: false });
  });

  test("reads our stdin", async () => {
    const w = world(parts);
    const child = w.start([binary, "guard", "x", "--", "/bin/cat"], { stdin: "pipe" });
    const stdin = child.stdin;
    if (stdin === undefined) throw new Error("no pipe");
    stdin.write("handed on\n");
    await stdin.end();
    expect(await child.stdout.text()).toBe("handed on\n");
    expect(await child.exited).toBe(0);
  });

  test("is found on the PATH", () => {
    const w = world(parts);
    expect(w.run("guard", "x", "--", "echo", "found").stdout).toBe("found\n");
  });

  test.each([0, 1, 2, 3, 5, 6, 7, 42, 126, 127, 255])("its exit code is ours: %p", (code) => {
    const w = world(parts);
    expect(guard(w, [], `exit ${code}`).exit).toBe(code);
  });

  test.each(["SIGKILL", "SIGTERM", "SIGSEGV", "SIGHUP"] as const)("ended by %s is 128 and the signal", (signal) => {
    const w = world(parts);
    const { exit, stderr } = guard(w, [], `kill -${constants.signals[signal]} $$`);
    expect(exit).toBe(128 + constants.signals[signal]);
    expect(stderr).toContain(`the command ended with ${128 + constants.signals[signal]}`);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("gets %s, and what it makes of it counts", async (signal) => {
    const w = world(parts);
    // The shell waits in a builtin, so that its trap runs at once.
    const script = `trap 'echo got ${signal}; exit 9' ${signal.slice(3)}; echo ready; read -r _`;
    const child = w.start([binary, "guard", "x", "--", "/bin/sh", "-c", script], { stdin: "pipe" });
    const reader = child.stdout.getReader();
    const decoder = new TextDecoder();
    expect(decoder.decode((await reader.read()).value)).toBe("ready\n");
    child.kill(signal);
    expect(decoder.decode((await reader.read()).value)).toBe(`got ${signal}\n`);
    expect(await child.exited).toBe(9);
    expect(rows(w)).toMatchObject([{ pinned: false }]);
  });

  test("that can't be started: 127, and the snapshot stands", () => {
    const w = world(parts);
    const { exit, stderr } = w.run("guard", "x", "--", "/no/such/program");
    expect(exit).toBe(127);
    expect(stderr).toContain("/no/such/program can't be started");
    expect(rows(w)).toMatchObject([{ pinned: false }]);
  });

  test("has a mask of its own choosing, not ours", () => {
    const w = world(parts);
    must(guard(w, [], `umask 022; echo x > "${w.away}/made"`));
    expect(modeOf(join(w.away, "made"))).toBe("0644");
  });

  test("inherits the caller's umask, as it would without guard", () => {
    const w = world(parts);
    must(guard(w, [], `echo x > "${w.away}/made"`, { umask: "022" }));
    expect(modeOf(join(w.away, "made"))).toBe("0644");
  });

  test.each([[[]], [["--"]]])("is needed: exit 2 (%j)", (words) => {
    const w = world(parts);
    expect(w.json(failed, "guard", "x").exit).toBe(2);
    expect(w.run("guard", "x", ...words).exit).toBe(2);
    expect(rows(w)).toEqual([]);
  });

  test("is left alone by flags that rollback knows: what stands behind -- is the command's", () => {
    const w = world(parts);
    const { exit, stdout } = w.run("guard", "x", "--", "/bin/echo", "--json", "--quiet", "--help", "--root", "/x");
    expect(exit).toBe(0);
    expect(stdout).toBe("--json --quiet --help --root /x\n");
  });
});

describe("the snapshot", () => {
  test("is there and pinned while the command runs, and unpinned after it", () => {
    const w = world(parts);
    const script = `${binary} list --json > "${w.away}/during"; ${binary} prune --keep-last 1 --force >&2`;
    w.create("older");
    must(guard(w, [], `${script}; ${binary} create newer --quiet >&2; ${binary} prune --keep-last 1 --force >&2`));
    const during = v.parse(listed, JSON.parse(String(readTree(w.away).during?.kind === "file" ? seen(w) : "")));
    expect(during.snapshots).toMatchObject([{ description: "the change", pinned: true }, { description: "older" }]);
    expect(rows(w)).toMatchObject([
      { description: "newer", pinned: false },
      { description: "the change", pinned: false },
    ]);
  });
  const seen = (w: World) => {
    const file = readTree(w.away).during;
    return file?.kind === "file" ? file.bytes : "";
  };

  test("is unpinned also where the command or a check fails", () => {
    const w = world(parts);
    guard(w, [], "exit 4");
    guard(w, ["--check", "false"], "true");
    expect(rows(w).map(({ pinned }) => pinned)).toEqual([false, false]);
  });

  describe("incomplete", () => {
    const unreadable = () => {
      const w = world(parts, { ordinary: true });
      w.put({ "root/shared/secrets.py": { file: "s", mode: 0 } });
      return w;
    };

    test("stops it before the command has run: exit 1", () => {
      const w = unreadable();
      const { exit, stdout, stderr } = guard(w, [], "echo ran");
      expect([exit, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("--allow-incomplete");
      expect(rows(w)).toMatchObject([{ complete: false, pinned: false }]);
    });

    test("says which file could not be read", () => {
      expect(guard(unreadable(), [], "true").stderr).toContain("shared/secrets.py");
    });

    test("does not with --allow-incomplete", () => {
      const w = unreadable();
      expect(guard(w, ["--allow-incomplete"], "echo ran")).toMatchObject({ exit: 0, stdout: "ran\n" });
    });
  });

  test("that can't be taken stops it: nothing to back up, or another writer's lock", () => {
    const w = world();
    expect(guard(w, [], "echo ran")).toMatchObject({ exit: 1, stdout: "" });
  });

  test("can't have an empty description", () => {
    const w = world(parts);
    expect(w.run("guard", "", "--", "/bin/echo", "ran")).toMatchObject({ exit: 2, stdout: "" });
  });
});

describe("checks", () => {
  test("--check runs after a command that went well, each of them, and its failure is exit 1", () => {
    const w = world(parts);
    const flags = ["--check", "test -f .mcp.json", "--check", "exit 7", "--check", "nonsense-program --token hunter2"];
    const { exit, value } = guardJson(w, flags, "true");
    expect(exit).toBe(1);
    expect(value).toMatchObject({ code: 0, recovered: null });
    expect(value.failures).toEqual([
      "the check `exit 7` ended with 7",
      "the check `nonsense-program --token ‹hidden›` ended with 127",
    ]);
  });

  test("--check does not run after a command that failed", () => {
    const w = world(parts);
    expect(guard(w, ["--check", "echo checked >&2"], "exit 3").stderr).not.toContain("checked");
    expect(guard(w, ["--check", "echo checked >&2"], "true").stderr).toContain("checked");
  });

  test("--check knows the snapshot, too", () => {
    expect(guard(world(parts), ["--check", 'test -n "$ROLLBACK_GUARD_SNAPSHOT"'], "true").exit).toBe(0);
  });

  const label = labelOf("a");
  const plistAt = "Library/LaunchAgents/com.petesbrain.a.plist";
  const venv = "venv-google/bin/python3";
  const builtIn: Record<string, { script: string; failure: (w: World) => string }> = {
    "a plist that is malformed now": {
      script: `echo garbage > "$HOME/${plistAt}"`,
      failure: (w) =>
        `${w.home}/${plistAt} is malformed now: line 1, column 1: a property list begins with <?xml or <plist`,
    },
    "a shell's && in a plist as it is": {
      script: `sed -i.old 's|</dict>|<key>X</key><string>a \\&\\& b</string></dict>|' "$HOME/${plistAt}"; rm "$HOME/${plistAt}.old"`,
      failure: (w) => `${w.home}/${plistAt} is malformed now: line 5, column 23: & must be written &amp;`,
    },
    "a config that is not JSON now": {
      script: "echo '{,' > .mcp.json",
      failure: (w) => `${w.root}/.mcp.json is not JSON now`,
    },
    "a credential that is not JSON now": {
      script: "echo x > infrastructure/mcp-servers/drive/credentials.json",
      failure: (w) => `${w.root}/infrastructure/mcp-servers/drive/credentials.json is not JSON now`,
    },
    "a program that an agent names, gone": {
      script: "rm run.sh",
      failure: (w) => `${label}: its program is missing: ${w.root}/run.sh`,
    },
    "an agent that is not loaded any more": {
      script: `launchctl bootout "gui/$(id -u)/${label}"; launchctl print "gui/$(id -u)/${label}"; true`,
      failure: () => `${label} is not loaded any more`,
    },
    "a venv that has lost its python": {
      script: `rm ${venv}`,
      failure: () => "the venv venv-google has lost its python",
    },
    "a venv that is gone": { script: "rm -r venv-google", failure: () => "the venv venv-google has lost its python" },
  };
  const sound = () => {
    const { w, launchd } = agentWorld([], {
      root: {
        ".mcp.json": "{}",
        "run.sh": { file: "#!/bin/sh\n", mode: 0o755 },
        "infrastructure/mcp-servers/drive/credentials.json": "{}",
        [venv]: { file: "#!/bin/sh\necho Python 3.12.1\n", mode: 0o755 },
      },
    });
    w.put({ [agentPath(label)]: agentPlist(label, "", [w.path("root/run.sh")]) });
    launchd.load(label);
    return { w, launchd };
  };
  for (const [what, { script, failure }] of Object.entries(builtIn))
    test(`of its own: ${what}`, () => {
      const { w } = sound();
      const { exit, value } = guardJson(w, [], script);
      expect(value.failures).toEqual([failure(w)]);
      expect(exit).toBe(1);
    });

  test.each<[string, (plist: string) => string | Uint8Array]>([
    ["a comment with --", (text) => text.replace("<dict>", "<dict><!-- was: run.sh --hourly -->")],
    ["curly quotes in the version", (text) => text.replaceAll('version="1.0"', "version=“1.0”")],
    ["blank lines before all", (text) => `\n\n${text}`],
    ["UTF-16 with its mark", (text) => Buffer.from(`\ufeff${text}`, "utf16le")],
  ])("of its own: %s in a plist is a good change, and stays", (_, edit) => {
    const { w } = sound();
    const at = join(w.home, plistAt);
    const edited = Buffer.from(edit(readFileSync(at, "utf8")));
    w.put({ "away/edited": edited });
    must(guard(w, [AUTO], `cat "${w.away}/edited" > "$HOME/${plistAt}"`));
    expect(readFileSync(at)).toEqual(edited);
  });

  test("of its own: a captured plist or JSON that is gone", () => {
    const { w } = sound();
    expect(guardJson(w, [], "rm .mcp.json").value.failures).toHaveLength(1);
  });

  test("of its own: what was wrong before is nobody's fault", () => {
    const { w } = agentWorld([], { root: { ".mcp.json": "{}", "venv-google/pyvenv.cfg": "version = 3.1.1\n" } });
    w.put({ [agentPath(label)]: agentPlist(label, "", ["/no/such/program"]), [agentPath(labelOf("b"))]: "garbage" });
    expect(guardJson(w, [], "true")).toMatchObject({ exit: 0, value: { failures: [] } });
  });

  test("of its own: a credential that was not strict JSON before", () => {
    const { w } = sound();
    w.put({ "root/infrastructure/mcp-servers/drive/credentials.json": "{} // with a comment" });
    expect(guardJson(w, [], "true")).toMatchObject({ exit: 0, value: { failures: [] } });
  });

  test("of its own: a plist removed while its agent is loaded is not called unloaded", () => {
    const { w, launchd } = sound();
    const { value } = guardJson(w, [], `rm "$HOME/${plistAt}"`);
    expect(launchd.isLoaded(label)).toBe(true);
    expect(value.failures.join()).not.toContain("not loaded any more");
  });

  test("of its own: an agent that launchd can't be asked about is not called unloaded", () => {
    const { w } = sound();
    const ended = `echo 125 > "${w.base}/launchd/no-gui"; echo 125 > "${w.base}/launchd/no-user"`;
    expect(guardJson(w, [], ended).value.failures).toEqual([]);
  });

  test("nothing is rolled back without being told to: what changed is summed up, and the two commands are named", () => {
    const w = world(parts);
    const { exit, stdout, stderr } = guard(w, [], "echo new > shared/paths.py; rm .mcp.json; exit 9");
    const row = rows(w).find(({ category }) => category === "guard");
    expect([exit, stdout]).toEqual([9, ""]);
    expect(stderr).toContain("❌ the command ended with 9\n");
    expect(stderr).toContain(`Since ${row?.id}: 1 changed, 1 gone, 0 new\n`);
    expect(stderr).toContain(`   rollback restore ${row?.id}\n`);
    expect(stderr).toContain(`   rollback restore ${row?.id} --force --reload\n`);
    expect(readTree(w.root)["shared/paths.py"]).toMatchObject({ bytes: "new\n" });
    expect(rows(w)).toHaveLength(2);
  });
});

describe("--auto-recover", () => {
  test("restores, with the failed state kept to look at, and passes the command's code on", () => {
    const w = world(parts);
    const before = liveTree(w);
    const { exit, value } = guardJson(w, [AUTO], "echo new > shared/paths.py; exit 9");
    expect(exit).toBe(9);
    expect(value.recovered).toMatchObject({ ok: true, restored: 1 });
    expect(value.next).toEqual([]);
    expect(liveTree(w)).toEqual(before);
    expect(categories(w)).toEqual(["auto-backup", "guard"]);
    expect(must(w.run("restore", "latest", "--quiet")).exit).toBe(0);
    expect(manifestOf(w, value.recovered?.auto_backup ?? "").config_files).toHaveLength(2);
  });

  test("after a failed check: exit 1", () => {
    const w = world(parts);
    const before = liveTree(w);
    const { exit, stderr } = guard(w, [AUTO, "--check", "false"], "echo new > shared/paths.py");
    expect(exit).toBe(1);
    expect(stderr).toContain("🔄 Rolled back:");
    expect(stderr).toContain("✓ Restored: paths.py");
    expect(liveTree(w)).toEqual(before);
  });

  test("reloads the agents whose plist it brought back", () => {
    const { w, launchd } = agentWorld(["a", "b"]);
    for (const name of ["a", "b"]) launchd.load(labelOf(name));
    const plistAt = w.path(agentPath(labelOf("a")));
    const { value } = guardJson(
      w,
      [AUTO],
      `echo garbage > "${plistAt}"; launchctl bootout "gui/$(id -u)/${labelOf("a")}"; exit 1`,
    );
    expect(value.recovered?.reloaded).toMatchObject([{ label: labelOf("a") }]);
    expect(launchd.isLoaded(labelOf("a"))).toBe(true);
    expect(launchd.calls(labelOf("b"))).not.toContain("bootout");
  });

  test("loads an agent again that the command unloaded without touching its plist", () => {
    const { w, launchd } = agentWorld(["a"]);
    launchd.load(labelOf("a"));
    launchd.slowness(0, 0);
    expect(guard(w, [AUTO], `launchctl bootout "gui/$(id -u)/${labelOf("a")}"`).exit).toBe(1);
    expect(launchd.isLoaded(labelOf("a"))).toBe(true);
  });

  test("with nothing to complain of changes nothing", () => {
    const w = world(parts);
    must(guard(w, [AUTO], "echo new > shared/paths.py"));
    expect(readTree(w.root)["shared/paths.py"]).toMatchObject({ bytes: "new\n" });
    expect(categories(w)).toEqual(["auto-backup", "guard"]);
  });

  test("that can't restore says so, and passes the command's code on", () => {
    const w = world(parts);
    const { exit, stderr } = guard(w, [AUTO], "rm .mcp.json && mkdir .mcp.json && touch .mcp.json/x; exit 9");
    expect(stderr).toContain(".mcp.json");
    expect(exit).toBe(9);
    expect(rows(w).every(({ pinned }) => !pinned)).toBe(true);
  });

  test("that can't restore after a failed check: exit 1, and the failed check is named", () => {
    const w = world(parts);
    const { exit, stderr } = guard(
      w,
      [AUTO, "--check", "false"],
      "rm .mcp.json && mkdir .mcp.json && touch .mcp.json/x",
    );
    expect(stderr).toContain("the check `false` ended with 1");
    expect(exit).toBe(1);
  });
});

describe("ENABLE_ROLLBACK_AUTO_RECOVER", () => {
  const failing = (value: string | undefined, flags: string[] = []) => {
    const w = world(parts);
    const ran = guard(w, flags, "echo new > shared/paths.py; exit 9", {
      env: { ENABLE_ROLLBACK_AUTO_RECOVER: value },
    });
    const file = readTree(w.root)["shared/paths.py"];
    return { ...ran, w, rolledBack: file?.kind === "file" && file.bytes === "p" };
  };

  test.each(["1", "true", "yes", "TRUE", "Yes"])("%p does what --auto-recover does", (value) => {
    expect(failing(value)).toMatchObject({ exit: 9, rolledBack: true });
  });

  test.each(["0", "false", "no", "NO"])("%p forbids it, also where the flag asks for it, with a warning", (value) => {
    expect(failing(value)).toMatchObject({ exit: 9, rolledBack: false });
    const { exit, rolledBack, stderr } = failing(value, [AUTO]);
    expect([exit, rolledBack]).toEqual([9, false]);
    expect(stderr).toContain("ENABLE_ROLLBACK_AUTO_RECOVER");
    expect(stderr).toContain("--auto-recover");
  });

  test.each([undefined, ""])("unset or empty (%p) leaves it to the flag", (value) => {
    expect(failing(value).rolledBack).toBe(false);
    expect(failing(value, [AUTO]).rolledBack).toBe(true);
  });

  test.each(["2", "on", "y", " 1", "1\n", "\u001b[31m"])("%j is a usage error before anything is done", (value) => {
    const { exit, stderr, w } = failing(value);
    expect(exit).toBe(2);
    expect(stderr).toContain("ENABLE_ROLLBACK_AUTO_RECOVER");
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(rows(w)).toEqual([]);
    expect(readTree(w.root)["shared/paths.py"]).toMatchObject({ bytes: "p" });
  });
});

describe("a command that calls rollback itself", () => {
  test("in another project works on that project", () => {
    const w = world(parts);
    const options = { env: { ROLLBACK_ROOT: undefined } };
    const script = `cd ${w.away} && echo '{}' > .mcp.json && ${binary} create inner >&2`;
    must(guard(w, ["--root", w.root], script, options));
    expect(categories(w)).toEqual(["guard"]);
    expect(must(w.run("list", "--quiet", "--root", w.away)).stdout).toMatch(/^\d{8}_\d{6}\n$/);
  });

  test("create", () => {
    const w = world(parts);
    expect(guard(w, [], `${binary} create inner own --quiet --lock-wait 0 >&2`).exit).toBe(0);
    expect(categories(w)).toEqual(["own", "guard"]);
  });

  test("restore, of the very snapshot that guard took", () => {
    const w = world(parts);
    const script = `echo new > shared/paths.py; ${binary} restore "$ROLLBACK_GUARD_SNAPSHOT" --force --lock-wait 0 >&2`;
    must(guard(w, [], script));
    expect(readTree(w.root)["shared/paths.py"]).toMatchObject({ bytes: "p" });
    expect(categories(w)).toEqual(["auto-backup", "guard"]);
  });

  test("guard in guard: the inner one rolls back its own, the outer one all", () => {
    const w = world(parts);
    const inner = `${binary} guard inner --auto-recover -- /bin/sh -c "echo inner > .mcp.json; exit 5"`;
    const { exit } = guard(w, [AUTO], `echo outer > shared/paths.py; ${inner}`);
    expect(exit).toBe(5);
    expect(readTree(w.root)).toMatchObject({ ".mcp.json": { bytes: "{}" }, "shared/paths.py": { bytes: "p" } });
    expect(rows(w).every(({ pinned }) => !pinned)).toBe(true);
  });

  test("one that moves the snapshot away still has its code passed on", () => {
    const w = world(parts);
    const { exit } = guard(w, [], `rm -r "${w.store}/$ROLLBACK_GUARD_SNAPSHOT"; exit 9`);
    expect(exit).toBe(9);
  });
});

describe("--json", () => {
  test("is one value on stdout; the command's stdout goes to stderr", () => {
    const w = world(parts);
    const { exit, value, stderr } = guardJson(w, ["--check", "echo of the check"], "echo of the command");
    expect(exit).toBe(0);
    expect(stderr).toContain("of the command\n");
    expect(stderr).toContain("of the check\n");
    const { id } = value;
    expect(value).toEqual({
      ...{
        schema: 1,
        ok: true,
        command: "guard",
        id,
        after: null,
        code: 0,
        failures: [],
        checked: { files: 2, plists: 0, configs: 2, agents: null, venvs: 0, commands: 1, watched_seconds: 0 },
        added: [],
        changes: null,
        recovered: null,
        next: [],
        search: null,
      },
    });
  });

  test("of a failure names the commands as words", () => {
    const w = world(parts);
    const { exit, value } = guardJson(w, [], "echo new > shared/paths.py; exit 9");
    expect(exit).toBe(9);
    const { id } = value;
    expect(value).toMatchObject({
      ok: false,
      code: 9,
      failures: ["the command ended with 9"],
      changes: { modify: 1, create: 0 },
      recovered: null,
    });
    expect(value.next).toEqual([
      ["rollback", "restore", id],
      ["rollback", "restore", id, "--force", "--reload"],
    ]);
  });
});

test("stdout of --check is not the command's: a pipe gets the command's alone", () => {
  const w = world(parts);
  expect(guard(w, ["--check", "echo of the check"], "echo of the command").stdout).toStartWith("of the command\n");
});

describe("from a plain sh script, as launchd starts one", () => {
  /** `env -i`, no terminal, the folder `/`, a closed stdin, and none of the shell's niceties. */
  const launchdLike = async (w: World, text: string): Promise<Ran> => {
    w.put({ "home/job.sh": { file: `#!/bin/sh\nset -eu\n${text}\n`, mode: 0o755 } });
    const outer = `cd /; exec env -i HOME="$HOME" PATH=/usr/bin:/bin:/usr/sbin:/sbin "$HOME/job.sh" <&-`;
    const child = w.start(["/bin/sh", "-c", outer]);
    const [stdout, stderr, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { exit, stdout, stderr };
  };
  const at = (w: World) => `rollback() { "${binary}" "$@" --root "${w.root}"; }`;

  test("create, list, restore, guard", async () => {
    const w = world(parts);
    const ran = await launchdLike(
      w,
      `${at(w)}
id=$(rollback create "nightly" auto-daily --quiet)
echo changed > "${w.root}/shared/paths.py"
rollback list --quiet
rollback restore "$id" --force --quiet >&2
cat "${w.root}/shared/paths.py"; echo
"${binary}" guard "the job" --root "${w.root}" -- /bin/sh -c 'echo guarded; cat'`,
    );
    expect(ran).toMatchObject({ exit: 0 });
    const [first] = rows(w).toReversed();
    expect(ran.stdout).toBe(`${first?.id}\np\nguarded\n`);
    expect(categories(w)).toEqual(["guard", "auto-backup", "auto-daily"]);
  });

  test("set -e stops a script where guard's command failed, and `||` catches exit code 3 alone", async () => {
    const w = world(parts, { ordinary: isRoot });
    w.put({ "root/shared/secrets.py": { file: "s", mode: 0 } });
    const caught = await launchdLike(
      w,
      `${at(w)}\nrollback create x --quiet 2>/dev/null || [ $? -eq 3 ]\necho went on`,
    );
    expect(caught).toMatchObject({ exit: 0 });
    expect(caught.stdout).toEndWith("went on\n");
    const stopped = await launchdLike(
      w,
      `"${binary}" guard x --allow-incomplete --root "${w.root}" -- /bin/sh -c 'exit 4'\necho went on`,
    );
    expect(stopped).toMatchObject({ exit: 4, stdout: "" });
  });
});

describe("--watch", () => {
  /** A guard whose command has ended well, and that goes on asking launchd: only the watch does that. */
  async function watching() {
    const { w, launchd } = agentWorld(["mail", "notes"]);
    for (const name of ["mail", "notes"]) launchd.load(labelOf(name), { pid: 4242 });
    const ran = join(w.away, "ran");
    const child = w.start([binary, "guard", "the change", "--watch", "10m", "--json", "--", "/usr/bin/touch", ran]);
    while (!existsSync(ran)) await Bun.sleep(5);
    const calls = launchd.calls().length;
    while (launchd.calls().length < calls + 8) await Bun.sleep(5);
    const ended = async () => {
      const [exit, stdout] = [await child.exited, await child.stdout.text()];
      return { exit, value: v.parse(guarded, JSON.parse(stdout)) };
    };
    return { launchd, child, ended };
  }

  test("an agent that was well and dies is a failed check, with the reason", async () => {
    const { launchd, ended } = await watching();
    launchd.unload(labelOf("mail"));
    launchd.load(labelOf("mail"), { lastExit: 3 });
    const { exit, value } = await ended();
    expect(exit).toBe(1);
    expect(value.failures).toEqual([`${labelOf("mail")} ended with 3`]);
  });

  test("so is one that died and was started again between two looks; one that came again after a good end is not", async () => {
    const { launchd, ended } = await watching();
    const running = (pid: number, end: string) => ({
      pid,
      print: `gui/501/x = {\n\tstate = running\n\tpid = ${pid}\n\truns = 2\n\t${end}\n}`,
    });
    launchd.load(labelOf("notes"), running(4243, "last exit code = 0"));
    launchd.load(labelOf("mail"), running(4244, "last terminating signal = Segmentation fault: 11"));
    const death = "was killed by signal 11 (Segmentation fault), and was started again";
    expect((await ended()).value.failures).toEqual([`${labelOf("mail")} ${death}`]);
  });

  test("a signal ends it, and that is a failed check: nobody saw how it went on", async () => {
    const { child, ended } = await watching();
    child.kill("SIGTERM");
    const { exit, value } = await ended();
    expect([exit, value.failures]).toEqual([1, ["SIGTERM came while the agents were watched"]]);
  });

  test("where all go on well, it says how long it watched; without it, that it did not", () => {
    const { w, launchd } = agentWorld(["mail"]);
    launchd.load(labelOf("mail"), { pid: 4242 });
    expect(guardJson(w, ["--watch", "1s"], "true").value.checked?.watched_seconds).toBe(1);
    expect(guard(w, ["--watch", "1s"], "true").stderr).toContain("1 of 1 agents as before. Watched for 1s");
    expect(guard(w, [], "true").stderr).toContain("Not watched (--watch 10m)");
    expect(guard(w, ["--watch", "soon"], "true").exit).toBe(2);
  });
});
