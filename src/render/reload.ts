import type { ReloadOutcome, Reloads } from "../tasks/reload.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const reload: Face<ReloadOutcome> = {
  quiet: ({ agents }) => agents.filter(isBad).map(({ label }) => printable(label)),
  text: (outcome) => reloadLines(outcome),
  json: (outcome) => ({ agents: toldAgents(outcome), by_hand: outcome.byHand }),
};

/** As JSON has them. */
export const toldAgents = ({ agents }: Reloads) => agents.map(({ asked: _, ...agent }) => agent);

const isBad = ({ result }: Reloads["agents"][number]): boolean => result === "failed" || result === "left running";

/** What became of each agent. */
export function reloadLines({ agents, byHand }: Reloads): string[] {
  const typed = byHand.length === 0 ? [] : ["🔄 Reload them by hand:", ...byHand.map((line) => `   ${line}`)];
  if (agents.length === 0 && typed.length > 0) return typed;
  if (agents.length === 0) return ["✅ No agent to reload"];
  return [...agents.map(line), ...ending(agents), ...typed];
}

function line({ label, result, reason = "" }: Reloads["agents"][number]): string {
  if (result === "failed") return `❌ ${printable(label)}: ${printable(reason)}`;
  if (result === "left running") return `⚠️  ${printable(label)}: left running as it was: ${printable(reason)}`;
  return `✓ ${printable(label)}: ${result}`;
}

/** What all of that comes to. "The recorded state" is said only of what was recorded. */
function ending(agents: Reloads["agents"]): string[] {
  const failed = agents.filter(({ result }) => result === "failed").length;
  const left = agents.filter(({ result }) => result === "left running").length;
  const told = [
    ...(failed === 0 ? [] : [`❌ ${failed} of ${agents.length} did not come up`]),
    ...(left === 0
      ? []
      : [`⚠️  ${left} of ${agents.length} would not come back, and ${left === 1 ? "was" : "were"} not touched`]),
  ];
  if (told.length > 0) return told;
  const asked = (state: string) => agents.filter((agent) => agent.asked === state).length;
  const [recorded, before] = [asked("recorded"), asked("as it is")];
  return [
    ...(recorded === 0 ? [] : [`✅ ${are(recorded)} in the recorded state`]),
    ...(before === 0 ? [] : [`✅ ${are(before)} as before: the snapshot recorded no state`]),
  ];
}

const are = (count: number): string => (count === 1 ? "1 agent is" : `${count} agents are`);
