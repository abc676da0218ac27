import type { GuardOutcome } from "../tasks/guard.ts";
import type { Checked } from "../tasks/guard-checks.ts";
import { printable, quote } from "../text.ts";
import { asJson, type Face, PIPE } from "./face.ts";
import { restore } from "./restore.ts";

export const guard: Face<GuardOutcome> = {
  quiet: ({ id }) => [id],
  text({ id, after, failures, checked, added, changes, recovered, next, search }) {
    const looked = checked === null ? [] : [`   ${toldChecked(checked)}`];
    if (failures.length === 0)
      return [
        `✅ Done, and every check passed. The state before: ${id}`,
        ...looked,
        ...(after === null ? [] : ["   To take it back, and keep what comes later: rollback undo"]),
      ];
    return [
      ...failures.map((failure) => `❌ ${printable(failure)}`),
      ...(changes === null
        ? []
        : [`   Since ${id}: ${changes.modify} changed, ${changes.create} gone, ${changes.extra} new`]),
      ...added.map((path) => `   New: ${printable(path)}`),
      ...looked,
      ...(recovered === null
        ? []
        : ["🔄 Rolled back:", ...restore.text(recovered, (_, text) => text, PIPE).map((line) => `   ${line}`)]),
      ...(search === null ? [] : ["   Which change did it:", `   ${search.map(quote).join(" ")}`]),
      ...(next.length === 0
        ? []
        : ["   To look at it, and to roll back:", ...next.map((words) => `   ${words.map(quote).join(" ")}`)]),
    ];
  },
  json: ({ id, after, code, failures, checked, added, changes, recovered, next, search }) => ({
    id,
    after,
    code,
    failures,
    checked: checked === null ? null : checkedJson(checked),
    added,
    changes,
    recovered: recovered === null ? null : asJson(restore, recovered),
    next,
    search,
  }),
};

const checkedJson = ({ watchedMs, ...counts }: Checked) => ({
  ...counts,
  watched_seconds: Math.round(watchedMs / 1000),
});

/** What "every check passed" stands on, and what it does not. */
function toldChecked({ files, plists, configs, agents, venvs, commands, watchedMs }: Checked): string {
  const parts = [
    `${files} files are there and not emptied`,
    `${plists} plists and ${configs} configs parse`,
    agents === null ? "agents not looked at" : `${agents.same} of ${agents.total} agents as before`,
    ...(venvs === 0 ? [] : [`${venvs} venvs start`]),
    ...(commands === 0 ? [] : [`${commands} --check`]),
  ];
  if (agents === null) return `Checked: ${parts.join(", ")}`;
  const watched = watchedMs === 0 ? "Not watched (--watch 10m)" : `Watched for ${Math.round(watchedMs / 1000)}s`;
  return `Checked: ${parts.join(", ")}. ${watched}`;
}
