// Pages from literals: one of 200 snapshots of 100 files, with names and texts that would break a page that trusts them.
import type { ContentDiff, FileDiff } from "../../src/comparison.ts";
import type { Kind } from "../../src/model.ts";
import type { Change, Page, PageFile, PageSnapshot } from "../../src/page/model.ts";

function kindOf(row: number): Kind {
  if (row < 80) return "plist";
  return row < 88 ? "config" : "credential";
}
function nameOf(row: number): string {
  if (row === 3) return '"><script>alert(1)</script>';
  return row === 4 ? "a".repeat(200) : `com.acme.agent-${row}.plist`;
}

const CONTENT: Record<Kind, ContentDiff> = {
  credential: { type: "sizes", why: "secret" },
  config: {
    type: "lines",
    hunks: [{ header: "@@ -1,2 +1,2 @@", lines: [" same", "-old </pre>", `+${"long ".repeat(80)}`] }],
    added: 1,
    removed: 1,
  },
  plist: {
    type: "keys",
    format: "plist",
    changes: [
      {
        path: ["StartCalendarInterval"],
        change: "modified",
        before: "3",
        after: "4",
        hidden: false,
        words: "03:00 → 03:30 daily",
      },
      {
        path: ["EnvironmentVariables", "TOKEN"],
        change: "modified",
        before: null,
        after: null,
        hidden: true,
        words: null,
      },
    ],
  },
};

export function changeOf({ path, name, kind }: PageFile): Change {
  const size = { before: 100, after: 101 };
  const mode = { before: 0o644, after: 0o600 };
  const content = CONTENT[kind];
  const diff: FileDiff = { path, name, kind, change: "modified", size, mode, link: null, mtimeMs: null, content };
  return { path, name, kind, change: "changed", diff };
}

/** An id so many hours after New Year of 2026. */
export const idAt = (hours: number): string =>
  new Date(Date.UTC(2026, 0, 1, hours)).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "_");

export const snapshot = (id: string, more: Partial<PageSnapshot> = {}): PageSnapshot => ({
  id,
  description: "Before the change",
  category: "manual",
  status: "ok",
  pinned: false,
  files: 3,
  git: null,
  skipped: [],
  changes: [],
  problems: [],
  undo: null,
  ...more,
});

export const page = (more: Partial<Page> = {}): Page => ({
  madeAt: { id: "20260615_120000", utc: "2026-06-15T12:00:00.000000Z" },
  root: "~/PetesBrain",
  tool: "rollback 0.1.0",
  places: "",
  facts: [["Machine", "mira"]],
  tiles: [],
  needs: [],
  checks: ["the audit trail is unbroken"],
  snapshots: [],
  files: [],
  agents: [],
  ...more,
});

export function largePage(): Page {
  const files = Array.from({ length: 100 }, (_, row) => ({
    path: `/Users/alex/Library/LaunchAgents/com.acme.agent-${row}${row === 3 ? '"><script>alert(1)</script>' : ""}.plist`,
    name: nameOf(row),
    kind: kindOf(row),
  }));
  const categories = ["auto-daily", "manual", "hotfix", "agent-update", "pre-phase-4", "<i>odd</i>", "seventh"];
  return page({
    needs: [
      {
        level: "critical",
        message: 'com.acme.agent-7 ended with 78 <b title="x">',
        command: "rollback agents",
        path: files[7]?.path ?? null,
      },
      { level: "warning", message: "broken venvs: a", command: "rollback venv repair", path: null },
    ],
    tiles: [
      { label: "Agents", level: "critical", value: "79", unit: "up, 1 down", note: "com.acme.agent-7" },
      { label: "Last copy", level: "warning", value: "40 days", unit: "ago", note: "nas" },
      { label: "Restore drill", level: "unknown", value: "None", unit: "yet", note: "nobody knows" },
      { label: "Configs", level: "ok", value: "8", unit: "of 8 there", note: "as in the last snapshot" },
    ],
    files,
    agents: files.slice(0, 80).map(({ path, name }, row) => ({
      path,
      name,
      at: row % 3 === 0 ? [] : [{ hour: row % 24, minute: row % 60, on: row % 7 === 0 ? "Mon" : "" }],
      otherwise: row % 3 === 0 ? ["every 15 min"] : [],
      down: row === 7 ? "ended with 78" : null,
    })),
    snapshots: Array.from({ length: 200 }, (_, column) =>
      snapshot(idAt(column * 12), {
        description:
          column % 9 === 0 ? "<img src=https://example.com/x.png> & “quotes” \u202e" : `Before the change ${column}`,
        category: categories[column % categories.length] ?? null,
        status: column === 150 ? "damaged" : "ok",
        pinned: column === 7,
        files: files.length,
        git: column % 3 === 0 ? "main at 1a2b3c4d5" : null,
        undo: column === 199 ? "restore" : null,
        changes: files.filter((_file, row) => (row * 7 + column * 3) % 61 === 0).map(changeOf),
      }),
    ),
  });
}

/** The newest end of it, with a few files of each kind. */
export function smallPage(): Page {
  const large = largePage();
  const files = large.files.filter((_, row) => row % 11 < 2);
  const kept = new Set(files.map(({ path }) => path));
  return {
    ...large,
    files,
    agents: large.agents.filter(({ path }) => kept.has(path) || path.includes("agent-7.")),
    snapshots: large.snapshots.slice(-16),
  };
}
