// Outcomes → the text a person reads, after the original manual's samples. `quiet` gives the essential datum alone.
import type { Outcome } from "../outcome.ts";
import { printable, quote } from "../text.ts";
import { reloadText, restoreText } from "./restore.ts";
import { scheduleText } from "./schedule.ts";
import { showText } from "./show.ts";
import { age, bytes, counts } from "./words.ts";

/** All of stdout; ends in a newline unless it is empty. */
export function toText(outcome: Outcome, quiet: boolean): string {
  const lines = quiet ? essence(outcome) : full(outcome);
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
    case "leaks":
      return outcome.leaks.map(({ path }) => printable(path));
    case "help":
    case "version":
      return [outcome.text.trimEnd()];
  }
}

function full(outcome: Outcome): string[] {
  switch (outcome.command) {
    case "create":
      return createText(outcome);
    case "list":
      return listText(outcome);
    case "show":
    case "latest":
      return showText(outcome);
    case "restore":
      return restoreText(outcome);
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
    case "leaks":
      return leaksText(outcome);
    case "help":
    case "version":
      return [outcome.text.trimEnd()];
  }
}

type Of<C extends Outcome["command"]> = Extract<Outcome, { command: C }>;

function createText({
  id,
  description,
  category,
  location,
  root,
  files,
  complete,
  skipped,
  unchanged,
  archive,
}: Of<"create">): string[] {
  if (unchanged) return [`✅ Nothing has changed since ${id}: no new snapshot`];
  const shown = location.startsWith(`${root}/`) ? location.slice(root.length + 1) : location;
  return [
    `${complete ? "✅ Snapshot created" : "⚠️  Snapshot created, incomplete"}: ${id}`,
    `   Description: ${printable(description)}`,
    `   Category: ${printable(category)}`,
    `   Location: ${printable(shown)}`,
    `   Files backed up: ${files.total}`,
    ...(archive === undefined ? [] : [`   Archive: ${printable(archive)}`]),
    ...(complete
      ? []
      : [
          `   Not backed up: ${skipped.length}`,
          ...skipped.map(({ path, reason }) => `   ⚠️  ${printable(path)}: ${printable(reason)}`),
        ]),
  ];
}

function listText({ snapshots, total }: Of<"list">): string[] {
  if (snapshots.length === 0) return ["📦 No snapshots yet"];
  const rows = snapshots.flatMap((row, index) => [
    "",
    `${index + 1}. [${row.id}]${row.pinned ? " 📌" : ""}`,
    ...(row.description === null
      ? row.status === "sealed"
        ? ["   🔒 Sealed archive (`rollback show` opens it with your identity)"]
        : ["   ⚠️  Damaged: its manifest can't be used (`rollback verify` tells more)"]
      : [
          `   Description: ${printable(row.description)}`,
          `   Category: ${printable(row.category ?? "")}`,
          `   Created: ${age(row.ageSeconds ?? 0)}`,
          `   Files: ${counts(row.files)}`,
          ...(row.forms.length === 1 && row.forms[0] === "folder" ? [] : [`   Forms: ${row.forms.join(", ")}`]),
          ...(row.status === "damaged"
            ? ["   ⚠️  Damaged: stored files are missing (`rollback verify` names them)"]
            : []),
          ...(row.complete ? [] : ["   ⚠️  Incomplete: some files could not be read"]),
        ]),
  ]);
  const more = total > snapshots.length ? ["", `${total - snapshots.length} more: rollback list --all`] : [];
  return [`📦 Available Snapshots (showing ${snapshots.length}):`, ...rows, ...more];
}

function verifyText({ snapshots, audit, unverified }: Of<"verify">): string[] {
  const damaged = snapshots.filter(({ status }) => status === "damaged");
  const rows = snapshots.flatMap(({ id, status, filesChecked, problems, healed }) => [
    ...healed.map((path) => `🩹 ${printable(id)}: mended ${printable(path)}`),
    `${status === "damaged" ? "❌" : status === "incomplete" ? "⚠️ " : "✅"} ${printable(id)}: ${
      status === "damaged"
        ? `${problems.length} ${problems.length === 1 ? "problem" : "problems"}`
        : `${filesChecked} files match${status === "incomplete" ? " (the snapshot is incomplete)" : ""}`
    }`,
    ...problems.map(({ path, problem, reason }) => `   ${problem}: ${printable(path)} (${printable(reason)})`),
  ]);
  const chain = audit.ok ? [] : [`❌ audit.jsonl: line ${audit.firstBadLine} does not follow from the one before`];
  const verdict =
    snapshots.length === 0
      ? unverified > 0
        ? "⚠️  Nothing was verified"
        : "📦 No snapshots yet"
      : damaged.length === 0
        ? `✅ ${snapshots.length === 1 ? "1 snapshot" : `${snapshots.length} snapshots`} verified`
        : `❌ ${damaged.length} of ${snapshots.length} damaged`;
  return [...rows, ...chain, verdict];
}

