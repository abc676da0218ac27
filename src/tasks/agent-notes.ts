// What a preview says about the agents whose plist a restore would change.

import { agentOf, isAgentFile, isDue } from "../launchd/agent.ts";
import { judgePlist, malformedWords } from "../launchd/judge.ts";
import { comingPaths, danglingReferences } from "../launchd/problems.ts";
import { retired } from "../launchd/retired.ts";
import type { Notify, Plan } from "../model.ts";
import { absolute, nameOf, parentOf } from "../paths.ts";
import { readStored } from "../restore/stored-ref.ts";
import type { Vault } from "../snapshot/vault.ts";
import { launchdStates, readAgent } from "./agent-states.ts";
import type { World } from "./context.ts";

const LIMIT_BYTES = 1 << 20;
const SOON_MINUTES = 10;

/**
 * One line for each agent that runs now, is due within ten minutes, was put out of the way, is malformed as it would be, or would name
 * files that neither stand here nor come with the restore. launchd is asked only where there is a launchctl.
 */
export async function agentNotes(plan: Plan, vault: Vault, world: World, notify: Notify): Promise<string[]> {
  const changed = plan.changes.filter((change) => isAgentFile(change) && change.writes.length > 0);
  if (changed.length === 0) return [];
  const coming = comingPaths(plan.changes.flatMap(({ path, writes }) => (writes.length > 0 ? [path] : [])));
  const live = await Promise.all(changed.map(({ path }) => readAgent(absolute(path, "/"))));
  const labels = live.map(({ label }) => label);
  const states = await launchdStates(world, labels, { notify });
  const now = new Date();
  const paths = changed.map(({ path }) => absolute(path, "/"));
  const notes = retired(paths).map(
    ({ path, at }) => `${nameOf(path)} is brought back, though it stands in ${parentOf(at)} now`,
  );
  for (const [index, { writes }] of changed.entries()) {
    const before = live[index];
    if (before === undefined) continue;
    const running = states.get(before.label)?.service?.pid ?? null;
    if (running !== null) notes.push(`${before.label} runs now (pid ${running})`);
    else if (before.agent !== null && isDue(before.agent, now, SOON_MINUTES))
      notes.push(`${before.label} is due within ${SOON_MINUTES} minutes`);
    for (const write of writes) {
      if (write.type !== "file") continue;
      const bytes = await readStored(write.from, vault, LIMIT_BYTES).catch(() => null);
      const judged = bytes === null ? null : judgePlist(bytes);
      if (judged === null) continue;
      const agent = judged.ok ? agentOf(judged.value) : null;
      const [dangling] = agent === null ? [] : danglingReferences(agent, coming);
      const problem = judged.ok ? dangling : `its plist ${malformedWords(judged)}`;
      if (problem !== undefined) notes.push(`${agent?.label ?? before.label}: after the restore ${problem}`);
    }
  }
  return notes;
}
