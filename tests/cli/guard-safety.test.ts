// guard when things go wrong around it: signals, a second guard, a killed one, a command that takes its ground away.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { must, type Ran, readTree, type World, world } from "../harness.ts";
import { agentPath, agentWorld, labelOf } from "../launchctl/stand-in.ts";

const parts = { root: { ".mcp.json": '{"mcpServers":{"a":{"command":"node"}}}', "shared/paths.py": "p = 1\n" } };

const guard = (w: World, flags: string[], script: string): Ran =>
  w.run("guard", "the change", ...flags, "--", "/bin/sh", "-c", script);

/** Runs a bash script in which `$R` is the binary and `$ROOT` the project. */
function bash(w: World, script: string): Promise<number> {
  const child = w.start(["/bin/bash", "-c", `R='${binary}' ROOT='${w.root}'\n${script}`], { stdin: "ignore" });
  return child.exited;
}

/** The command says that it runs, then waits for a signal in a builtin, having broken a file. */
const BREAKS =
  "echo broken > shared/paths.py; trap 'exit 9' HUP INT TERM; touch began; while :; do read -r -t 1 _ <> pipe; done";
const WAITS = "until [ -e began ]; do :; done";

describe("a signal", () => {
  const cases = ["HUP", "INT", "TERM"].flatMap((signal) => [
    [signal, "to the group", "-"],
    [signal, "to guard alone", ""],
  ]);
  test.each(cases)("SIG%s %s belongs to the command, and all is rolled back", async (signal, _, group) => {
    const w = world(parts);
    const script = `cd "$ROOT"; mkfifo pipe; set -m
"$R" guard x --auto-recover -- /bin/bash -c ${JSON.stringify(BREAKS).replaceAll("$", "\\$")} >out 2>&1 &
${WAITS}
kill -${signal} ${group}$!
wait $!; exit $?`;
    expect(await bash(w, script)).toBe(9);
    expect(readFileSync(join(w.root, "shared/paths.py"), "utf8")).toBe("p = 1\n");
    expect(readFileSync(join(w.root, "out"), "utf8")).toContain("Rolled back");
  });

  test("after the command changes nothing: while launchd is asked what a roll-back means, too", () => {
    const { w, launchd } = agentWorld(["a"]);
    const path = w.path(agentPath(labelOf("a")));
    const before = readFileSync(path, "utf8");
    launchd.load(labelOf("a"));
    renameSync(w.path("bin/launchctl"), w.path("bin/launchctl.real"));
    // The first one that is asked while the plist is broken signals whoever asks.
    const launchctl = `#!/bin/sh
grep -q broken '${path}' && mkdir '${w.base}/struck' 2>/dev/null && kill -INT $PPID
exec "$0.real" "$@"
`;
    w.put({ "bin/launchctl": { file: launchctl, mode: 0o755 } });
    const { exit } = guard(w, ["--auto-recover"], `echo '<!-- broken -->' >> '${path}'; exit 4`);
    expect({ exit, struck: existsSync(join(w.base, "struck")) }).toEqual({ exit: 4, struck: true });
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(existsSync(join(w.store, ".rollback/guard.json"))).toBe(false);
  });

  test("reaches the command once, however it was sent", async () => {
    const w = world(parts);
    for (const group of ["-", ""]) {
      const counts =
        "n=0; trap 'n=$((n+1)); echo $n > count' USR1; touch began; while [ $n -lt 1 ]; do read -r -t 1 _ <> pipe; done; read -r -t 0.3 _ <> pipe; exit $n";
      const script = `cd "$ROOT"; rm -f began pipe count; mkfifo pipe; set -m
"$R" guard x -- /bin/bash -c ${JSON.stringify(counts).replaceAll("$", "\\$")} >out 2>&1 &
${WAITS}
kill -USR1 ${group}$!
wait $!; while [ ! -e count ]; do :; done; exit $(cat count)`;
      expect(await bash(w, script)).toBe(1);
    }
  });

  test("that the caller ignores stays ignored", async () => {
    const w = world(parts);
    const child = w.start(
      ["/bin/sh", "-c", `trap '' HUP; "${binary}" guard x -- /bin/sh -c 'kill -HUP $PPID $$; echo alive'`],
      {
        stdin: "ignore",
      },
    );
    expect(await child.stdout.text()).toContain("alive");
    expect(await child.exited).toBe(0);
  });
});

