// Outcomes and errors → the JSON of --json. Shapes: docs/json.md.
import type { Both, FileDiff } from "../comparison.ts";
import type { Outcome } from "../outcome.ts";
import type { RollbackError } from "../rollback-error.ts";

/** The one JSON value of a command's result. */
export function toJson(outcome: Outcome): Record<string, unknown> {
  const head = { ok: outcome.exit === 0, command: outcome.command };
  switch (outcome.command) {
    case "create": {
      const { id, description, category, location, files, complete, skipped, unchanged, archive } = outcome;
      return {
        ...head,
        id,
        description,
        category,
        location,
        files,
        complete,
        skipped,
        ...(unchanged ? { unchanged } : {}),
        ...(archive === undefined ? {} : { archive }),
      };
    }
    case "list":
      return {
        ...head,
        total: outcome.total,
        snapshots: outcome.snapshots.map((row) => ({
          id: row.id,
          description: row.description,
          category: row.category,
          created_at: row.createdAt,
          age_seconds: row.ageSeconds,
          files: row.files,
          size_bytes: row.sizeBytes,
          complete: row.complete,
          pinned: row.pinned,
          status: row.status,
          forms: row.forms,
        })),
      };
    case "show":
    case "latest":
      return {
        ...head,
        id: outcome.id,
        path: outcome.folder,
        forms: outcome.forms,
        manifest: outcome.manifest.raw,
        since: outcome.since,
      };
    case "restore":
      return {
        ...head,
        id: outcome.plan.snapshot,
        dry_run: outcome.dryRun,
        changes: outcome.plan.changes.map(({ path, name, kind, action, reason, rewritten }) => ({
          path,
          name,
          kind,
          action,
          ...(reason === undefined ? {} : { reason }),
          ...(rewritten === undefined ? {} : { rewritten }),
        })),
        summary: outcome.summary,
        auto_backup: outcome.autoBackup,
        ...(outcome.dryRun ? {} : { restored: outcome.restored.length }),
        ...(outcome.failed.length === 0 ? {} : { failed: outcome.failed }),
        ...(outcome.reloaded === null ? {} : { reloaded: outcome.reloaded.agents }),
        ...(outcome.agents.length === 0 ? {} : { agents: outcome.agents }),
        git: outcome.git,
        venvs: outcome.venvs,
        ...(outcome.patch === null
          ? {}
          : { patch: outcome.patch.files.map(fileJson), problems: outcome.patch.problems }),
      };
    case "verify":
      return {
        ...head,
        snapshots: outcome.snapshots.map(({ id, status, filesChecked, bytesChecked, problems, healed }) => ({
          id,
          status,
          files_checked: filesChecked,
          bytes_checked: bytesChecked,
          problems,
          ...(healed.length === 0 ? {} : { healed }),
        })),
        audit: chain(outcome.audit),
      };
    case "recover": {
      const { outcome: result, why, snapshot, autoBackup, kept } = outcome;
      return { ...head, outcome: result, why, snapshot, auto_backup: autoBackup, kept };
    }
    case "key":
      return { ...head, action: outcome.action, path: outcome.path, recipients: outcome.recipients };
    case "pack":
      return { ...head, packed: outcome.packed };
    case "unpack":
      return { ...head, id: outcome.id, location: outcome.folder, files: outcome.files };
    case "prune":
      return { ...head, dry_run: outcome.dryRun, snapshots: outcome.verdicts };
    case "pin":
    case "unpin":
      return { ...head, id: outcome.id, changed: outcome.changed };
    case "health":
      return { ...head, level: outcome.level, findings: outcome.findings };
    case "diff": {
      const { before, after, files, unchanged, problems } = outcome.comparison;
      return { ...head, before, after, files: files.map(fileJson), unchanged, problems };
    }
    case "history":
      return {
        ...head,
        files: outcome.files.map(({ events, ...file }) => ({
          ...file,
          events: events.map(({ createdAt, size, patch, ...event }) => ({
            ...event,
            created_at: createdAt,
            size_bytes: size,
            ...(patch === null ? {} : { patch: fileJson(patch) }),
          })),
        })),
        problems: outcome.problems,
      };
    case "push":
      return { ...head, places: outcome.places };
    case "pull":
      return { ...head, from: outcome.from, archives: outcome.archives };
    case "copies":
      return { ...head, command: "list", from: outcome.from, total: outcome.total, copies: outcome.copies };
    case "report":
      return { ...head, path: outcome.path, snapshots: outcome.snapshots, bytes: Buffer.byteLength(outcome.content) };
    case "audit":
      return {
        ...head,
        total: outcome.total,
        events: outcome.events.map(({ cutOffBytes, ...event }) => ({ ...event, cut_off_bytes: cutOffBytes })),
        chain: chain(outcome.chain),
      };
    case "completions":
      return { ...head, text: outcome.text };
    case "init": {
      const { path, written, content, found } = outcome;
      return { ...head, path, written, content, found };
    }
    case "venv":
      if (outcome.action === "check")
        return {
          ...head,
          action: outcome.action,
          venvs: outcome.venvs.map(({ recordedIn, ...venv }) => ({ ...venv, recorded_in: recordedIn })),
        };
      return {
        ...head,
        action: outcome.action,
        dry_run: outcome.dryRun,
        repairs: outcome.repairs.map((repair) => ({
          key: repair.key,
          path: repair.path,
          problem: repair.problem,
          kept_as: repair.aside,
          python: repair.python,
          version: repair.version,
          instead_of: repair.insteadOf,
          requirements: repair.requirements,
          failed: repair.failed,
          good_in: repair.good,
          restored_configs: repair.restoredConfigs,
        })),
        impossible: outcome.impossible,
      };
    case "agents":
      return { ...head, agents: outcome.agents.map(({ lastExit, ...agent }) => ({ ...agent, last_exit: lastExit })) };
    case "reload":
      return { ...head, agents: outcome.agents, by_hand: outcome.byHand };
    case "guard": {
      const { id, code, failures, changes, recovered, next } = outcome;
      return { ...head, id, code, failures, changes, recovered: recovered === null ? null : toJson(recovered), next };
    }
    case "schedule": {
      const { action, dryRun, label, plist, installed, loaded, lastExit, lastCreate, next, crontab } = outcome;
      const facts = { label, plist, installed, loaded, last_exit: lastExit, last_create: lastCreate, next, crontab };
      return { ...head, action, dry_run: dryRun, ...facts };
    }
    case "scheduled-run":
      return { ...head, steps: outcome.steps };
    case "leaks":
      return { ...head, checked: outcome.checked, leaks: outcome.leaks };
    case "help":
    case "version":
      return outcome.json;
  }
}

/** A file that differs; a fact that is alike is null. */
function fileJson({ size, mode, mtimeMs, ...file }: FileDiff): Record<string, unknown> {
  const both = <T>(pair: Both<T> | null, show: (value: T) => string) =>
    pair === null ? null : { before: show(pair.before), after: show(pair.after) };
  return {
    ...file,
    size_bytes: size,
    mode: both(mode, (bits) => bits.toString(8).padStart(4, "0")),
    mtime: both(mtimeMs, (ms) => new Date(ms).toISOString()),
  };
}

const chain = ({ ok, firstBadLine }: { ok: boolean; firstBadLine?: number }) => ({
  ok,
  ...(firstBadLine === undefined ? {} : { first_bad_line: firstBadLine }),
});

/** The JSON of an error; `command` is the word that was tried, if there was one. */
export function errorJson(error: RollbackError, command: string | null): Record<string, unknown> {
  return { ok: false, command, error: { code: error.code, message: error.message, hint: error.hint } };
}
