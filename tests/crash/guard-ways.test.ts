// Signals to guard as they come in life: from the keys of a terminal, from one that closes, through nohup, timeout, setsid and tmux, to the
// group or to guard alone. While its command runs; with ROLLBACK_SWEEP also at 200 moments spread over a whole run. The command breaks a
// file and fails, so however it ends: that file is as it was, no mark is left, and the code is the command's or the signal's.
import { expect } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { lacks, type World, world } from "../harness.ts";
import { everyPoint, summary } from "./sweep.ts";
import { needing } from "./tracing.ts";

const OLD = "old = 1\n";
const FAILED = 4;
const MOMENTS = 200;
const LOOK_EVERY_MS = 5;

/** Guard at work under something; its pid stands in a file. */
interface AtWork {
  /** The wrapper's or guard's own; null where nobody is told of it. */
  exited: Promise<number | null>;
  /** Sends the signal in this way. */
  strike(guard: number): void;
}

interface Way {
  name: string;
  /** A program that it can't do without. */
  tool?: string;
  /** The codes with which it may end. */
  codes: number[];
  begin(w: World, argv: string[]): AtWork;
}

const kill = (pid: number, signal: NodeJS.Signals) => {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
};

function spawn(w: World, argv: string[], detached = true) {
  const child = Bun.spawn(argv, {
    ...{ cwd: w.root, env: w.environment(), stdin: "ignore", stdout: "ignore", stderr: "ignore", detached },
  });
  return { pid: child.pid, exited: child.exited };
}

/** In a session of its own; the signal goes to guard, or with `group` to all that have its terminal. */
const direct = (name: string, signal: NodeJS.Signals, code: number, group: boolean): Way => ({
  name: `${signal} ${name}`,
  codes: [FAILED, code],
  begin: (w, argv) => ({
    exited: spawn(w, argv).exited,
    strike: (guard) => kill(group ? -guard : guard, signal),
  }),
});

/** In a terminal, as its foreground job. */
const inTerminal = (name: string, code: number, strike: (terminal: Bun.Terminal) => void): Way => ({
  name,
  codes: [FAILED, code],
  begin(w, argv) {
    const child = Bun.spawn(argv, {
      cwd: w.root,
      env: w.environment({ TERM: "xterm" }),
      terminal: { cols: 80, rows: 24 },
    });
    return {
      exited: child.exited,
      strike: () => {
        if (child.terminal !== undefined && !child.terminal.closed) strike(child.terminal);
      },
    };
  },
});

const WAYS: Way[] = [
  direct("to guard alone", "SIGINT", 130, false),
  direct("to guard alone", "SIGTERM", 143, false),
  direct("to the group", "SIGINT", 130, true),
  direct("to the group", "SIGHUP", 129, true),
  inTerminal("Ctrl-C", 130, (terminal) => terminal.write("\u0003")),
  inTerminal("a terminal that closes", 129, (terminal) => terminal.close()),
  {
    name: "SIGHUP under nohup",
    tool: "nohup",
    codes: [FAILED],
    begin: (w, argv) => ({
      exited: spawn(w, ["nohup", ...argv]).exited,
      strike: (guard) => kill(-guard, "SIGHUP"),
    }),
  },
  {
    name: "SIGTERM through timeout",
    tool: "timeout",
    codes: [FAILED, 124, 143],
    begin(w, argv) {
      const child = spawn(w, ["timeout", "600", ...argv]);
      return { exited: child.exited, strike: () => kill(child.pid, "SIGTERM") };
    },
  },
  {
    name: "SIGTERM to the group after setsid",
    tool: "setsid",
    codes: [FAILED, 143],
    begin: (w, argv) => ({
      exited: spawn(w, ["setsid", "-w", ...argv], false).exited,
      strike: (guard) => kill(-guard, "SIGTERM"),
    }),
  },
  {
    name: "tmux that is killed",
    tool: "tmux",
    codes: [],
    begin(w, argv) {
      const tmux = (...words: string[]) =>
        Bun.spawnSync(["tmux", "-S", join(w.base, "tmux"), "-f", "/dev/null", ...words], {
          ...{ cwd: w.root, env: w.environment({ TERM: "xterm" }), stdin: "ignore" },
        });
      tmux("new-session", "-d", ...argv);
      return { exited: Promise.resolve(null), strike: () => tmux("kill-server") };
    },
  },
];

interface Scene {
  w: World;
  file: string;
  pid: string;
  broke: string;
  go: string;
}

function scene(): Scene {
  const w = world({ root: { ".mcp.json": "{}", "shared/paths.py": OLD }, away: {} });
  const away = (name: string) => w.path(`away/${name}`);
  return { w, file: join(w.root, "shared/paths.py"), pid: away("pid"), broke: away("broke"), go: away("go") };
}

/** Guard by its shell words: its pid is that of the shell that it takes the place of. */
function guardWords({ pid, broke, go }: Scene): string[] {
  const command = `echo broken > shared/paths.py; : > '${broke}'; while [ ! -e '${go}' ]; do sleep 0.02; done; exit ${FAILED}`;
  const run = `echo $$ > '${pid}.new'; mv '${pid}.new' '${pid}'; exec '${binary}' guard x --auto-recover -- /bin/sh -c "$1"`;
  return ["/bin/sh", "-c", run, "sh", command];
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // One that has ended and that nobody reaps.
    return !/\) Z /.test(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "");
  } catch {
    return false;
  }
};

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(LOOK_EVERY_MS);
}

/** One run, struck once; what is wrong after it, and how long it took. */
async function once(
  way: Way,
  at: Scene,
  moment: "while it runs" | number | null,
): Promise<{ wrong: string[]; ms: number }> {
  const { w, file, pid, broke, go } = at;
  for (const name of [pid, broke, go]) rmSync(name, { force: true });
  writeFileSync(file, OLD);
  if (moment !== "while it runs") writeFileSync(go, "");
  const began = performance.now();
  const { exited, strike } = way.begin(w, guardWords(at));
  await until(() => existsSync(pid));
  const guard = Number(readFileSync(pid, "utf8"));
  if (moment === "while it runs") await until(() => existsSync(broke));
  else if (moment !== null) await Bun.sleep(moment);
  if (moment !== null) strike(guard);
  writeFileSync(go, "");
  await until(() => !isAlive(guard));
  const code = await exited;
  const ms = performance.now() - began;
  const wrong = [
    ...(readFileSync(file, "utf8") === OLD ? [] : ["what the command broke is still there"]),
    ...(existsSync(join(w.store, ".rollback/guard.json")) ? ["a mark is left"] : []),
    ...(code === null || way.codes.includes(code) ? [] : [`exit ${code}`]),
  ];
  return { wrong: wrong.map((what) => `${way.name}, ${moment}: ${what}`), ms };
}

for (const way of WAYS)
  needing(way.tool !== undefined && lacks(way.tool) ? `there is no ${way.tool}` : undefined, way.name, async () => {
    const failures = (await once(way, scene(), "while it runs")).wrong;
    if (everyPoint) {
      let at = scene();
      const { ms } = await once(way, at, null);
      for (let index = 0; index < MOMENTS; index++) {
        // A store of many snapshots is slower than the one that was measured.
        if (index % 20 === 0) at = scene();
        failures.push(...(await once(way, at, (ms * index) / MOMENTS)).wrong);
      }
    }
    expect(summary(failures)).toBe("");
  });
