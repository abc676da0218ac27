import type { AgentsOutcome } from "../tasks/agents.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const agents: Face<AgentsOutcome> = {
  quiet: ({ agents: all }) => all.map(({ label }) => printable(label)),
  text({ agents: all }) {
    if (all.length === 0) return ["No agents match the config's plists"];
    return all.flatMap((agent) => [
      `${SIGNS[agent.status]} ${printable(agent.label)}: ${state(agent)}`,
      ...agent.problems.map((problem) => `   ${printable(problem)}`),
    ]);
  },
  json: ({ agents: all }) => ({ agents: all.map(({ lastExit, ...agent }) => ({ ...agent, last_exit: lastExit })) }),
};

const SIGNS = { ok: "✅", warning: "⚠️ ", failed: "❌" };

function state({ loaded, pid, lastExit, disabled }: AgentsOutcome["agents"][number]): string {
  const words = [loadedWord(loaded, pid)];
  if (lastExit !== null) words.push(`last exit ${lastExit}`);
  if (disabled === true) words.push("disabled");
  return words.join(", ");
}

function loadedWord(loaded: boolean | null, pid: number | null): string {
  if (loaded === null) return "state unknown";
  if (!loaded) return "not loaded";
  return pid === null ? "loaded" : `running, pid ${pid}`;
}
