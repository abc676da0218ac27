// `agents` on a terminal: a count, what is wrong, and the others folded; in a pipe each agent.
import { expect, test } from "bun:test";
import type { AbsPath } from "../../src/model.ts";
import { agents as face } from "../../src/render/agents.ts";
import type { AgentsOutcome } from "../../src/tasks/agents.ts";

type Agent = AgentsOutcome["agents"][number];
const agent = (label: string, more: Partial<Agent> = {}): Agent => ({
  ...{ label, path: `/Users/alex/Library/LaunchAgents/${label}.plist` as AbsPath, status: "ok", loaded: true },
  ...{ pid: null, lastExit: 0, disabled: false, problems: [] },
  ...more,
});
const outcome = (agents: Agent[], all = false) => ({
  ...{ command: "agents" as const, exit: 0, snapshot: "20261124_080004", retired: [], agents },
  ...{ all, placeWords: ["--root", "/Users/alex/Pete's Brain"] },
});
const seventy = [
  agent("com.a.fine"),
  agent("com.b.old", { loaded: false, disabled: true, lastExit: null }),
  agent("com.c.crashed", {
    status: "failed",
    lastExit: null,
    problems: ["it was killed by signal 11", "its log ends: x"],
  }),
  agent("com.d.runs", { pid: 4242, lastExit: null }),
  agent("com.e.off", { loaded: false, lastExit: null }),
  agent("com.f.code", { status: "warning", lastExit: 78, problems: ["it ended with 78"] }),
  ...["g", "h", "i"].map((name) => agent(`com.${name}.fine`)),
];
const shown = (value: ReturnType<typeof outcome>, terminal: boolean, paint = (_: string, text: string) => text) =>
  face.text(value, paint, { isTerminal: () => terminal, columns: () => 80 });

test("on a terminal the count comes first, then what is wrong, and those that are well are folded", () => {
  expect(shown(outcome(seventy), true)).toEqual([
    "9 agents: 1 failed, 1 with a warning, 1 disabled, 1 not loaded, 5 fine",
    "",
    "❌ com.c.crashed: loaded",
    "     it was killed by signal 11",
    "     its log ends: x",
    "⚠️  com.f.code: loaded, last exit 78",
    "     it ended with 78",
    "-  com.b.old: not loaded, disabled",
    "-  com.e.off: not loaded",
    "✅ com.a.fine: loaded, last exit 0",
    "✅ com.d.runs: running, pid 4242",
    "     and 3 more are fine",
    "",
    "What differs from the last snapshot:  rollback diff latest --root '/Users/alex/Pete'\\''s Brain'",
    "After mending one:                    rollback reload com.c.crashed --root '/Users/alex/Pete'\\''s Brain'",
  ]);
  const painted = shown(outcome(seventy), true, (tone, text) => `<${tone}>${text}`);
  expect(painted[0]).toBe("<bold>9 agents: <bad>1 failed, <warn>1 with a warning, 1 disabled, 1 not loaded, 5 fine");
  expect(painted[2]).toBe("<bad>❌ com.c.crashed: loaded");
});

test("--all names each, a pipe too and in their order; where all are well nothing comes next", () => {
  const all = shown(outcome(seventy, true), true);
  expect(all.filter((line) => line.startsWith("✅"))).toHaveLength(5);
  expect(all.join("\n")).not.toContain("more");
  const piped = shown(outcome(seventy), false);
  expect(piped.filter((line) => !line.startsWith(" ")).map((line) => /com\.(\w)/.exec(line)?.[1])).toEqual([
    ..."abcdefghi",
  ]);
  expect(shown(outcome([agent("com.a.fine")]), true)).toEqual([
    "1 agent: 1 fine",
    "",
    "✅ com.a.fine: loaded, last exit 0",
  ]);
});
