// The moving picture of the README: a migration breaks a home, and rollback puts it back; every screen is what the binary wrote to a
// pseudo-terminal. `bun run pictures` writes docs/pictures; without that the story is played and looked at.
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { type Layout, lacks, type World } from "../harness.ts";
import { agentPath, agentPlist, agentWorld, type Launchd, labelOf } from "../launchctl/stand-in.ts";
import { programInTerminal } from "../pty.ts";
import { type Frame, moving, openScreen, type Screen, still, wordsOf } from "./screen.ts";

const folder = join(import.meta.dir, "../../docs/pictures");
const COLUMNS = 84;
/** The pictures that stand in a page, and what each shows. */
const TITLES = {
  story:
    "A migration breaks a home; rollback shows it, diff says what differs, restore puts it back, undo is the way back",
  status: "The status screen when something is broken",
  undo: "The preview of an undo",
};
const LARGEST = 1_000_000;
const TYPED_MS = 45;
const PROMPT = "\u001b[32m~/PetesBrain\u001b[0m $ ";

const agents = [
  ...["email-sync", "budget-monitor", "daily-intel-report", "weekly-report"],
  ...Array.from({ length: 67 }, (_, index) => `agent-${index + 1}`),
];
const SYNC = labelOf("email-sync");
const BUDGET = labelOf("budget-monitor");
const every = (seconds: number) => `<key>StartInterval</key><integer>${seconds}</integer>`;
const mcp = (port: number) => `${JSON.stringify({ mcpServers: { intel: { command: "node", port } } }, null, 2)}\n`;

const files: Layout = {
  "PetesBrain/.mcp.json": mcp(8080),
  "PetesBrain/shared/paths.py": 'ROOT = "~/PetesBrain"\n',
  "PetesBrain/shared/secrets.py": { file: "import os\n", mode: 0o600 },
  ".google-ads/google-ads.yaml": { file: "developer_token: made-up\n", mode: 0o600 },
  "PetesBrain/migrate.sh": {
    file: `#!/bin/sh
sed -i.old 's/8080/9090/' .mcp.json && rm .mcp.json.old
sed -i.old 's/<integer>900</<integer>60</' ~/Library/LaunchAgents/${SYNC}.plist && rm ~/Library/LaunchAgents/${SYNC}.plist.old
rm ~/Library/LaunchAgents/${BUDGET}.plist
echo 'Migrated 41 agents.'
`,
    mode: 0o755,
  },
};

/** What is typed, how long its end is looked at, and the name of its still. */
const STORY: { typed: string; ms: number; still?: string; causes?: (launchd: Launchd) => void }[] = [
  { typed: 'rollback create "Before the migration"', ms: 2000 },
  {
    typed: "./migrate.sh",
    ms: 1000,
    causes(launchd) {
      launchd.load(SYNC, { lastExit: 78 });
      launchd.unload(BUDGET);
    },
  },
  { typed: "rollback", ms: 3500, still: "status" },
  { typed: "rollback diff latest", ms: 3000, still: "diff" },
  { typed: "rollback restore latest --force --reload", ms: 3500, still: "restore" },
  { typed: "rollback", ms: 2500 },
  { typed: "rollback undo", ms: 3500, still: "undo" },
];

async function play(w: World, launchd: Launchd): Promise<{ frames: Frame[]; stills: Map<string, Screen> }> {
  const screen = openScreen(COLUMNS, 40);
  const [frames, stills] = [[] as Frame[], new Map<string, Screen>()];
  for (const { typed, ms, still: name, causes } of STORY) {
    screen.clear();
    await screen.write(PROMPT);
    for (const letters of typed.match(/.{1,3}/g) ?? []) {
      await screen.write(letters);
      frames.push({ screen: screen.look(), ms: TYPED_MS * letters.length });
    }
    const ran = await programInTerminal(
      w,
      {
        columns: COLUMNS,
        cwd: w.path("home/PetesBrain"),
        env: { ROLLBACK_ROOT: undefined, PATH: `${w.base}/bin:/usr/bin:/bin` },
      },
      ["/bin/sh", "-c", typed.replace(/^rollback/, `'${binary}'`)],
    );
    expect([typed, ran.exit]).toEqual([typed, 0]);
    causes?.(launchd);
    await screen.write(`\n${ran.raw}`);
    frames.push({ screen: screen.look(), ms });
    if (name !== undefined) stills.set(name, screen.look());
  }
  return { frames, stills };
}

test.skipIf(lacks("sed"))("the story comes out as it is told, small enough and safe to show", async () => {
  const { w, launchd } = agentWorld([], { home: files });
  for (const name of agents) {
    w.put({ [agentPath(labelOf(name))]: agentPlist(labelOf(name), every(900)) });
    launchd.load(labelOf(name), { lastExit: 0 });
  }
  launchd.slowness(0, 0);
  const { frames, stills } = await play(w, launchd);
  const shown = (name: string) => wordsOf(stills.get(name) ?? []);
  expect(shown("status")).toMatch(/Files +3 of 75 differ: 2 modified, 1 gone/);
  expect(shown("status")).toMatch(/Agents +1 failed, 69 fine/);
  expect(shown("diff")).toContain("3 files differ");
  expect(shown("restore")).toContain("Restored 3 files");
  expect(shown("undo")).toContain("rollback undo 3 --force");
  const pictures: Record<string, string> = {
    "story.svg": moving(TITLES.story, frames, COLUMNS),
    "status.svg": still(TITLES.status, stills.get("status") ?? [], COLUMNS),
    "undo.svg": still(TITLES.undo, stills.get("undo") ?? [], COLUMNS),
  };
  for (const [name, text] of Object.entries(pictures)) {
    expect(text).not.toContain(w.base);
    expect([name, text.length < LARGEST]).toEqual([name, true]);
  }
  if (process.env.ROLLBACK_PICTURES !== "1") return;
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(pictures)) writeFileSync(join(folder, name), text);
});
