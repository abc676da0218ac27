// Measures the judge of secrets: how often secrets of many kinds show in places of many kinds, and how often a harmless edit is hidden.
// `bun run secrets [HOW MANY]` prints the rates by kind of place, with the first examples; rates.test.ts holds them.
import type { FileDiff } from "../../src/comparison.ts";
import { compareBytes } from "../../src/diff/compare.ts";
import { changeHtml } from "../../src/page/change.ts";
import { toJson, toText } from "../../src/render/faces.ts";
import { HARMLESS } from "./harmless.ts";
import { PLACES, type Place, type Planted } from "./places.ts";
import { type Draw, draw, NUMBERS, oneOf, STRONG, WEAK } from "./tokens.ts";

export interface Rate {
  tried: number;
  failed: number;
  examples: string[];
}
export type Rates = Record<string, Rate>;

/** All faces of one file's change. */
export async function facesOf(before: Planted, after: Planted): Promise<string> {
  const { path, kind } = after;
  const [old, now] = [before, after].map(({ text }) => new TextEncoder().encode(text));
  if (old === undefined || now === undefined) throw new Error("two texts are compared");
  const content = await compareBytes({ path, kind }, old, now);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const size = { before: old.length, after: now.length };
  const file: FileDiff = { path, name, kind, change: "modified", size, mode: null, link: null, mtimeMs: null, content };
  const side = { id: "20251211_143600", description: "before" };
  const comparison = {
    before: side,
    after: { id: null, description: null },
    files: [file],
    unchanged: 0,
    problems: [],
  };
  const outcome = { command: "diff" as const, exit: 0, comparison, stat: false, hunks: true };
  const text = await toText(outcome, false, (_, plain) => plain);
  return [
    text,
    JSON.stringify(await toJson(outcome)),
    changeHtml({ ...file, change: "changed", diff: file }, file.name, "c0-0"),
  ].join("\n");
}

/** A part of a secret that nobody meets by chance, where one shows. */
export function partShown(secret: string, shown: string): string | null {
  const length = Math.min(secret.length, 8);
  for (let at = 0; at + length <= secret.length; at++) {
    const part = secret.slice(at, at + length);
    if (!/^\d{1,4}$/.test(part) && shown.includes(part)) return part;
  }
  return null;
}

const KINDS = { strong: STRONG, password: WEAK, digits: NUMBERS };

function note(rates: Rates, name: string, failure: string | null): void {
  rates[name] ??= { tried: 0, failed: 0, examples: [] };
  const rate = rates[name];
  rate.tried++;
  if (failure === null) return;
  rate.failed++;
  if (rate.examples.length < 400) rate.examples.push(failure);
}

/** Each place with every kind of secret, `rounds` times: as the old value, the new one, and one that stays beside a change. */
export async function secretRates(rounds: number, seed: number): Promise<Rates> {
  const random = draw(seed);
  const rates: Rates = {};
  for (let round = 0; round < rounds; round++)
    for (const [index, place] of PLACES.entries())
      for (const [sort, kinds] of Object.entries(KINDS)) {
        if (sort !== "strong" && !place.telling) continue;
        for (const [kind, make] of Object.entries(kinds)) {
          // A folder that an app made is no secret.
          if (kind === "UUID" && place.group === "a path") continue;
          const pair = { old: make(random), now: make(random) };
          await tryPair(rates, random, place, { sort, kind: `${kind} in place ${index}` }, pair);
        }
      }
  return rates;
}

async function tryPair(
  rates: Rates,
  random: Draw,
  place: Place,
  { sort, kind }: { sort: string; kind: string },
  { old, now }: { old: string; now: string },
): Promise<void> {
  const stays = oneOf(random, [false, false, true]);
  const [before, after] = [place.plant(old), place.plant(stays ? old : now)];
  if (stays) {
    before.text = `${before.text.startsWith("{") ? " " : ""}${before.text}`;
    if (!/\.(plist|json)$/.test(after.path)) after.text = `${after.text}zebra: 1\n`;
  }
  const shown = await facesOf(before, after);
  const group = `${place.telling ? "telling" : "any"} · ${place.group} · ${sort}`;
  for (const secret of stays ? [old] : [old, now]) {
    const part = partShown(secret, shown);
    const short = shown.split("\n").find((line) => part !== null && line.includes(part));
    note(rates, group, part === null ? null : `${kind}: ${secret} in ${short?.slice(0, 160)}`);
  }
}

/** Every harmless edit once. */
export async function harmlessRate(): Promise<Rate> {
  const rates: Rates = {};
  for (const { old, now, plant } of HARMLESS) {
    const [before, after] = [plant(old), plant(now)];
    const content = JSON.stringify(
      await compareBytes(after, new TextEncoder().encode(before.text), new TextEncoder().encode(after.text)),
    );
    const hidden = content.includes("‹hidden›") || content.includes('"hidden":true') || content.includes("not shown");
    note(rates, "harmless", hidden ? `${old} → ${now}: ${content.slice(0, 300)}` : null);
  }
  return rates.harmless ?? { tried: 0, failed: 0, examples: [] };
}

if (import.meta.main) {
  const rounds = Number(process.argv[2] ?? 5);
  const examples = Number(process.argv[3] ?? 2);
  const rates = { ...(await secretRates(rounds, Date.now() % 2 ** 31)), harmless: await harmlessRate() };
  for (const [name, rate] of Object.entries(rates).sort()) {
    const percent = ((100 * rate.failed) / rate.tried).toFixed(2);
    console.log(`${percent.padStart(6)} %  ${name}  (${rate.failed} of ${rate.tried})`);
    const seen = new Set<string>();
    for (const example of rate.examples) {
      const where = /in place \d+/.exec(example)?.[0] ?? example;
      if (seen.has(where) || seen.size >= examples) continue;
      seen.add(where);
      console.log(`            ${example}`);
    }
  }
}
