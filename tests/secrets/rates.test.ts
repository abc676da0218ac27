// The judge of secrets by its rates: few secrets show in any place, none of the strong ones where the place tells, and harmless edits do.
import { expect, test } from "bun:test";
import { harmlessRate, type Rates, secretRates } from "./measure.ts";

const SEED = 20_251_211;

function percent(rates: Rates, wanted: (name: string) => boolean): number {
  const chosen = Object.entries(rates).filter(([name]) => wanted(name));
  const sum = (of: (rate: Rates[string]) => number) => chosen.reduce((total, [, rate]) => total + of(rate), 0);
  return (100 * sum(({ failed }) => failed)) / sum(({ tried }) => tried);
}

test("secrets of every kind in places of every kind", async () => {
  const rates = await secretRates(1, SEED);
  expect(percent(rates, (name) => name.startsWith("telling") && name.endsWith("strong"))).toBeLessThan(0.1);
  expect(percent(rates, (name) => name.endsWith("strong"))).toBeLessThan(1);
  expect(percent(rates, (name) => name.endsWith("password"))).toBeLessThan(1);
  expect(percent(rates, (name) => name.endsWith("digits"))).toBeLessThan(1);
});

test("harmless edits", async () => {
  const { tried, failed, examples } = await harmlessRate();
  expect([examples, failed / tried < 0.05]).toEqual([examples, true]);
});
