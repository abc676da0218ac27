// Outcomes → the text a person reads, after the original manual's samples. `quiet` gives the essential datum alone.
import { counts } from "../comparison.ts";
import type { Outcome } from "../outcome.ts";
import { printable } from "../text.ts";
import type { Paint } from "./colour.ts";
import { copiesText, pullText, pushText } from "./copies.ts";
import { diffText, historyText } from "./diff.ts";
import { reloadText, restoreText } from "./restore.ts";
import { scheduleText } from "./schedule.ts";
import { showText } from "./show.ts";
import { createText, listText, packText, recoverText, verifyText } from "./store.ts";
import { agentsText, auditText, guardText, healthLine, keyText, leaksText, pruneText } from "./upkeep.ts";
import { venvRepairText, venvTable } from "./venv.ts";

/** All of stdout; ends in a newline unless it is empty. */
export function toText(outcome: Outcome, quiet: boolean, paint: Paint): string {
  const lines = quiet ? essence(outcome) : full(outcome, paint);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function essence(outcome: Outcome): string[] {
  switch (outcome.command) {
    case "create":
    case "show":
    case "latest":
      return [printable(outcome.id)];
    case "list":
      return outcome.snapshots.map(({ id }) => id);
    case "restore":
      if (!outcome.dryRun) return outcome.autoBackup === null ? [] : [outcome.autoBackup];
      return outcome.plan.changes.filter(({ writes }) => writes.length > 0).map(({ path }) => printable(path));
    case "verify":
      return outcome.snapshots.filter(({ status }) => status === "damaged").map(({ id }) => printable(id));
    case "recover":
      return [outcome.outcome];
    case "key":
      return outcome.recipients;
    case "pack":
      return outcome.packed.map(({ path }) => printable(path));
    case "unpack":
      return [outcome.id];
    case "prune":
      return outcome.verdicts.filter(({ keep }) => !keep).map(({ id }) => id);
    case "pin":
    case "unpin":
      return [outcome.id];
    case "health":
      return [outcome.level.toUpperCase()];
    case "agents":
      return outcome.agents.map(({ label }) => printable(label));
    case "reload":
      return outcome.agents.filter(({ result }) => result === "failed").map(({ label }) => printable(label));
    case "guard":
      return [outcome.id];
    case "schedule":
      return [outcome.installed ? "installed" : "not installed"];
    case "scheduled-run":
      return [];
    case "diff":
      return outcome.comparison.files.filter(counts).map(({ path }) => printable(path));
    case "history":
      return outcome.files.flatMap(({ events }) => events.map(({ id }) => printable(id)));
    case "push":
      return outcome.places.flatMap(({ archives }) => archives.filter(({ sent }) => sent).map(({ id }) => id));
    case "pull":
      return outcome.archives.map(({ path }) => printable(path));
    case "copies":
      return outcome.copies.map(({ host, id, form }) => `${host}/${id}.${form}`);
    case "report":
      return [outcome.path === null ? outcome.content.trimEnd() : printable(outcome.path)];
    case "audit":
      return outcome.events.flatMap(({ id }) => (id === null ? [] : [printable(id)]));
    case "init":
      return outcome.written ? [printable(outcome.path)] : [outcome.content.trimEnd()];
    case "venv":
      return outcome.action === "check"
        ? outcome.venvs.filter(({ state }) => state !== "healthy").map(({ path }) => printable(path))
        : outcome.repairs.map(({ path }) => printable(path));
    case "leaks":
      return outcome.leaks.map(({ path }) => printable(path));
    case "completions":
    case "help":
    case "version":
      return outcome.text === "" ? [] : [outcome.text.trimEnd()];
  }
}

function full(outcome: Outcome, paint: Paint): string[] {
  switch (outcome.command) {
    case "create":
      return createText(outcome);
    case "list":
      return listText(outcome);
    case "show":
    case "latest":
      return showText(outcome);
    case "restore":
      return restoreText(outcome, paint);
    case "verify":
      return verifyText(outcome);
    case "recover":
      return recoverText(outcome);
    case "key":
      return keyText(outcome);
    case "pack":
      return packText(outcome);
    case "unpack":
      return [`✅ Unpacked: ${outcome.id}`, `   Location: ${printable(outcome.folder)}`, `   Files: ${outcome.files}`];
    case "prune":
      return pruneText(outcome);
    case "pin":
      return [`📌 ${outcome.id} is pinned: no rule removes it`];
    case "unpin":
      return [`✅ ${outcome.id} is not pinned: the rules decide`];
    case "health":
      return [healthLine(outcome)];
    case "agents":
      return agentsText(outcome);
    case "reload":
      return reloadText(outcome);
    case "guard":
      return guardText(outcome);
    case "schedule":
      return scheduleText(outcome);
    case "scheduled-run":
      return outcome.steps.map(
        ({ command, exit, message }) =>
          `${exit === 0 ? "✅" : "❌"} ${command}: ${exit === 0 ? "done" : `ended with ${exit}`}${message === null ? "" : ` (${printable(message)})`}`,
      );
    case "diff":
      return diffText(outcome, paint);
    case "history":
      return historyText(outcome, paint);
    case "push":
      return pushText(outcome);
    case "pull":
      return pullText(outcome);
    case "copies":
      return copiesText(outcome);
    case "report":
      return [outcome.path === null ? outcome.content.trimEnd() : `✅ Written: ${printable(outcome.path)}`];
    case "audit":
      return auditText(outcome);
    case "init":
      if (!outcome.written) return [outcome.content.trimEnd()];
      return [
        `✅ Written: ${printable(outcome.path)}`,
        '   Read it, change what you like, then: rollback create "First snapshot"',
      ];
    case "venv":
      return outcome.action === "check" ? venvTable(outcome) : venvRepairText(outcome);
    case "leaks":
      return leaksText(outcome);
    case "completions":
    case "help":
    case "version":
      return outcome.text === "" ? [] : [outcome.text.trimEnd()];
  }
}
