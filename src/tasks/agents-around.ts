// The agents whose plists a trial touches: they are reloaded when it begins, and again when it has ended.

import type { ReloadRequest } from "../launchd/reload.ts";
import type { AbsPath } from "../model.ts";
import { launchdStates, readAgent } from "./agent-states.ts";
import type { World } from "./context.ts";
import type { Side } from "./culprits.ts";
import { reloadAll, requestsFor } from "./reload.ts";
import type { Around } from "./trials.ts";

/** With null nothing is reloaded. */
export async function agentsAround(side: Side | null, world: World): Promise<Around> {
  const nothing = async () => {};
  if (side === null) return { before: nothing, after: nothing };
  const plists = side.plan.changes.filter(({ kind }) => kind === "plist").map(({ path }) => path as AbsPath);
  const agents = await Promise.all(plists.map(readAgent));
  const labels = agents.map(({ label }) => label);
  const states = await launchdStates(world, labels, { notify: () => {} });
  // A state that launchd did not tell is the one that the agent is in.
  const stateAt = (label: string): ReloadRequest["to"] => {
    const { service, disabled } = states.get(label) ?? { service: null, disabled: null };
    return service === null ? "as it is" : { loaded: service.loaded, disabled: disabled ?? false };
  };
  let tried: ReloadRequest[] = [];
  return {
    async before(touched) {
      tried = await requestsFor(
        touched.filter((path) => plists.includes(path)),
        side.opened.manifest,
      );
      await reloadAll(tried, world, () => {});
    },
    async after(touched) {
      const back = agents
        .filter(({ path }) => touched.includes(path))
        .map(({ path, label, agent }) => ({ label, plist: path, agent, to: stateAt(label) }));
      // What the trial brought under a label that today's files do not have would run on.
      const gone = tried
        .filter(({ label }) => !back.some((request) => request.label === label))
        .map(({ label, plist }) => ({ label, plist, agent: null, to: { loaded: false, disabled: false } as const }));
      await reloadAll([...gone, ...back], world, () => {});
    },
  };
}