describe("the command", () => {
  test("has the caller's descriptors and limits, and one variable more", async () => {
    const w = world(parts);
    const script = `exec 7<shared/paths.py; ulimit -Sn 333
"$R" guard x -- /bin/sh -c 'read -r line <&7; echo "$line $(ulimit -Sn)"' 2>/dev/null; :`;
    const child = w.start(["/bin/bash", "-c", `cd '${w.root}'; R='${binary}'\n${script}`], { stdin: "ignore" });
    expect(await child.stdout.text()).toBe("p = 1 333\n");
  });

  test("that can't be executed is 126 with the reason; a script without a first line runs as a shell would", () => {
    const w = world(parts);
    w.put({ "root/no": { file: "#!/bin/sh\n", mode: 0o644 }, "root/plain": { file: "exit 5\n", mode: 0o755 } });
    const refused = w.run("guard", "x", "--", join(w.root, "no"));
    expect(refused).toMatchObject({ exit: 126 });
    expect(refused.stderr).toContain("permission denied");
    expect(w.run("guard", "x", "--", join(w.root, "plain")).exit).toBe(5);
  });

  test("that takes too long is stopped, and so is a check", () => {
    const w = world(parts);
    expect(guard(w, ["--timeout", "1s"], "exec sleep 60").stderr).toContain("the command took longer than 1s");
    expect(guard(w, ["--check", "exec sleep 60", "--check-timeout", "1s"], "true").stderr).toContain(
      "took longer than 1s",
    );
  });

  test.each(["command", "check"])(
    "a %s that takes too long leaves nothing running that it started, and does not go on",
    (which) => {
      const w = world(parts);
      // The one obeys; what it started does not, or is what its shell waits for.
      const slow = "(trap '' TERM; exec sleep 600) >/dev/null 2>&1 & echo $! > pid; sleep 600; echo > went-on";
      const [flags, command] =
        which === "command" ? [["--timeout", "1s"], slow] : [["--check", slow, "--check-timeout", "1s"], "true"];
      expect(guard(w, flags, command).exit).not.toBe(0);
      expect(existsSync(join(w.root, "went-on"))).toBe(false);
      const stat = `/proc/${readFileSync(join(w.root, "pid"), "utf8").trim()}/stat`;
      // Where nobody reaps orphans, a zombie is all that may be left.
      if (existsSync(stat)) expect(readFileSync(stat, "utf8")).toMatch(/\) [ZX] /);
    },
  );
});

test.each([
  ["emptied", ": > shared/paths.py", "shared/paths.py was emptied"],
  ["a JSON that holds nothing", "echo '{}' > .mcp.json", ".mcp.json was emptied"],
  ["Python that does not compile", "echo 'def' > shared/paths.py", "is not Python (line 1) now"],
  ["a link where a file was", "mv shared/paths.py p; ln -s ../p shared/paths.py", "is a link now"],
  ["a folder where a file was", "rm .mcp.json; mkdir .mcp.json", "is a folder now"],
  ["gone", "rm shared/paths.py", "is gone"],
])("every check passed is not said of a file: %s", (_, script, word) => {
  const w = world(parts);
  const { exit, stderr } = guard(w, [], script);
  expect({ exit, said: stderr.includes(word) }).toEqual({ exit: 1, said: true });
});

test("what was looked at is told; a file that may go is named; an empty check is refused", () => {
  const w = world(parts);
  expect(guard(w, ["--allow-gone", "paths.py"], "rm shared/paths.py")).toMatchObject({ exit: 0 });
  expect(guard(w, [], "true").stderr).toMatch(
    /Checked: 1 files are there and not emptied, 0 plists and 1 configs parse/,
  );
  expect(guard(w, ["--check", " "], "true").exit).toBe(2);
});

describe("what the command did to the ground it stands on", () => {
  const AUTO = ["--auto-recover"];
  test.each([
    ["broke the config", "echo 'version: [' > rollback.yaml; exit 4"],
    ["removed the config", "rm rollback.yaml; exit 4"],
    ["moved the project", 'mv "$PWD" "$PWD.gone"; exit 4'],
  ])("it %s, and all comes back", (_, script) => {
    const w = world({ root: { ...parts.root, "rollback.yaml": "version: 1\n" } });
    const before = readFileSync(join(w.root, "rollback.yaml"), "utf8");
    const { exit, stderr } = w.runWith({ cwd: w.root }, "guard", "x", ...AUTO, "--", "/bin/sh", "-c", script);
    expect({ exit, rolled: stderr.includes("Rolled back") }).toEqual({ exit: 4, rolled: true });
    expect(readFileSync(join(w.root, "rollback.yaml"), "utf8")).toBe(before);
    expect(readTree(w.root)["shared/paths.py"]).toMatchObject({ bytes: "p = 1\n" });
  });

  test("it removed the snapshots folder: that is said, and is a failure", () => {
    const w = world(parts);
    const { exit, stderr } = guard(w, AUTO, `rm -rf '${w.root}/infrastructure'`);
    expect(exit).toBe(1);
    expect(stderr).toContain("nothing can be rolled back");
  });
});

describe("two at once, and one that was killed", () => {
  test("a second guard does not take what the first is making for the good state", async () => {
    const w = world(parts);
    const script = `cd "$ROOT"; mkfifo pipe
"$R" guard one -- /bin/bash -c 'touch began; read -r _ <> pipe' >/dev/null 2>&1 &
${WAITS}
"$R" guard two -- /bin/true >second 2>&1; code=$?; echo > pipe; wait; exit $code`;
    expect(await bash(w, script)).toBe(6);
    expect(readFileSync(join(w.root, "second"), "utf8")).toContain("another guard is at work");
  }, 60_000);

  test("a killed one is named by list and health until recover has told the way back; its snapshot is pinned till then", async () => {
    const w = world(parts);
    const script = `cd "$ROOT"; mkfifo pipe
"$R" guard "the change" -- /bin/bash -c 'echo broken > shared/paths.py; touch began; read -r -t 5 _ <> pipe' >/dev/null 2>&1 &
${WAITS}
kill -KILL $!; wait $!; exit 0`;
    await bash(w, script);
    expect(must(w.run("list")).stderr).toContain("was cut off");
    expect(JSON.parse(must(w.run("list", "--json")).stdout).snapshots[0].pinned).toBe(true);
    expect(w.run("health").exit).toBe(2);
    expect(w.run("guard", "again", "--", "/bin/true").exit).toBe(1);
    const told = must(w.run("recover"));
    expect(told.stdout).toContain("rollback restore");
    expect(w.run("list").stderr).not.toContain("was cut off");
    expect(existsSync(join(w.root, "infrastructure/rollback-snapshots/.rollback/guard.json"))).toBe(false);
  });
});