function recoverText({ outcome, why, snapshot, autoBackup, kept }: Of<"recover">): string[] {
  if (outcome === "nothing") return [`✅ Nothing to recover: ${why}`];
  const what = { finished: "finished", undone: "undone", cleaned: "complete; what was left of it is cleaned up" }[
    outcome
  ];
  return [
    `✅ The restore${snapshot === null ? "" : ` of ${snapshot}`} is ${what}: ${printable(why)}`,
    ...(autoBackup === null ? [] : [`   What was there before: ${autoBackup}`]),
    ...kept.map((path) => `⚠️  Left as it is now: ${printable(path)} (changed since)`),
  ];
}

function keyText({ action, path, recipients }: Of<"key">): string[] {
  if (action === "show") return recipients;
  return [
    `🔑 New identity: ${printable(path)}`,
    `   Recipient: ${recipients.join(", ")}`,
    "",
    "Sealed archives open with this identity and nothing else: print that file out now, or put it into a password manager.",
    "Keep it where this Mac's disk is not. The recipient is no secret; name it in rollback.yaml on other Macs.",
  ];
}

function leaksText({ checked, leaks }: Of<"leaks">): string[] {
  if (!checked) return [];
  if (leaks.length === 0) return ["✅ git's index holds no secret that rollback knows"];
  return [
    ...leaks.map(({ path, why }) => `❌ ${printable(path)}: ${printable(why)}`),
    "   Take it out: git rm --cached FILE. Was it ever pushed? Then change that key: whoever has a clone has it.",
  ];
}

function packText({ packed }: Of<"pack">): string[] {
  if (packed.length === 0) return ["✅ Every snapshot is packed already"];
  return packed.map(
    ({ path, bytes: size, written, moved }) =>
      `${written ? "📦 Packed" : "✅ Packed already, and whole"}: ${printable(path)} (${bytes(size)})${moved ? ", folder removed" : ""}`,
  );
}

function pruneText({ verdicts, dryRun, next }: Of<"prune">): string[] {
  const going = verdicts.filter(({ keep }) => !keep);
  const rows = verdicts.map(
    ({ id, category, keep, reasons }) =>
      `${keep ? "- Keep" : dryRun ? "✓ Would remove" : "✓ Removed"}: ${id}${category === null ? "" : ` (${printable(category)})`}: ${reasons.map(printable).join(", ")}`,
  );
  if (!dryRun)
    return [
      ...rows.filter((_, index) => verdicts[index]?.keep === false),
      `✅ Removed ${going.length} of ${verdicts.length} snapshots`,
    ];
  if (going.length === 0) return [...rows, "✅ Nothing to remove"];
  return [
    "DRY RUN: Prune",
    ...rows,
    "",
    "⚠️  This is a dry run. Use --force to actually remove:",
    `   ${next.map(quote).join(" ")}`,
  ];
}

/** One line, as monitoring plugins print it: the level, then what is not OK, or the age when all is. */
function healthLine({ level, findings }: Of<"health">): string {
  const bad = findings.filter((finding) => finding.level !== "ok");
  const told = bad.length > 0 ? bad : findings.slice(0, 1);
  return `ROLLBACK ${level.toUpperCase()} - ${told.map(({ message }) => printable(message)).join("; ")}`;
}

function agentsText({ agents }: Of<"agents">): string[] {
  if (agents.length === 0) return ["No agents match the config's plists"];
  return agents.flatMap(({ label, loaded, pid, lastExit, disabled, problems }) => {
    const state =
      loaded === null ? "state unknown" : loaded ? (pid === null ? "loaded" : `running, pid ${pid}`) : "not loaded";
    const more = [lastExit === null ? null : `last exit ${lastExit}`, disabled === true ? "disabled" : null].filter(
      Boolean,
    );
    return [
      `${problems.length > 0 ? "⚠️ " : "✅"} ${printable(label)}: ${[state, ...more].join(", ")}`,
      ...problems.map((problem) => `   ${printable(problem)}`),
    ];
  });
}

function guardText({ id, failures, changes, recovered, next }: Of<"guard">): string[] {
  if (failures.length === 0) return [`✅ Done, and every check passed. The state before: ${id}`];
  const { modify = 0, create = 0, extra = 0 } = changes ?? {};
  return [
    ...failures.map((failure) => `❌ ${printable(failure)}`),
    `   Since ${id}: ${modify} changed, ${create} gone, ${extra} new`,
    ...(recovered === null ? [] : ["🔄 Rolled back:", ...restoreText(recovered).map((line) => `   ${line}`)]),
    ...(next.length === 0
      ? []
      : ["   To look at it, and to roll back:", ...next.map((words) => `   ${words.map(quote).join(" ")}`)]),
  ];
}
