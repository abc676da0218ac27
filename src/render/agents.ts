import type { AgentsOutcome } from "../tasks/agents.ts";
import { printable, quote } from "../text.ts";
import type { Paint, Tone } from "./colour.ts";
import type { Face } from "./face.ts";

type Agent = AgentsOutcome["agents"][number];

/** What the command's words add: every agent was asked for; the places as they are named in the commands that come next. */
interface Words {
  all: boolean;
  placeWords: string[];
}

export const agents: Face<AgentsOutcome & Words> = {
  quiet: ({ agents: all }) => all.map(({ label }) => printable(label)),
  /** A pipe gets each agent in the order of its path; a terminal a count and what is wrong, and of the others a few. */
  text(outcome, paint, view) {
    const { agents: all, retired } = outcome;
    const gone = retired.flatMap(({ path, standsAt, broughtBackBy }) => [
      `⚠️  ${printable(path)}: moved to ${printable(standsAt)}`,
      `   restore ${broughtBackBy} would bring it back`,
    ]);
    if (all.length === 0) return ["No agents match the config's plists", ...gone];
    if (!view.isTerminal()) return [...all.flatMap((agent) => linesOf(agent, "   ")), ...gone];
    return screen(outcome, gone, paint);
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

const GROUPS = ["failed", "warning", "disabled", "not loaded", "unknown", "fine"] as const;
type Group = (typeof GROUPS)[number];
const TONES: Record<Group, Tone> = {
  ...{ failed: "bad", warning: "warn", disabled: "dim", "not loaded": "dim", unknown: "dim", fine: "good" },
};
const FINE_SHOWN = 2;

function groupOf({ status, loaded, disabled }: Agent): Group {
  if (status === "failed" || status === "warning") return status;
  if (disabled === true && loaded !== true) return "disabled";
  if (loaded === false) return "not loaded";
  return status === "unknown" ? "unknown" : "fine";
}

/** First the count, then what is wrong, then what does not run; of those that are well two, unless all are asked for. */
function screen({ agents, all, placeWords, snapshot }: AgentsOutcome & Words, gone: string[], paint: Paint) {
  const grouped = GROUPS.map((group) => ({ group, members: agents.filter((agent) => groupOf(agent) === group) }));
  const counted = grouped.flatMap(({ group, members }) => {
    const bad = group === "failed" || group === "warning";
    const words = `${members.length} ${group === "warning" ? "with a warning" : group}`;
    return members.length === 0 ? [] : [bad ? paint(TONES[group], words) : words];
  });
  const lines = grouped.flatMap(({ group, members }) => {
    const shown = group === "fine" && !all ? members.slice(0, FINE_SHOWN) : members;
    const more = members.length - shown.length;
    return [
      ...shown.flatMap((agent) => {
        const [first = "", ...rest] = linesOf(agent, "     ");
        return [paint(TONES[group], first), ...rest];
      }),
      ...(more === 0 ? [] : [`     and ${more} more ${more === 1 ? "is" : "are"} fine`]),
    ];
  });
  const wrong = agents.find(({ status }) => status === "failed") ?? agents.find(({ status }) => status === "warning");
  const command = (...words: string[]) => paint("command", ["rollback", ...words, ...placeWords].map(quote).join(" "));
  const differs = `What differs from the last snapshot:  ${command("diff", "latest")}`;
  const next =
    wrong === undefined
      ? []
      : [
          "",
          ...(snapshot === null ? [] : [differs]),
          `After mending one:                    ${command("reload", wrong.label)}`,
        ];
  const head = `${paint("bold", agents.length === 1 ? "1 agent" : `${agents.length} agents`)}: ${counted.join(", ")}`;
  return [head, "", ...lines, ...(gone.length === 0 ? [] : ["", ...gone]), ...next];
}

const linesOf = (agent: Agent, indent: string): string[] => [
  `${sign(agent)} ${printable(agent.label)}: ${state(agent)}`,
  ...agent.problems.map((problem) => `${indent}${printable(problem)}`),
];

const SIGNS = { ok: "✅", warning: "⚠️ ", failed: "❌", unknown: "- " };

/** What is not loaded, or not known to be, is not ✅. */
const sign = ({ status, loaded }: Agent): string =>
  status === "ok" && loaded === false ? SIGNS.unknown : SIGNS[status];

function state({ loaded, pid, lastExit, disabled }: Agent): string {
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
