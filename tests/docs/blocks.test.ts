// Every block of README and docs that holds a rollback command is run: those for a shell as they stand, each in the same small home, those
// with their output in a home of their own where that output comes out. One that can't be run here says why, in a mark above it:
// `<!-- not run: REASON -->`.
import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { type Layout, must, plist, removeTree, type World, world } from "../harness.ts";
import { agentWorld, labelOf } from "../launchctl/stand-in.ts";

const top = join(import.meta.dir, "../..");
/** Of these every block is run by a test of its own. */
const ELSEWHERE = ["recipes.md", "json.md"];
const pages = ["README.md", ...readdirSync(join(top, "docs")).map((name) => `docs/${name}`)].filter(
  (page) => page.endsWith(".md") && !ELSEWHERE.some((name) => page.endsWith(`/${name}`)),
);

const ID = /\b\d{8}_\d{6}\b/g;

interface Block {
  at: string;
  /** Why it is not run; null where it is. */
  mark: string | null;
  /** With its output, as `$ command` and what it prints. */
  isShown: boolean;
  isScript: boolean;
  text: string;
}

const blocks: Block[] = pages.flatMap((page) => {
  const text = readFileSync(join(top, page), "utf8");
  return [...text.matchAll(/(?:^<!-- not run: (.+) -->\n\n?)?^```([a-z]*)\n(.*?)^```$/gms)]
    .map(([, mark = null, language = "", body = ""], index) => ({
      at: `${page}, block ${index + 1}`,
      mark,
      isShown: body.startsWith("$ "),
      isScript: language === "sh" || language === "bash",
      text: body,
    }))
    .filter(({ isShown, isScript, text: body }) => (isShown || isScript) && /(^|[$(&|;] ?)rollback( |$)/m.test(body));
});

/** A job relies on a binary that stays, as far as rollback can tell. */
const stays = mkdtempSync("/var/tmp/rollback-blocks-");
afterAll(() => removeTree(stays));
const stable = join(stays, "rollback");
copyFileSync(binary, stable);

const program = (body = "") => ({ file: `#!/bin/sh\n${body}\n`, mode: 0o755 });
/** Other tools do nothing; rollback notes how it ended. */
const bin: Layout = {
  brew: program(),
  osascript: program(),
  python3: program(),
  rollback: program(`'${stable}' "$@"; code=$?; echo "$code rollback $*" >> "$HOME/ended"; exit $code`),
};

describe("what a shell is told", () => {
  const { w, launchd } = agentWorld(["email-sync", "budget-monitor"], {
    root: {
      ".mcp.json": "{}\n",
      "shared/paths.py": "p\n",
      "migrate.sh": program("echo '# moved' >> shared/paths.py"),
      "move.sh": program(),
      "step-one.sh": program(),
      "rollback.yaml": "version: 1\nconfigs: [.mcp.json, shared/paths.py]\n",
    },
    home: { "acme/.mcp.json": "{}\n", ".google-ads/google-ads.yaml": { file: "developer_token: x\n", mode: 0o600 } },
  });
  const template = realpathSync(mkdtempSync(join(tmpdir(), "rollback-blocks-")));
  afterAll(() => removeTree(template));
  const parts = ["home", "root", "away"];

  let id = "";
  function prepare(): void {
    for (const name of ["email-sync", "budget-monitor"]) launchd.load(labelOf(name), { lastExit: 0 });
    w.put(Object.fromEntries(Object.entries(bin).map(([name, item]) => [`bin/${name}`, item])));
    w.put({
      "home/Library/LaunchAgents/com.acme.sync.plist": plist("com.acme.sync"),
      "away/cloud": { folder: 0o755 },
      "away/USB/rollback": { folder: 0o755 },
      "home/old-snapshots": { folder: 0o755 },
      "root/rollback.yaml": `version: 1\nplists: ["~/Library/LaunchAgents/com.*.plist"]\ncopies:\n  cloud: {to: '${w.away}/cloud'}\n`,
    });
    symlinkSync(w.root, join(w.home, "PetesBrain"));
    w.create("the first");
    must(w.run("key", "new", "--quiet"));
    mkdirSync(join(w.away, "Key"));
    cpSync(join(w.home, ".config/rollback/identity.txt"), join(w.away, "Key/identity.txt"));
    w.put({ "root/shared/paths.py": "edited\n" });
    id = w.create("the second", "auto-daily");
    must(w.run("push", "--all", "cloud"));
    must(w.run("restore", "latest~1", "--force"));
    for (const part of parts) cpSync(w.path(part), join(template, part), { recursive: true, verbatimSymlinks: true });
  }

  function again(): void {
    for (const part of parts) {
      rmSync(w.path(part), { recursive: true });
      cpSync(join(template, part), w.path(part), { recursive: true, verbatimSymlinks: true });
    }
  }

  for (const { at, text } of blocks.filter(({ mark, isScript }) => mark === null && isScript))
    test(at, () => {
      if (id === "") prepare();
      else again();
      // What is made here is there already.
      if (text.includes("rollback key new")) rmSync(join(w.home, ".config/rollback"), { recursive: true });
      if (text.includes("--seal")) rmSync(join(w.store, `${id}.zip.age`));
      const script = text.replaceAll(ID, id).replaceAll("/Volumes", w.away);
      const env = w.environment({ PATH: `${w.base}/bin:/usr/bin:/bin`, ROLLBACK_ROOT: undefined });
      const ran = Bun.spawnSync(["/bin/sh", "-c", script], { cwd: w.root, env, stdin: "ignore" });
      const ended = readFileSync(join(w.home, "ended"), "utf8");
      const failed = ended.split("\n").filter((line) => !line.startsWith("0 ") && line !== "");
      if (failed.length > 0) throw new Error(`${failed.join("\n")}\n${ran.stdout}${ran.stderr}`);
    });
});

/** One page's blocks with their output, played in order: a home that fits, and what happens to it before a command. */
interface Story {
  home: Layout;
  before?: Record<string, (w: World) => void>;
}

const job = (label: string, minute = 0) =>
  plist(
    label,
    `<key>StartCalendarInterval</key><dict><key>Hour</key><integer>3</integer><key>Minute</key><integer>${minute}</integer></dict>`,
  );
const agent = (name: string) => `Library/LaunchAgents/com.petesbrain.${name}.plist`;
const agents = [
  "budget-monitor",
  "daily-intel-report",
  ...Array.from({ length: 68 }, (_, index) => `agent-${index + 2}`),
];
const server = "PetesBrain/infrastructure/mcp-servers";

const STORIES: Record<string, Story> = {
  "docs/tour.md": {
    home: {
      ...Object.fromEntries(agents.map((name) => [agent(name), job(`com.petesbrain.${name}`)])),
      [agent("email-sync")]: job("com.petesbrain.email-sync"),
      "PetesBrain/.mcp.json": JSON.stringify({
        mcpServers: { ga4: { env: { GOOGLE_OAUTH_FILE: "~/keys/ga4-service-account.json" } } },
      }),
      "PetesBrain/shared/secrets.py": "s = 1\n",
      "PetesBrain/shared/paths.py": "p = 1\n",
      [`${server}/gmail/credentials.json`]: "{}\n",
      [`${server}/gmail/gcp-oauth.keys.json`]: "{}\n",
      [`${server}/google-ads/credentials.json`]: "{}\n",
      ".google-ads/google-ads.yaml": { file: "developer_token: x\n", mode: 0o600 },
      ".config/gcloud/application_default_credentials.json": { file: "{}\n", mode: 0o600 },
      "keys/ga4-service-account.json": { file: "{}\n", mode: 0o600 },
    },
    before: {
      "rollback restore 20261122_222816": (w) => {
        rmSync(w.path(`home/${agent("budget-monitor")}`));
        w.put({ [`home/${agent("email-sync")}`]: job("com.petesbrain.email-sync", 30) });
        chmodSync(w.path("home/.google-ads/google-ads.yaml"), 0o644);
      },
    },
  },
  "docs/configuration.md": {
    home: {
      ...Object.fromEntries(
        Array.from({ length: 12 }, (_, index) => [
          `Library/LaunchAgents/com.acme.${index}.plist`,
          plist(`com.acme.${index}`),
        ]),
      ),
      "Library/LaunchAgents/com.google.keystone.agent.plist": plist("com.google.keystone.agent"),
      "acme/.mcp.json": "{}\n",
    },
  },
  "docs/credentials.md": {
    home: { "PetesBrain/.mcp.json": "{}\n" },
    before: { "rollback pack latest --seal": (w) => void start(w, "create", "x") },
  },
  "docs/troubleshooting.md": {
    home: { "PetesBrain/.mcp.json": "{}\n" },
    before: { "rollback restore 20200101": (w) => void start(w, "create", "x") },
  },
};

const start = (w: World, ...words: string[]) =>
  must(w.runWith({ cwd: w.path("home/PetesBrain"), env: { ROLLBACK_ROOT: undefined } }, ...words));

/** What differs from machine to machine and from day to day, made alike: ids by their order, the home, the user's number, keys, sizes. */
function alike(text: string, w: World): string {
  const ids: string[] = [];
  return text
    .replaceAll(w.home, "/Users/alex")
    .replaceAll("/Users/kim", "/Users/alex")
    .replaceAll(ID, (id) => {
      if (!ids.includes(id)) ids.push(id);
      return `[ID${ids.indexOf(id) + 1}]`;
    })
    .replaceAll(/\bgui\/\d+/g, "gui/[UID]")
    .replaceAll(/\bage1[0-9a-z]{58}\b/g, "[RECIPIENT]")
    .replaceAll(/\d+(\.\d)? KiB/g, "[SIZE]")
    .replaceAll(/\b(\d+[smhd] )+ago/g, "[AGE]");
}

/** The lines that are shown in place of what was printed: where a page leaves some out it says how many. */
function cutLike(printed: string[], shown: string[]): string[] {
  const at = shown.findIndex((line) => /^ {2}\[… \d+ more lines …\]$/.test(line));
  if (at === -1) return printed;
  const left = printed.length - (shown.length - 1);
  return [...printed.slice(0, at), `  [… ${left} more lines …]`, ...printed.slice(at + left)];
}

describe("what is shown comes out", () => {
  for (const [page, { home, before = {} }] of Object.entries(STORIES))
    test(page, () => {
      const w = world({ home, bin });
      const env = w.environment({ PATH: `${w.base}/bin:/usr/bin:/bin`, ROLLBACK_ROOT: undefined });
      const root = existsSync(w.path("home/PetesBrain")) ? w.path("home/PetesBrain") : w.home;
      const steps = blocks
        .filter(({ at, mark, isShown }) => isShown && mark === null && at.startsWith(`${page},`))
        .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
        .map((step) => {
          const [command = "", ...shown] = step.trimEnd().split("\n");
          return { command, shown };
        });
      let [printed, told, cwd] = ["", "", root];
      // The ids of a page become those of this run, in the order in which both come up.
      const ids = new Map<string, string>();
      for (const { command, shown } of steps) {
        before[command]?.(w);
        const to = /^cd ~\/(\S+)/.exec(command)?.[1];
        const words = command.replaceAll(ID, (id) => ids.get(id) ?? id);
        const ran = Bun.spawnSync(["/bin/sh", "-c", words], { cwd, env, stdin: "ignore", stderr: "pipe" });
        const lines = `${ran.stdout}${ran.stderr}`.trimEnd().split("\n");
        const come = lines.join("\n").match(ID) ?? [];
        for (const [index, id] of (shown.join("\n").match(ID) ?? []).entries()) ids.set(id, come[index] ?? id);
        if (to !== undefined) cwd = w.path(`home/${to}`);
        told += `$ ${command}\n${shown.join("\n")}\n`;
        printed += `$ ${words}\n${shown.length === 0 ? "" : cutLike(lines, shown).join("\n")}\n`;
      }
      expect(alike(printed, w)).toBe(alike(told, w));
    });

  test("on every page that shows some, or a mark says why not", () => {
    const unplayed = blocks.filter(
      ({ at, isShown, mark }) => isShown && mark === null && STORIES[at.split(",")[0] ?? ""] === undefined,
    );
    expect(unplayed.map(({ at }) => at)).toEqual([]);
  });
});
