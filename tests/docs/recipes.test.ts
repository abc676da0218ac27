// Every recipe of docs/recipes.md, run as it stands, in a home where the other tools are stand-ins that note how they were called.
import { expect, test } from "bun:test";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { binFolder } from "../binary.ts";
import { checkout } from "../checkout.ts";
import { lacks, plist, type World, world } from "../harness.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/recipes.md"), "utf8");

/** The blocks by the heading above them. */
const recipes = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((part) => [
      part.slice(0, part.indexOf("\n")),
      [...part.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block),
    ]),
);

const noting = (name: string, more = "") => ({
  file: `#!/bin/sh\necho "${name} $*" >> "$HOME/called"\n${more}`,
  mode: 0o755,
});

async function home(): Promise<World> {
  const w = world({
    home: { "Library/LaunchAgents/com.petesbrain.mail.plist": plist("com.petesbrain.mail") },
    root: { "shared/secrets.py": 'TOKEN = "q8Zr2LmX0vT5nB7kD3wH"\n', ".mcp.json": "{}\n" },
    bin: {
      node: noting("node"),
      brew: noting("brew"),
      curl: noting("curl"),
      restic: noting("restic"),
      crontab: noting("crontab", '[ "$1" = - ] && cat > "$HOME/crontab" || true\n'),
    },
  });
  symlinkSync(w.root, join(w.home, "PetesBrain"));
  await checkout(w);
  return w;
}

function play(w: World, block: string, cwd = w.root) {
  const env = w.environment({ PATH: `${join(w.base, "bin")}:${binFolder}:/usr/bin:/bin`, ROLLBACK_ROOT: undefined });
  const ended = Bun.spawnSync(["/bin/sh", "-ec", block], { cwd, env, stdin: "ignore" });
  return { exit: ended.exitCode, said: `${ended.stdout}${ended.stderr}` };
}
const called = (w: World) => (existsSync(join(w.home, "called")) ? readFileSync(join(w.home, "called"), "utf8") : "");
const snapshots = (w: World): { category: string; pinned: boolean; forms: string[] }[] =>
  JSON.parse(w.run("list", "--json").stdout).snapshots;

/** What each recipe is to have done. */
const effects: Record<string, (w: World) => void> = {
  "Before every brew upgrade": (w) => {
    expect(called(w)).toBe("brew upgrade\nnode --version\n");
    expect(snapshots(w).map(({ category }) => category)).toEqual(["pre-brew"]);
  },
  "Before a macOS update": (w) =>
    expect(snapshots(w)).toMatchObject([{ category: "pre-update", pinned: true, forms: ["folder", "zip"] }]),
  "Before a coding assistant changes something": (w) => {
    const settings = JSON.parse(readFileSync(join(w.home, ".claude/settings.json"), "utf8"));
    const hook: string = settings.hooks.PreToolUse[0].hooks[0].command;
    expect(play(w, hook)).toEqual({ exit: 0, said: "" });
    expect(play(w, hook)).toEqual({ exit: 0, said: "" });
    expect(snapshots(w).map(({ category }) => category)).toEqual(["auto-change"]);
    w.put({ "root/rollback.yaml": "nonsense: [" });
    expect(play(w, hook)).toEqual({ exit: 0, said: "" });
  },
  "Before every git commit": (w) => {
    w.create();
    const commit = "git add -f notes.md && git -c user.name=a -c user.email=a@b -c commit.gpgsign=false commit -qm one";
    w.put({ "root/notes.md": "The token is q8Zr2LmX0vT5nB7kD3wH\n" });
    const stopped = play(w, commit);
    expect([stopped.exit === 0, stopped.said.includes("q8Zr2LmX0vT5nB7kD3wH")]).toEqual([false, false]);
    w.put({ "root/notes.md": "The token is in shared/secrets.py\n" });
    expect(play(w, commit).exit).toBe(0);
  },
  "With cron": (w) => {
    const [line = ""] = readFileSync(join(w.home, "crontab"), "utf8").split("\n");
    expect(play(w, line.replace(/^0 8 \* \* \* /, "")).exit).toBe(0);
    expect(snapshots(w).map(({ category }) => category)).toEqual(["auto-daily"]);
  },
  "With Nagios, Icinga, or a dead man's switch": (w) => expect(called(w)).toContain("curl -fsS"),
  "Into a restic backup": (w) =>
    expect(called(w)).toBe(`restic backup ${w.home}/PetesBrain/infrastructure/rollback-snapshots\n`),
};

test("every recipe has a test, and every test a recipe", () => {
  expect([...recipes.keys()]).toEqual(Object.keys(effects));
});

for (const [heading, blocks] of recipes)
  test.skipIf(lacks("git"))(`${heading} (needs git)`, async () => {
    const w = await home();
    // Monitoring has something to look at.
    if (heading.startsWith("With Nagios")) w.create();
    for (const block of blocks) expect(play(w, block)).toMatchObject({ exit: 0 });
    effects[heading]?.(w);
  });
