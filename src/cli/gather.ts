// Everything a snapshot needs to know before the lock is taken: what is there, and the facts that take time to ask for.
import { discover } from "../inventory/discover.ts";
import { askGit, readHead } from "../inventory/git.ts";
import { askVenvs, findVenvs } from "../inventory/venv.ts";
import type { Inventory, Notify } from "../model.ts";
import type { Circumstances } from "../snapshot/capture.ts";
import { whoAmI } from "../system/machine.ts";
import { quote } from "../text.ts";
import { plainSnapshotsInGit } from "../upkeep/leaks.ts";
import type { World } from "./command.ts";
import type { Site } from "./places.ts";
import { TOOL } from "./version.ts";

export interface Gathered {
  inventory: Inventory;
  circumstances: Circumstances;
}

/** Looks at the files while git and the pythons are being asked. Facts that can't be had are null, with a warning. */
export async function gather({ env }: World, site: Site, notify: Notify): Promise<Gathered> {
  const { config, home, root } = site;
  const { venvs, warnings } = await findVenvs(config, site);
  const head = readHead(root);
  const asked = Promise.all([
    askVenvs(venvs, env),
    head === null ? null : askGit(root, env),
    head === null ? null : plainSnapshotsInGit(root, site.store, env),
  ]);
  const inventory = await discover(config, site);
  const [{ states, warnings: venvWarnings }, git, plain] = await asked;
  const gitWarnings =
    head === null
      ? [`${root} is in no git checkout: the snapshot notes no commit`]
      : git === null
        ? ["git could not tell whether the checkout is dirty"]
        : [];
  const store = quote(site.store);
  if (plain !== null && plain.tracked > 0)
    gitWarnings.push(
      `GIT HOLDS PLAIN SNAPSHOTS: ${plain.tracked} files with secrets in them are tracked (new ones stay out). Untrack them: git rm -r -q --cached ${store} && git commit. If they were ever pushed, change the keys in them`,
    );
  else if (plain?.inHistory)
    gitWarnings.push(
      `GIT'S HISTORY HOLDS PLAIN SNAPSHOTS below ${store}: whoever has a clone has the secrets. Change the keys in them, then rewrite the history (git filter-repo --invert-paths --path …)`,
    );
  for (const message of [...inventory.warnings, ...warnings, ...venvWarnings, ...gitWarnings])
    notify({ type: "warning", message });
  return {
    inventory,
    circumstances: {
      git: git ?? { commit: head?.commit ?? null, branch: head?.branch ?? null, dirty: null },
      venvs: states,
      host: whoAmI().host,
      home,
      root,
      tool: TOOL,
    },
  };
}
