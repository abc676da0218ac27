import type { ReloadOutcome, Reloads } from "../tasks/reload.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const reload: Face<ReloadOutcome> = {
  quiet: ({ agents }) => agents.filter(({ result }) => result === "failed").map(({ label }) => printable(label)),
  text: (outcome) => reloadLines(outcome),
  json: ({ agents, byHand }) => ({ agents, by_hand: byHand }),
};

/** What became of each agent. */
export function reloadLines({ agents, byHand }: Reloads): string[] {
  const typed = byHand.length === 0 ? [] : ["🔄 Reload them by hand:", ...byHand.map((line) => `   ${line}`)];
  if (agents.length === 0 && typed.length > 0) return typed;
  if (agents.length === 0) return ["✅ No agent to reload"];
  const failed = agents.filter(({ result }) => result === "failed").length;
  return [
    ...agents.map(({ label, result, reason }) =>
      result === "failed" ? `❌ ${printable(label)}: ${printable(reason ?? "")}` : `✓ ${printable(label)}: ${result}`,
    ),
    failed === 0
      ? `✅ ${agents.length === 1 ? "1 agent is" : `${agents.length} agents are`} in the recorded state`
      : `❌ ${failed} of ${agents.length} did not come up`,
    ...typed,
  ];
}
