// The page in a real browser: small and large, light and dark, by mouse and by keyboard, with its script and without network.
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { renderPage } from "../../src/page/page.ts";
import { needing } from "../crash/tracing.ts";
import { chromiumMissing, openChromium, type Tab } from "./chromium.ts";
import { largePage, page, smallPage } from "./pages.ts";

const missing = chromiumMissing();
const folder = mkdtempSync(join(tmpdir(), "rollback-page-"));
const file = join(folder, "page.html");
const html = renderPage(largePage());
writeFileSync(file, html);
const url = `file://${file}`;
const small = join(folder, "small.html");
writeFileSync(small, renderPage(smallPage()));
const empty = join(folder, "empty.html");
writeFileSync(empty, renderPage(page()));
let tab: Tab;
beforeAll(async () => {
  if (missing === undefined) tab = await openChromium();
});
afterAll(async () => {
  if (missing === undefined) await tab.close();
  rmSync(folder, { recursive: true });
});
const AXE = readFileSync(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir), "utf8");

const broken = () =>
  tab.evaluate(
    v.array(v.strictObject({ id: v.string(), where: v.string() })),
    `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).then(({violations}) =>
       violations.map(({id, nodes}) => ({id, where: nodes[0].html.slice(0, 200)})))`,
  );
const overflow = () =>
  tab.evaluate(v.number(), "document.documentElement.scrollWidth - document.documentElement.clientWidth");

