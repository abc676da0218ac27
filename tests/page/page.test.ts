// The page in a real browser: small and large, light and dark, by mouse and by keyboard, without script and without network.
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import type { ContentDiff, FileDiff } from "../../src/comparison.ts";
import type { Cell, Row } from "../../src/diff/matrix.ts";
import type { Kind } from "../../src/model.ts";
import { type Page, renderPage } from "../../src/page/page.ts";
import { needing } from "../crash/tracing.ts";
import { chromiumMissing, openChromium, type Tab } from "./chromium.ts";

const SNAPSHOTS = 200;
const FILES = 100;
function kindOf(row: number): Kind {
  if (row < 80) return "plist";
  return row < 88 ? "config" : "credential";
}
function stateOf(row: number, column: number): Cell {
  if (column === 150) return "unknown";
  if ((row * 7 + column * 3) % 61 === 0) return "changed";
  return row === 99 && column < 50 ? "absent" : "same";
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

/** 200 snapshots of 100 files, with names and texts that would break a page that trusts them. */
function largePage(): Page {
  const rows: Row[] = Array.from({ length: FILES }, (_, row) => ({
    path: `/Users/alex/Library/LaunchAgents/com.acme.agent-${row}${row === 3 ? '"><script>alert(1)</script>' : ""}.plist`,
    name: nameOf(row),
    kind: kindOf(row),
    cells: Array.from({ length: SNAPSHOTS }, (_unused, column) => stateOf(row, column)),
  }));
  const change = (row: Row): FileDiff => ({
    path: row.path,
    name: row.name,
    kind: row.kind,
    change: "modified",
    size: { before: 100, after: 101 },
    mode: { before: 0o644, after: 0o600 },
    link: null,
    mtimeMs: null,
    content: CONTENT[row.kind],
  });
  return {
    madeAt: "2026-06-15T12:00:00.000000Z",
    root: "/Users/alex/PetesBrain",
    health: {
      level: "warning",
      findings: [
        { level: "ok", message: "fine" },
        { level: "warning", message: "broken venvs: <b>x</b>" },
      ],
    },
    rows,
    snapshots: Array.from({ length: SNAPSHOTS }, (_, column) => ({
      id: new Date(Date.UTC(2026, 0, 1, column)).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "_"),
      description:
        column % 9 === 0 ? "<img src=https://example.com/x.png> & “quotes” \u202e" : `Before the change ${column}`,
      category: "auto-daily",
      takenAt: new Date(Date.UTC(2026, 0, 1, column)).toISOString().slice(0, 23),
      status: column === 150 ? ("damaged" as const) : ("ok" as const),
      pinned: column === 7,
      files: FILES,
      git: "main at 1a2b3c4d5",
      changes: rows.filter(({ cells }) => cells[column] === "changed").map(change),
      problems: [],
    })),
  };
}

const missing = chromiumMissing();
const folder = mkdtempSync(join(tmpdir(), "rollback-page-"));
const file = join(folder, "page.html");
const html = renderPage(largePage());
writeFileSync(file, html);
const url = `file://${file}`;
let tab: Tab;
beforeAll(async () => {
  if (missing === undefined) tab = await openChromium();
});
afterAll(async () => {
  if (missing === undefined) await tab.close();
  rmSync(folder, { recursive: true });
});
const AXE = readFileSync(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir), "utf8");

