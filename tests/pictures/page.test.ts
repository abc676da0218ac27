// The page of `report` as a picture: on a desktop and on a phone, light and dark. `bun run pictures` writes docs/pictures.
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import type { Page, PageFile } from "../../src/page/model.ts";
import { renderPage } from "../../src/page/page.ts";
import { chromiumMissing, openChromium } from "../page/chromium.ts";
import { changeOf, idAt, page, snapshot } from "../page/pages.ts";

const folder = join(import.meta.dir, "../../docs/pictures");
const LARGEST = 200_000;
const [DESKTOP, PHONE] = [1440, 390];

const AGENTS = ["budget-monitor", "daily-intel-report", "email-sync", "inbox", "invoice-reader", "weekly-report"];
const plist = (name: string): PageFile => ({
  path: `/Users/alex/Library/LaunchAgents/com.petesbrain.${name}.plist`,
  name: `com.petesbrain.${name}.plist`,
  kind: "plist",
});
const files: PageFile[] = [
  ...AGENTS.map(plist),
  { path: "/Users/alex/PetesBrain/.mcp.json", name: ".mcp.json", kind: "config" },
  { path: "/Users/alex/PetesBrain/shared/paths.py", name: "paths.py", kind: "config" },
  { path: "/Users/alex/.google-ads/google-ads.yaml", name: "~/.google-ads/google-ads.yaml", kind: "credential" },
];
const TOLD = [
  ["Before Phase 4 migration", "pre-phase-4"],
  ["Daily", "auto-daily"],
  ["Hotfix: inbox runs again", "hotfix"],
  ["New schedule for email-sync", "agent-update"],
];

/** Forty days of a project that end now, with one agent down. */
function fortyDays(): Page {
  const hours = Math.floor((Date.now() - Date.UTC(2026, 0, 1)) / 3_600_000);
  return page({
    madeAt: { id: idAt(hours), utc: new Date().toISOString() },
    needs: [
      {
        level: "critical",
        message: "email-sync ended with 78",
        command: "rollback agents",
        path: plist("email-sync").path,
      },
    ],
    tiles: [
      { label: "Agents", level: "critical", value: "70", unit: "up, 1 down", note: "email-sync" },
      { label: "Configs", level: "ok", value: "3", unit: "of 3 there", note: "as in the last snapshot" },
      { label: "Credentials", level: "ok", value: "9", unit: "of 9 there", note: "none in git" },
      { label: "Last snapshot", level: "ok", value: "4 h", unit: "ago", note: "complete" },
      { label: "Last copy", level: "ok", value: "8 h", unit: "ago", note: "cloud" },
      { label: "Restore drill", level: "warning", value: "40 days", unit: "ago", note: "passed" },
    ],
    facts: [["Machine", "studio"]],
    files,
    agents: AGENTS.map((name, row) => ({
      ...plist(name),
      at: row % 2 === 0 ? [{ hour: 3 + 4 * row, minute: 30, on: row === 4 ? "Mon" : "" }] : [],
      otherwise: row % 2 === 0 ? [] : ["every 15 min"],
      down: name === "email-sync" ? "ended with 78" : null,
    })),
    snapshots: Array.from({ length: 40 }, (_, column) => {
      const [description = "", category = ""] = TOLD[(column * 7) % TOLD.length] ?? [];
      const changes = files.filter((_file, row) => (row * 5 + column * 3) % 13 === 0).map(changeOf);
      return snapshot(idAt(hours - 4 - 24 * (39 - column) - (column % 5)), {
        description,
        category,
        files: 84,
        changes,
      });
    }),
  });
}

const missing = chromiumMissing();
test.skipIf(missing !== undefined)(
  `the page has a picture for each window and light (${missing ?? "with chromium"})`,
  async () => {
    const place = mkdtempSync(join(tmpdir(), "rollback-pictures-"));
    const tab = await openChromium();
    const pictures = new Map<string, Uint8Array>();
    try {
      const file = join(place, "page.html");
      writeFileSync(file, renderPage(fortyDays()));
      for (const width of [DESKTOP, PHONE])
        for (const light of ["light", "dark"]) {
          await tab.open(`file://${file}`, width, light === "dark");
          expect(await tab.evaluate(v.number(), "innerWidth")).toBe(width);
          pictures.set(`page-${width === PHONE ? "phone-" : ""}${light}.webp`, await tab.picture());
        }
    } finally {
      await tab.close();
      rmSync(place, { recursive: true });
    }
    for (const [name, bytes] of pictures) {
      expect([name, Buffer.from(bytes).toString("latin1", 8, 12)]).toEqual([name, "WEBP"]);
      expect([name, bytes.length < LARGEST]).toEqual([name, true]);
    }
    if (process.env.ROLLBACK_PICTURES !== "1") return;
    mkdirSync(folder, { recursive: true });
    for (const [name, bytes] of pictures) writeFileSync(join(folder, name), bytes);
  },
);
