import { expect, test } from "bun:test";
import { verdict } from "../../src/page/answer.ts";
import type { Level, Need, Tile } from "../../src/page/model.ts";
import { snapshot } from "./pages.ts";

const kept = [snapshot("20260615_110000")];
const tile = (level: Tile["level"]): Tile => ({ label: "Agents", level, value: "71", unit: "up", note: "" });
const need = (level: Level): Need => ({ level, message: "it is down", command: null, path: null });

test("all is well only where every tile was looked at", () => {
  const said = (level: Tile["level"]) => verdict({ snapshots: kept, needs: [], tiles: [tile("ok"), tile(level)] });
  expect(said("ok")).toEqual({ level: "ok", title: "All is well" });
  expect(said("unknown")).toEqual({ level: "ok", title: "Nothing wrong was found" });
});

test("what needs somebody is counted, and the worst of it colours the band", () => {
  const said = (...levels: Level[]) => verdict({ snapshots: kept, needs: levels.map(need), tiles: [] });
  expect(said("warning")).toEqual({ level: "warning", title: "One thing needs you" });
  expect(said("warning", "critical")).toEqual({ level: "critical", title: "2 things need you" });
});

test("without a snapshot nothing is kept, whatever else is fine", () => {
  expect(verdict({ snapshots: [], needs: [], tiles: [tile("ok")] }).title).toBe("Nothing is kept yet");
});