describe("200 snapshots of 100 files", () => {
  needing(undefined, "are a page of less than two megabytes, without script, and with nothing that could load", () => {
    expect(html.length).toBeLessThan(2_000_000);
    expect(html).toContain("default-src 'none'");
    expect(/url\(|@import/i.exec(html)).toBeNull();
    expect(/[\u202e\u0000-\u0009\u000b-\u001f]/.exec(html)).toBeNull();
    const tags = html.match(/<[^>]*>/g) ?? [];
    const bare = new Set(tags.flatMap((tag) => tag.replace(/"[^"]*"/g, "").match(/[\w-]+/g) ?? []));
    for (const word of ["script", "img", "link", "iframe", "form", "object", "src", "srcset", "action", "base"])
      expect(bare).not.toContain(word);
    expect([...bare].filter((word) => word.startsWith("on"))).toEqual([]);
    const links = tags.flatMap((tag) => /href="([^"]*)"/.exec(tag)?.[1] ?? []);
    expect(links.filter((link) => !link.startsWith("#"))).toEqual([]);
  });

  for (const [width, dark] of [
    [375, false],
    [1280, false],
    [375, true],
    [1280, true],
  ] as const)
    needing(
      missing,
      `at ${width} pixels, ${dark ? "dark" : "light"}: nothing overflows, and no rule of accessibility is broken`,
      async () => {
        await tab.open(url, width, dark);
        const seen = await tab.evaluate(
          v.strictObject({ overflow: v.number(), scrolls: v.boolean(), paper: v.string() }),
          `({overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
           scrolls: document.querySelector(".scroll").scrollWidth > document.querySelector(".scroll").clientWidth,
           paper: getComputedStyle(document.body).backgroundColor})`,
        );
        expect(seen).toEqual({ overflow: 0, scrolls: true, paper: dark ? "rgb(23, 24, 26)" : "rgb(253, 252, 250)" });
        // Colours and names are judged where they show: with the newest entries open, and the matrix cut to what a rule can learn from.
        await tab.evaluate(
          v.unknown(),
          `for (const d of [...document.querySelectorAll("li details")].slice(0, 3)) d.open = true;
         for (const r of [...document.querySelectorAll("tbody tr")].slice(12)) r.remove();
         for (const l of [...document.querySelectorAll("li[id]")].slice(6)) l.remove();`,
        );
        await tab.evaluate(v.unknown(), `${AXE}; 0`);
        const broken = await tab.evaluate(
          v.array(v.strictObject({ id: v.string(), where: v.string() })),
          `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).then(({violations}) =>
           violations.map(({id, nodes}) => ({id, where: nodes[0].html.slice(0, 200)})))`,
        );
        expect(broken).toEqual([]);
      },
    );

  needing(missing, "a click on a change opens it in the timeline", async () => {
    await tab.open(url, 1280);
    const shown = `(() => { const a = document.querySelector("#c199-17, article"); return a.checkVisibility(); })()`;
    expect(await tab.evaluate(v.boolean(), shown)).toBe(false);
    await tab.click("td.changed a");
    const target = await tab.evaluate(
      v.strictObject({ visible: v.boolean(), inView: v.boolean(), text: v.string() }),
      `(async () => { for (const _ of "12") await new Promise(requestAnimationFrame);
         const a = document.querySelector(":target"); const r = a.getBoundingClientRect();
         return {visible: a.checkVisibility(), inView: r.top >= 0 && r.top < innerHeight, text: a.innerText}; })()`,
    );
    expect(target).toMatchObject({ visible: true, inView: true });
    expect(target.text).toContain("03:00 → 03:30 daily");
    expect(target.text).toContain("EnvironmentVariables.TOKEN: changed, not shown");
  });

  needing(missing, "by keyboard alone: first past the matrix, then through it", async () => {
    await tab.open(url, 1280);
    const focused = () =>
      tab.evaluate(
        v.string(),
        `(e => e.className || e.tagName + (e.getAttribute("href") ?? ""))(document.activeElement)`,
      );
    const order: string[] = [];
    for (let step = 0; step < 4; step++) {
      await tab.press("Tab");
      order.push(await focused());
    }
    expect(order).toEqual(["skip", "SUMMARY", "scroll", "A#s199"]);
    await tab.evaluate(v.unknown(), `document.querySelector("td.changed a").focus()`);
    await tab.press("Enter");
    expect(await tab.evaluate(v.boolean(), `document.querySelector(":target").checkVisibility()`)).toBe(true);
  });

  needing(missing, "on paper the closed entries are there, too", async () => {
    await tab.open(url, 1280);
    const shown = `[...document.querySelectorAll("article")].map((a) => a.checkVisibility() && a.offsetHeight > 0)`;
    expect(new Set(await tab.evaluate(v.array(v.boolean()), shown))).toEqual(new Set([false]));
    await tab.print();
    expect(new Set(await tab.evaluate(v.array(v.boolean()), shown))).toEqual(new Set([true]));
  });

  needing(missing, "nothing but the page itself is asked for, and nothing is complained about", async () => {
    await tab.open(url, 1280);
    expect([...new Set(tab.requests)].filter((address) => address !== "about:blank")).toEqual([url]);
    expect(tab.complaints).toEqual([]);
  });
});