describe("200 snapshots of 100 files", () => {
  needing(undefined, "are a page of less than 500 KB with nothing that could load, and no script but its own", () => {
    expect(Buffer.byteLength(html)).toBeLessThan(500_000);
    const [, style = "", before = "", script = ""] =
      /<style>(.*?)<\/style>(.*)<script>(.*?)<\/script>/s.exec(html) ?? [];
    expect(html.match(/<script|<style/g)).toEqual(["<style", "<script"]);
    const hash = (text: string) => `'sha256-${new Bun.CryptoHasher("sha256").update(text).digest("base64")}'`;
    expect(html).toContain(
      `content="default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'"`,
    );
    expect(/url\(|@import/i.exec(html)).toBeNull();
    expect(/fetch\(|XMLHttp|import\(|eval|innerHTML|localStorage|https?:/.exec(script)).toBeNull();
    expect(/[\u202e\u0000-\u0009\u000b-\u001f]/.exec(html)).toBeNull();
    const tags = before.match(/<[^>]*>/g) ?? [];
    const bare = new Set(tags.flatMap((tag) => tag.replace(/"[^"]*"/g, "").match(/[\w-]+/g) ?? []));
    for (const word of [
      "script",
      "img",
      "link",
      "iframe",
      "form",
      "object",
      "src",
      "srcset",
      "action",
      "base",
      "style",
    ])
      expect(bare).not.toContain(word);
    expect([...bare].filter((word) => word.startsWith("on"))).toEqual([]);
    const links = tags.flatMap((tag) => /href="([^"]*)"/.exec(tag)?.[1] ?? []);
    expect(links.filter((link) => !link.startsWith("#"))).toEqual([]);
    // Every link leads somewhere, and nothing but what the script fills is hidden.
    const ids = new Set(tags.flatMap((tag) => / id="([^"]*)"/.exec(tag)?.[1] ?? []));
    expect(links.filter((link) => !ids.has(link.slice(1)))).toEqual([]);
    expect(tags.filter((tag) => /\shidden/.test(tag)).map((tag) => /class="(\w+)"/.exec(tag)?.[1])).toEqual([
      "search",
      "found",
      "toast",
    ]);
  });

  for (const [width, dark] of [
    [390, false],
    [1440, false],
    [390, true],
    [1440, true],
  ] as const)
    needing(
      missing,
      `at ${width} pixels, ${dark ? "dark" : "light"}: nothing overflows, and no rule of accessibility is broken`,
      async () => {
        await tab.open(url, width, dark);
        const seen = await tab.evaluate(
          v.strictObject({ scrolls: v.boolean(), name: v.number(), paper: v.string() }),
          `({scrolls: document.querySelector(".scroll").scrollWidth > document.querySelector(".scroll").clientWidth,
           name: document.querySelector(".matrix tbody th").getBoundingClientRect().left,
           paper: getComputedStyle(document.body).backgroundColor})`,
        );
        const paper = dark ? "rgb(15, 18, 21)" : "rgb(251, 252, 253)";
        // On a phone the names stay while the time scrolls.
        expect(seen).toEqual({ scrolls: width < 600, name: width < 600 ? 15 : expect.any(Number), paper });
        expect(await overflow()).toBe(0);
        // Colours and names are judged where they show: on a page with one of everything, all unfolded.
        await tab.open(`file://${small}`, width, dark);
        await tab.evaluate(v.unknown(), `for (const d of document.querySelectorAll("details")) d.open = true;`);
        await tab.evaluate(v.unknown(), `${AXE}; 0`);
        expect(await broken()).toEqual([]);
      },
    );

  needing(missing, "a click on a change opens it in the timeline, also in a month that is folded", async () => {
    await tab.open(url, 1440);
    await tab.click(".matrix .lane:not(.bars) a:first-of-type");
    const target = await tab.evaluate(
      v.strictObject({ visible: v.boolean(), inView: v.boolean(), text: v.string() }),
      `(async () => { for (let n = 0; n < 200 && !document.querySelector(":target")?.checkVisibility(); n++) await new Promise(requestAnimationFrame);
         const a = document.querySelector(":target"); a.scrollIntoView({behavior: "instant", block: "nearest"}); const r = a.getBoundingClientRect();
         return {visible: a.checkVisibility(), inView: r.top >= 0 && r.top < innerHeight, text: a.innerText}; })()`,
    );
    expect(target).toMatchObject({ visible: true, inView: true });
    expect(target.text).toContain("03:00 → 03:30 daily");
    expect(target.text).toContain("EnvironmentVariables.TOKEN changed, not shown");
  });

  needing(missing, "by keyboard alone: past the answer, and through one category", async () => {
    await tab.open(url, 1440);
    const focused = () =>
      tab.evaluate(
        v.string(),
        `(e => e.className || e.id || e.tagName + (e.getAttribute("href") ?? ""))(document.activeElement)`,
      );
    await tab.press("Tab");
    expect(await focused()).toBe("skip");
    await tab.press("Enter");
    expect(await focused()).toBe("main");
    await tab.press("Tab");
    expect(await focused()).toBe("k-all");
    await tab.evaluate(v.unknown(), `document.getElementById("k-k1").click()`);
    const shown = `[...new Set([...document.querySelectorAll(".entry")].filter((e) => e.checkVisibility()).map((e) => e.classList[1]))]`;
    expect(await tab.evaluate(v.array(v.string()), shown)).toEqual(["k1"]);
  });

  needing(
    missing,
    "the search leaves the entries and rows with all its words; a command is a button that copies it",
    async () => {
      await tab.open(url, 1440);
      const found = await tab.evaluate(
        v.strictObject({ said: v.string(), entries: v.array(v.string()), rows: v.number() }),
        `(() => { const i = document.querySelector(".search input"); i.value = "change 197"; i.dispatchEvent(new Event("input"));
         return {said: document.querySelector(".found").textContent,
                 entries: [...document.querySelectorAll(".entry")].filter((e) => e.checkVisibility()).map((e) => e.querySelector("h3").textContent),
                 rows: [...document.querySelectorAll(".matrix tbody:not(.all) tr:not(.group)")].filter((e) => e.checkVisibility()).length}; })()`,
      );
      expect(found).toEqual({ said: "1 entry with “change 197”", entries: ["Before the change 197"], rows: 0 });
      await tab.open(url, 1440);
      await tab.click(".cmds button.cmd");
      const said = await tab.evaluate(
        v.string(),
        `(async () => { const t = document.querySelector(".toast"); for (let n = 0; n < 200 && t.hidden; n++) await new Promise(requestAnimationFrame); return t.textContent; })()`,
      );
      expect(said).toMatch(/^(Copied: rollback diff \d{8}_\d{6}|Marked: copy it by hand)$/);
    },
  );

  needing(missing, "on paper what is folded is there, too", async () => {
    await tab.open(url, 1440);
    const shown = `[...document.querySelectorAll("details.month .entry h3")].map((a) => a.checkVisibility() && a.getClientRects().length > 0)`;
    expect(new Set(await tab.evaluate(v.array(v.boolean()), shown))).toEqual(new Set([false]));
    await tab.print();
    expect(new Set(await tab.evaluate(v.array(v.boolean()), shown))).toEqual(new Set([true]));
  });

  needing(missing, "nothing but the page itself is asked for, and nothing is complained about", async () => {
    tab.requests.length = 0;
    tab.complaints.length = 0;
    await tab.open(url, 1440);
    expect([...new Set(tab.requests)]).toEqual([url]);
    expect(tab.complaints).toEqual([]);
  });
});

needing(missing, "before the first snapshot it says how to begin, accessible and within a phone", async () => {
  await tab.open(`file://${empty}`, 390);
  expect(await overflow()).toBe(0);
  expect(await tab.evaluate(v.string(), `document.querySelector("h1").innerText`)).toBe("Nothing is kept yet");
  await tab.evaluate(v.unknown(), `${AXE}; 0`);
  expect(await broken()).toEqual([]);
});
