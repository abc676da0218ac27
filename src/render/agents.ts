import type { AgentsOutcome } from "../tasks/agents.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const agents: Face<AgentsOutcome> = {
  quiet: ({ agents: all }) => all.map(({ label }) => printable(label)),
  text({ agents: all, retired }) {
    const lines = all.flatMap((agent) => [
      `${sign(agent)} ${printable(agent.label)}: ${state(agent)}`,
      ...agent.problems.map((problem) => `   ${printable(problem)}`),
    ]);
    const gone = retired.flatMap(({ path, standsAt, broughtBackBy }) => [
      `⚠️  ${printable(path)}: moved to ${printable(standsAt)}`,
      `   restore ${broughtBackBy} would bring it back`,
    ]);
    return [...(all.length === 0 ? ["No agents match the config's plists"] : lines), ...gone];
  },
  json: ({ agents: all, retired }) => ({
    agents: all.map(({ lastExit, ...agent }) => ({ ...agent, last_exit: lastExit })),
    ...(retired.length === 0
      ? {}
      : {
          retired: retired.map(({ path, standsAt, broughtBackBy }) => ({
            ...{ path, stands_at: standsAt, brought_back_by: broughtBackBy },
          })),
        }),
  }),
};

const SIGNS = { ok: "✅", warning: "⚠️ ", failed: "❌", unknown: "- " };

/** What is not loaded, or not known to be, is not ✅. */
const sign = ({ status, loaded }: AgentsOutcome["agents"][number]): string =>
  status === "ok" && loaded === false ? SIGNS.unknown : SIGNS[status];

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
