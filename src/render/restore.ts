// The preview of a restore and the account of one, from the same plan.

import type { RestoreOutcome } from "../tasks/restore-terms.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";
import { fileJson } from "./file-diff.ts";
import { brief } from "./preview.ts";
import { toldAgents } from "./reload.ts";
import { account, type Inside, keptLines, patchLines, preview } from "./restore-lines.ts";
import { fitted } from "./wrap.ts";

export const restore: Face<RestoreOutcome> = {
  quiet({ dryRun, autoBackup, plan }) {
    if (!dryRun) return autoBackup === null ? [] : [autoBackup];
    return plan.changes.filter(({ writes }) => writes.length > 0).map(({ path }) => printable(path));
  },
  /** Credentials stand under a heading of their own, by name. */
  text(outcome, paint, view) {
    const changed = patchLines(outcome, paint);
    const kept = keptLines(outcome, paint, "");
    const inside: Inside = (file) => [...changed(file), ...kept(file)];
    if (!view.isTerminal())
      return outcome.dryRun ? preview(outcome, inside, paint, view) : account(outcome, inside, paint, view);
    const onTerminal = outcome.all ? preview : brief;
    const shown = outcome.dryRun ? onTerminal : account;
    return fitted(shown(outcome, inside, paint, view), view.columns());
  },
  json: ({
    plan,
    dryRun,
    summary,
    autoBackup,
    restored,
    failed,
    reloaded,
    agents,
    git,
    venvs,
    patch,
    findings,
    earlier,
    refusal,
  }) => ({
    id: plan.snapshot,
    dry_run: dryRun,
    changes: plan.changes.map(({ path, name, kind, action, reason, rewritten, still }) => ({
      path,
      name,
      kind,
      action,
      ...(reason === undefined ? {} : { reason }),
      ...(rewritten === undefined ? {} : { rewritten }),
      ...(still === undefined ? {} : { still_names: still }),
    })),
    summary,
    ...(refusal === null ? {} : { refusal }),
    auto_backup: autoBackup,
    ...(dryRun ? {} : { restored: restored.length }),
    ...(failed.length === 0 ? {} : { failed }),
    ...(reloaded === null ? {} : { reloaded: toldAgents(reloaded) }),
    ...(agents.length === 0 ? {} : { agents }),
    git,
    venvs,
    ...(earlier.length === 0 ? {} : { earlier_secrets: earlier }),
    ...(findings === null
      ? {}
      : {
          left_alone: findings.leftAlone,
          kept: [...findings.kept].map(([path, content]) => ({ path, content })),
          keeps_secrets: findings.keeps,
        }),
    ...(patch === null ? {} : { patch: patch.files.map(fileJson), problems: patch.problems }),
  }),
};
