// The shapes of --json, as the contract gives them: exact, so that a key that comes or goes is found by every test. docs/schema is
// made from them.
import * as v from "valibot";

/** What every answer begins with; `hint` where macOS kept files from rollback. */
const top = { schema: v.literal(1), ok: v.boolean(), hint: v.optional(v.pipe(v.string(), v.nonEmpty())) };
const text = v.nullable(v.string());
/** RFC 3339 with its zone. */
const time = v.pipe(v.string(), v.isoTimestamp());
/** A command, word by word, as it can be typed. */
const typed = v.array(v.string());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const id = v.pipe(v.string(), v.regex(/^\d{8}_\d{6}$/));
const counts = v.strictObject({ plist: count, config: count, credential: count, total: count });
const skipped = v.array(v.strictObject({ path: v.string(), reason: v.pipe(v.string(), v.nonEmpty()) }));
const kind = v.picklist(["plist", "config", "credential"]);
const status = v.picklist(["ok", "damaged", "incomplete", "unreadable"]);
const forms = v.array(v.picklist(["folder", "zip", "zip.age"]));

const lost = v.array(
  v.strictObject({ path: v.string(), kind, name: v.string(), reason: v.picklist(["gone", "empty", "unparsable"]) }),
);

export const created = v.strictObject({
  ...top,
  command: v.literal("create"),
  id,
  description: v.string(),
  category: v.string(),
  location: v.string(),
  files: counts,
  complete: v.boolean(),
  skipped,
  gone: v.optional(lost),
  unchanged: v.optional(v.literal(true)),
  archive: v.optional(v.string()),
});

export const listed = v.strictObject({
  ...top,
  command: v.literal("list"),
  total: count,
  snapshots: v.array(
    v.strictObject({
      id,
      description: v.nullable(v.string()),
      category: v.nullable(v.string()),
      created_at: text,
      created_at_utc: v.nullable(time),
      age_seconds: v.nullable(count),
      files: counts,
      size_bytes: v.nullable(count),
      complete: v.boolean(),
      pinned: v.boolean(),
      status: v.picklist([...status.options, "sealed"]),
      forms,
      ahead: v.optional(v.literal(true)),
      differs: v.optional(
        v.nullable(v.union([v.literal("first"), v.strictObject({ new: count, modified: count, gone: count })])),
      ),
    }),
  ),
});

const gitDrift = v.nullable(
  v.strictObject({ before: v.string(), now: v.string(), ahead: v.nullable(count), behind: v.nullable(count) }),
);
const venvDrift = v.array(
  v.strictObject({
    key: v.string(),
    before: v.nullable(v.string()),
    now: v.nullable(v.string()),
    change: v.string(),
  }),
);
const launchdState = v.strictObject({ loaded: v.boolean(), disabled: v.boolean() });
export const shown = v.strictObject({
  ...top,
  command: v.picklist(["show", "latest"]),
  id: v.string(),
  path: v.string(),
  forms,
  manifest: v.looseObject({ description: v.string() }),
  since: v.nullable(
    v.strictObject({
      git: gitDrift,
      dirty: v.nullable(v.boolean()),
      venvs: venvDrift,
      agents: v.nullable(v.array(v.strictObject({ label: v.string(), before: launchdState, now: launchdState }))),
      files: v.array(v.strictObject({ path: v.string(), name: v.string(), kind, change: v.string() })),
    }),
  ),
});

export const action = v.picklist([
  "unchanged",
  "modify",
  "create",
  "extra",
  "missing-backup",
  "damaged-backup",
  "refused",
]);

const both = <T extends v.GenericSchema>(one: T) => v.strictObject({ before: one, after: one });
const octal = v.pipe(v.string(), v.regex(/^[0-7]{4}$/));
const contentDiff = v.variant("type", [
  v.strictObject({
    type: v.literal("keys"),
    format: v.picklist(["plist", "json", "yaml"]),
    changes: v.array(
      v.strictObject({
        path: v.array(v.union([v.string(), count])),
        change: v.picklist(["added", "removed", "modified"]),
        ...both(text).entries,
        hidden: v.boolean(),
        words: text,
      }),
    ),
  }),
  v.strictObject({
    type: v.literal("lines"),
    hunks: v.array(
      v.strictObject({
        header: v.pipe(v.string(), v.startsWith("@@ -")),
        lines: v.array(v.pipe(v.string(), v.regex(/^[ +\\-]/))),
      }),
    ),
    added: count,
    removed: count,
  }),
  v.strictObject({
    type: v.literal("sizes"),
    why: v.picklist(["binary", "large", "secret", "unreadable-form", "too-different"]),
  }),
]);
export const fileDiff = v.strictObject({
  path: v.string(),
  name: v.string(),
  kind,
  change: v.picklist(["added", "removed", "modified", "touched"]),
  size_bytes: both(v.nullable(count)),
  mode: v.nullable(both(octal)),
  link: v.nullable(both(text)),
  mtime: v.nullable(both(v.pipe(v.string(), v.isoTimestamp()))),
  content: v.nullable(contentDiff),
});
const problems = v.array(
  v.strictObject({
    path: v.string(),
    side: v.picklist(["before", "after"]),
    problem: v.picklist(["damaged", "unreadable"]),
    reason: v.pipe(v.string(), v.nonEmpty()),
  }),
);
export const compared = v.strictObject({
  ...top,
  command: v.literal("diff"),
  ...both(v.strictObject({ id: text, description: text })).entries,
  files: v.array(fileDiff),
  unchanged: count,
  problems,
});
export const remembered = v.strictObject({
  ...top,
  command: v.literal("history"),
  files: v.array(
    v.strictObject({
      path: v.string(),
      name: v.string(),
      kind,
      events: v.array(
        v.strictObject({
          id: v.string(),
          description: v.string(),
          category: v.string(),
          created_at: v.string(),
          created_at_utc: time,
          event: v.picklist(["first", "added", "changed", "removed", "unreadable"]),
          size_bytes: v.nullable(count),
          patch: v.optional(fileDiff),
        }),
      ),
    }),
  ),
  problems,
});

const reloads = v.array(
  v.strictObject({
    label: v.string(),
    result: v.picklist(["reloaded", "loaded", "unloaded", "left disabled", "left unloaded", "left running", "failed"]),
    reason: v.optional(v.pipe(v.string(), v.nonEmpty())),
  }),
);

const leftAlone = v.array(v.strictObject({ path: v.string(), name: v.string(), kind, why: v.string() }));
const named = v.strictObject({ id: v.string(), description: v.string() });

const earlierSecrets = v.array(
  v.strictObject({ path: v.string(), name: v.string(), kind, key: v.nullable(v.string()) }),
);

export const restored = v.strictObject({
  ...top,
  command: v.literal("restore"),
  id: v.string(),
  dry_run: v.boolean(),
  changes: v.array(
    v.strictObject({
      path: v.string(),
      name: v.string(),
      kind,
      action,
      reason: v.optional(v.string()),
      still_names: v.optional(v.array(v.string())),
      rewritten: v.optional(
        v.array(v.strictObject({ key: v.string(), before: v.nullable(v.string()), after: v.nullable(v.string()) })),
      ),
    }),
  ),
  summary: v.strictObject({
    unchanged: count,
    modify: count,
    create: count,
    extra: count,
    skipped: count,
    refused: count,
  }),
  auto_backup: v.nullable(id),
  restored: v.optional(count),
  failed: v.optional(v.array(v.strictObject({ path: v.string(), error: v.string() }))),
  reloaded: v.optional(reloads),
  agents: v.optional(v.array(v.pipe(v.string(), v.nonEmpty()))),
  git: gitDrift,
  venvs: venvDrift,
  refusal: v.optional(v.strictObject({ message: v.string(), hint: v.string() })),
  earlier_secrets: v.optional(earlierSecrets),
  left_alone: v.optional(leftAlone),
  kept: v.optional(v.array(v.strictObject({ path: v.string(), content: contentDiff }))),
  keeps_secrets: v.optional(v.array(v.strictObject({ path: v.string(), kind, key: v.string() }))),
  patch: v.optional(v.array(fileDiff)),
  problems: v.optional(problems),
});

/** A restore that another command did: it stands inside that one's answer. */
const restoredInside = v.omit(restored, ["schema", "hint"]);

/** `undo` and `revert`: a restore with what it takes back. */
export const takenBack = v.strictObject({
  ...restored.entries,
  command: v.picklist(["undo", "revert"]),
  of: v.union([
    v.strictObject({ number: count, command: v.string(), id: v.string(), time: v.nullable(time) }),
    v.strictObject({ from: named, to: named }),
  ]),
  conflicts: v.array(
    v.strictObject({
      path: v.string(),
      name: v.string(),
      kind,
      parts: v.array(
        v.strictObject({
          where: v.string(),
          before: v.nullable(v.string()),
          after: v.nullable(v.string()),
          now: v.nullable(v.string()),
        }),
      ),
    }),
  ),
  left_alone: leftAlone,
  kept: v.array(v.strictObject({ path: v.string(), content: contentDiff })),
});

export const verified = v.strictObject({
  ...top,
  command: v.literal("verify"),
  snapshots: v.array(
    v.strictObject({
      id: v.string(),
      status,
      files_checked: count,
      bytes_checked: count,
      problems: v.array(
        v.strictObject({
          path: v.string(),
          problem: v.picklist(["missing", "modified", "extra", "unreadable", "manifest"]),
          reason: v.string(),
        }),
      ),
      healed: v.optional(v.array(v.string())),
    }),
  ),
  audit: v.strictObject({ ok: v.boolean(), first_bad_line: v.optional(count) }),
});

export const packed = v.strictObject({
  ...top,
  command: v.literal("pack"),
  packed: v.array(
    v.strictObject({ id, path: v.string(), size_bytes: count, written: v.boolean(), moved: v.boolean() }),
  ),
});

export const unpacked = v.strictObject({
  ...top,
  command: v.literal("unpack"),
  id,
  path: v.string(),
  files: counts,
});

export const keyed = v.strictObject({
  ...top,
  command: v.literal("key"),
  action: v.picklist(["new", "show"]),
  path: v.string(),
  recipients: v.array(v.pipe(v.string(), v.regex(/^age1[0-9a-z]{58}$/))),
});

export const leaksFound = v.strictObject({
  ...top,
  command: v.literal("leaks"),
  checked: v.literal(true),
  leaks: v.array(
    v.strictObject({
      path: v.string(),
      line: v.nullable(count),
      inside: text,
      kind: v.picklist(["snapshot", "archive", "unsealed", "credential", "bytes", "value", "token"]),
      why: v.pipe(v.string(), v.nonEmpty()),
      held_by: v.nullable(
        v.strictObject({ path: v.string(), name: v.string(), key: text, live: v.boolean(), snapshots: v.array(id) }),
      ),
      written: v.nullable(v.picklist(["plain", "escaped", "URL-encoded", "base64", "hex", "UTF-16"])),
    }),
  ),
  compared: v.strictObject({ files: count, values: count, snapshots: count }),
  not_looked_into: v.array(v.strictObject({ what: v.string(), reason: v.string() })),
});

/** `leaks` where git did not answer. */
export const leaksUnchecked = v.strictObject({
  ...top,
  command: v.literal("leaks"),
  checked: v.literal(false),
  leaks: v.pipe(v.array(v.never()), v.maxLength(0)),
});

export const leakPlaces = v.strictObject({
  ...top,
  command: v.literal("leaks"),
  values: v.array(
    v.strictObject({
      name: v.string(),
      key: text,
      files: v.array(
        v.strictObject({
          path: v.string(),
          name: v.string(),
          kind,
          live: v.boolean(),
          keys: v.array(v.string()),
          lines: v.array(count),
          written: v.array(v.picklist(["plain", "escaped", "URL-encoded", "base64", "hex", "UTF-16"])),
          snapshots: v.array(id),
        }),
      ),
      snapshots: v.array(id),
      copies: v.array(v.strictObject({ at: v.string(), key: v.string() })),
    }),
  ),
  not_looked_into: v.array(v.strictObject({ what: v.string(), reason: v.string() })),
});

export const agentsListed = v.strictObject({
  ...top,
  command: v.literal("agents"),
  agents: v.array(
    v.strictObject({
      label: v.string(),
      path: v.string(),
      status: v.picklist(["ok", "warning", "failed", "unknown"]),
      loaded: v.nullable(v.boolean()),
      pid: v.nullable(count),
      last_exit: v.nullable(v.number()),
      disabled: v.nullable(v.boolean()),
      problems: v.array(v.pipe(v.string(), v.nonEmpty())),
    }),
  ),
  retired: v.optional(
    v.array(v.strictObject({ path: v.string(), stands_at: v.string(), brought_back_by: v.nullable(v.string()) })),
  ),
});

export const reloaded = v.strictObject({
  ...top,
  command: v.literal("reload"),
  agents: reloads,
  by_hand: v.array(v.string()),
});

export const guarded = v.strictObject({
  ...top,
  command: v.literal("guard"),
  id,
  after: v.nullable(id),
  code: v.nullable(count),
  failures: v.array(v.pipe(v.string(), v.nonEmpty())),
  checked: v.nullable(
    v.strictObject({
      files: count,
      plists: count,
      configs: count,
      agents: v.nullable(v.strictObject({ same: count, total: count })),
      venvs: count,
      commands: count,
      watched_seconds: v.number(),
    }),
  ),
  added: v.array(v.string()),
  changes: v.nullable(restored.entries.summary),
  recovered: v.nullable(restoredInside),
  next: v.array(typed),
  search: v.nullable(typed),
});

const jobState = {
  label: v.string(),
  plist: v.string(),
  installed: v.boolean(),
  loaded: v.nullable(v.boolean()),
  last_exit: v.nullable(v.number()),
  trouble: v.nullable(v.string()),
};

export const scheduled = v.strictObject({
  ...top,
  command: v.literal("schedule"),
  action: v.picklist(["install", "remove", "status"]),
  dry_run: v.boolean(),
  ...jobState,
  last_create: v.nullable(time),
  next: v.nullable(time),
  crontab: v.nullable(v.string()),
  watch: v.nullable(v.strictObject({ ...jobState, paths: v.array(v.string()), current: v.boolean() })),
});

export const pruned = v.strictObject({
  ...top,
  command: v.literal("prune"),
  dry_run: v.boolean(),
  snapshots: v.array(
    v.strictObject({
      id,
      category: v.nullable(v.string()),
      keep: v.boolean(),
      reasons: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.minLength(1)),
    }),
  ),
});

export const pinned = v.strictObject({
  ...top,
  command: v.picklist(["pin", "unpin"]),
  id,
  changed: v.boolean(),
});

const perf = v.array(
  v.strictObject({
    label: v.pipe(v.string(), v.regex(/^[a-z_]+$/)),
    value: v.number(),
    unit: v.picklist(["s", "B", ""]),
    warning: v.nullable(v.string()),
    critical: v.nullable(v.string()),
    min: v.nullable(v.number()),
  }),
);
const level = v.picklist(["ok", "warning", "critical", "unknown"]);
const finding = { check: v.string(), level, message: v.pipe(v.string(), v.nonEmpty()) };
export const health = v.strictObject({
  ...top,
  command: v.literal("health"),
  level,
  findings: v.array(v.strictObject(finding)),
  perf,
  error: v.optional(v.strictObject({ code: v.string(), message: v.string(), hint: v.string() })),
});

export const audited = v.strictObject({
  ...top,
  command: v.literal("audit"),
  total: count,
  events: v.array(
    v.strictObject({
      line: count,
      time: v.nullable(time),
      user: v.nullable(v.string()),
      host: v.nullable(v.string()),
      command: v.nullable(v.string()),
      description: v.nullable(v.string()),
      id: v.nullable(v.string()),
      files: v.nullable(count),
      result: v.nullable(v.string()),
      cut_off_bytes: v.nullable(count),
      undo: v.nullable(count),
    }),
  ),
  chain: v.strictObject({ ok: v.boolean(), first_bad_line: v.optional(count) }),
});

export const reported = v.strictObject({
  ...top,
  command: v.literal("report"),
  path: v.nullable(v.string()),
  snapshots: count,
  size_bytes: count,
});

export const completion = v.strictObject({ ...top, command: v.literal("completions"), text: v.string() });

const paths = v.array(v.pipe(v.string(), v.nonEmpty()));
export const coverage = v.strictObject({
  ...top,
  command: v.literal("coverage"),
  captured: v.array(
    v.strictObject({ path: v.string(), name: v.string(), kind: v.string(), rules: v.array(v.string()) }),
  ),
  missed: v.array(
    v.strictObject({
      path: v.string(),
      group: v.string(),
      about: v.nullable(v.string()),
      rule: v.nullable(v.strictObject({ list: v.string(), line: v.string() })),
    }),
  ),
  config: v.string(),
  written: v.optional(v.number()),
});

export const initialized = v.strictObject({
  ...top,
  command: v.literal("init"),
  path: v.string(),
  written: v.boolean(),
  content: v.string(),
  found: v.strictObject({
    agents: paths,
    configs: paths,
    mcp: paths,
    credentials: paths,
    venvs: paths,
    unreached: paths,
  }),
});

const venv = { key: v.string(), path: v.string() };
export const venvChecked = v.strictObject({
  ...top,
  command: v.literal("venv"),
  action: v.literal("check"),
  venvs: v.array(
    v.strictObject({
      ...venv,
      state: v.picklist(["healthy", "degraded", "broken", "unknown"]),
      problem: v.nullable(v.string()),
      version: v.nullable(v.string()),
      recorded: v.nullable(v.string()),
      recorded_in: v.nullable(id),
    }),
  ),
});
export const venvRepaired = v.strictObject({
  ...top,
  command: v.literal("venv"),
  action: v.literal("repair"),
  dry_run: v.boolean(),
  repairs: v.array(
    v.strictObject({
      ...venv,
      problem: v.pipe(v.string(), v.nonEmpty()),
      kept_as: v.nullable(v.string()),
      python: v.string(),
      version: v.string(),
      instead_of: v.nullable(v.string()),
      requirements: v.nullable(v.string()),
      installer: v.nullable(v.picklist(["pip", "uv", "poetry"])),
      installs: v.boolean(),
      back: v.boolean(),
      missing_packages: v.array(v.string()),
      failed: v.nullable(v.string()),
      good_in: v.nullable(id),
      restored_configs: v.boolean(),
    }),
  ),
  impossible: v.array(v.strictObject({ ...venv, problem: v.string() })),
  left_alone: v.array(v.strictObject({ ...venv, problem: v.string() })),
});

export const statusShown = v.strictObject({
  ...top,
  command: v.literal("status"),
  project: v.nullable(
    v.strictObject({
      root: v.string(),
      configured: v.boolean(),
      cut_off: v.nullable(
        v.strictObject({ what: v.picklist(["restore", "guard"]), snapshot: text, age_seconds: v.nullable(count) }),
      ),
      snapshot: v.nullable(
        v.strictObject({
          id: v.string(),
          description: text,
          category: text,
          created_at_utc: v.nullable(time),
          age_seconds: v.nullable(count),
          status: v.picklist(["ok", "incomplete", "sealed", "damaged"]),
          foreign: v.boolean(),
        }),
      ),
      files: v.nullable(
        v.strictObject({
          total: count,
          changes: v.array(
            v.strictObject({
              path: v.string(),
              name: v.string(),
              kind,
              change: v.picklist(["modified", "new", "gone"]),
            }),
          ),
          unread: v.array(v.string()),
        }),
      ),
      agents: v.nullable(
        v.strictObject({ loaded: count, failed: v.array(v.string()), not_loaded: v.array(v.string()) }),
      ),
      copies: v.array(v.strictObject({ name: v.string(), age_seconds: v.nullable(count) })),
      health: v.strictObject({
        level,
        findings: v.array(v.strictObject({ ...finding, perf: v.optional(perf) })),
      }),
    }),
  ),
  next: v.array(typed),
});

export const doctored = v.strictObject({
  ...top,
  command: v.literal("doctor"),
  took_ms: count,
  probes: v.array(
    v.strictObject({
      name: v.string(),
      result: v.picklist(["ok", "warning", "fail"]),
      found: v.string(),
      next: text,
    }),
  ),
  launchctl: v.nullable(
    v.array(v.strictObject({ words: v.array(v.string()), code: v.nullable(v.number()), printed: v.string() })),
  ),
});

const file = { path: v.string(), name: v.string(), kind };
export const bisected = v.strictObject({
  ...top,
  command: v.literal("bisect"),
  id: v.string(),
  dry_run: v.boolean(),
  changes: v.array(v.strictObject(file)),
  snapshots: v.array(v.string()),
  trials_expected: count,
  verdict: v.nullable(v.picklist(["found", "nothing-differs", "passes-now", "fails-with-all", "unsteady"])),
  trials: v.array(v.strictObject({ state: text, undone: v.array(v.string()), passed: v.boolean() })),
  found: v.array(v.strictObject({ ...file, key: text, hunk: v.nullable(count), words: v.array(v.string()) })),
  among: count,
  first_failing: v.nullable(v.strictObject({ id: text, description: text })),
  passes_today: v.boolean(),
  applied: v.boolean(),
  auto_backup: v.nullable(id),
  took_ms: count,
  back: v.nullable(typed),
  next: v.array(typed),
});

export const recovered = v.strictObject({
  ...top,
  command: v.literal("recover"),
  outcome: v.picklist(["nothing", "finished", "undone", "cleaned"]),
  why: v.pipe(v.string(), v.nonEmpty()),
  snapshot: text,
  auto_backup: text,
  kept: v.array(v.string()),
  earlier_secrets: v.optional(earlierSecrets),
  stuck: v.optional(v.array(v.strictObject({ path: v.string(), holds: text, error: v.string() }))),
  guard: v.nullable(
    v.strictObject({
      snapshot: id,
      description: v.string(),
      program: v.string(),
      since: time,
      rolled_back: v.nullable(restoredInside),
    }),
  ),
  next: v.array(typed),
});

export const pushed = v.strictObject({
  ...top,
  command: v.literal("push"),
  places: v.array(
    v.strictObject({
      name: text,
      to: v.string(),
      archives: v.array(v.strictObject({ id, size_bytes: count, sent: v.boolean(), replaced: v.boolean() })),
      failed: text,
    }),
  ),
  unsound: v.array(v.strictObject({ id: v.string(), reason: v.string() })),
});

export const pulled = v.strictObject({
  ...top,
  command: v.literal("pull"),
  from: v.string(),
  archives: v.array(
    v.strictObject({
      id,
      host: v.string(),
      project: v.string(),
      path: text,
      pulled: v.boolean(),
      failed: text,
    }),
  ),
});

/** `list --from`. */
export const copiesListed = v.strictObject({
  ...top,
  command: v.literal("list"),
  from: v.string(),
  total: count,
  copies: v.array(
    v.strictObject({
      id,
      host: v.string(),
      project: v.string(),
      store: v.string(),
      form: v.picklist(["zip", "zip.age"]),
      size_bytes: v.nullable(count),
      here: v.boolean(),
      description: text,
      category: text,
      created_at: text,
      created_at_utc: v.nullable(time),
      files: v.nullable(counts),
    }),
  ),
});

/** `verify --from`. */
export const copiesVerified = v.strictObject({
  ...top,
  command: v.literal("verify"),
  from: v.string(),
  snapshots: v.array(
    v.strictObject({
      id,
      host: v.string(),
      project: v.string(),
      status: v.picklist(["ok", "damaged", "unreadable"]),
      files_checked: count,
      bytes_checked: count,
      problems: v.array(
        v.strictObject({ path: v.string(), problem: v.picklist(["modified", "unreadable"]), reason: v.string() }),
      ),
    }),
  ),
});

/** `health --from`. */
export const copiesHealth = v.strictObject({
  ...top,
  command: v.literal("health"),
  level: v.picklist(["ok", "critical"]),
  from: v.string(),
  max_age: v.string(),
  machines: v.array(
    v.strictObject({
      host: v.string(),
      project: v.string(),
      store: v.string(),
      newest: id,
      age_seconds: count,
      level: v.picklist(["ok", "critical"]),
    }),
  ),
});

const seconds = v.pipe(v.number(), v.minValue(0));
export const drilled = v.strictObject({
  ...top,
  command: v.literal("drill"),
  name: text,
  from: v.string(),
  id,
  host: v.string(),
  project: v.string(),
  description: text,
  passed: v.boolean(),
  files: counts,
  problems: v.array(v.strictObject({ name: v.string(), problem: v.picklist(["missing", "modified", "mode"]) })),
  reason: text,
  seconds: v.strictObject({ pull: seconds, open: seconds, restore: seconds }),
});

/** `schedule run`. */
export const scheduledRun = v.strictObject({
  ...top,
  command: v.literal("schedule"),
  action: v.literal("run"),
  steps: v.array(v.strictObject({ command: v.string(), exit: count, message: text })),
});

/** `completions --install`. */
export const completionsInstalled = v.strictObject({
  ...top,
  command: v.literal("completions"),
  shell: v.picklist(["bash", "zsh", "fish"]),
  path: v.string(),
  reader: v.nullable(v.strictObject({ path: v.string(), changed: v.boolean() })),
});

const words = v.pipe(v.string(), v.nonEmpty());
const flags = v.array(
  v.strictObject({
    name: v.pipe(v.string(), v.regex(/^--[a-z][a-z-]+$/)),
    short: v.nullable(v.pipe(v.string(), v.regex(/^-[a-zA-Z]$/))),
    value: v.nullable(words),
    repeatable: v.boolean(),
    section: v.nullable(words),
    description: words,
  }),
);
/** A command as help tells it. */
export const commandPage = {
  name: words,
  group: words,
  description: words,
  usage: v.pipe(v.string(), v.startsWith("rollback ")),
  preview: v.boolean(),
  words: v.array(
    v.strictObject({
      name: v.pipe(v.string(), v.regex(/^[A-Z]+\d?$/)),
      required: v.boolean(),
      repeatable: v.boolean(),
      values: v.array(words),
      description: words,
    }),
  ),
  flags,
  exit_codes: v.array(v.strictObject({ code: count, meaning: words })),
  example: words,
};
export const grammar = {
  version: words,
  flags,
  commands: v.array(v.strictObject(commandPage)),
  topics: v.array(v.strictObject({ name: words, about: words })),
  exit_codes: v.record(v.string(), count),
};
const helping = { ...top, command: v.literal("help") };
export const helpOfAll = v.strictObject({ ...helping, ...grammar });
export const helpOfCommand = v.strictObject({ ...helping, ...commandPage });
export const helpOfTopic = v.strictObject({
  ...helping,
  topic: words,
  about: words,
  body: v.array(
    v.union([
      v.strictObject({ text: v.string() }),
      v.strictObject({ rows: v.array(v.strictTuple([v.string(), v.string()])) }),
      v.strictObject({ code: v.array(v.string()) }),
    ]),
  ),
});

export const versioned = v.strictObject({
  ...top,
  command: v.literal("version"),
  version: words,
  commit: text,
  target: words,
  bun: words,
  built_at: v.nullable(time),
});

export const failed = v.strictObject({
  ...top,
  ok: v.literal(false),
  command: v.nullable(v.string()),
  error: v.strictObject({
    code: v.picklist(["failed", "usage", "partial", "damaged", "not-found", "locked", "refused", "interrupted"]),
    message: v.pipe(v.string(), v.nonEmpty()),
    hint: v.pipe(v.string(), v.nonEmpty()),
  }),
});

/** One file of a manifest, the original format's keys and ours. */
const entry = {
  original: v.string(),
  backup: v.string(),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  size_bytes: count,
  mode: v.pipe(v.string(), v.regex(/^[0-7]{4}$/)),
  mtime: v.pipe(v.string(), v.isoTimestamp()),
  uid: count,
  gid: count,
  symlink: v.nullable(v.string()),
};

export const manifest = v.strictObject({
  created_at: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)),
  description: v.string(),
  category: v.string(),
  plist_files: v.array(
    v.strictObject({
      ...entry,
      label: v.nullable(v.string()),
      launchd: v.optional(v.nullable(v.strictObject({ loaded: v.boolean(), disabled: v.boolean() }))),
    }),
  ),
  config_files: v.array(v.strictObject(entry)),
  credential_files: v.array(v.strictObject({ name: v.string(), ...entry, found_by: v.array(v.string()) })),
  git_state: v.strictObject({
    commit: v.nullable(v.string()),
    branch: v.nullable(v.string()),
    timestamp: v.string(),
    dirty: v.nullable(v.boolean()),
  }),
  venv_metadata: v.record(
    v.string(),
    v.strictObject({
      exists: v.boolean(),
      python_version: v.nullable(v.string()),
      version_from: v.nullable(v.picklist(["python", "pyvenv.cfg"])),
      healthy: v.nullable(v.boolean()),
    }),
  ),
  format: v.literal(2),
  created_at_utc: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)),
  host: v.string(),
  home: v.string(),
  root: v.string(),
  tool: v.pipe(v.string(), v.regex(/^rollback \d/)),
  complete: v.boolean(),
  skipped,
  unfinished_restore: v.optional(v.string()),
  gone: lost,
  gone_from: v.optional(v.strictObject({ id, ...counts.entries })),
  before_restore_of: v.optional(v.string()),
  totals: v.strictObject({
    gone: v.optional(count),
    plist: count,
    config: count,
    credential: count,
    size_bytes: count,
    names: v.pipe(v.string(), v.hexadecimal(), v.length(16)),
  }),
});
export type Manifest = v.InferOutput<typeof manifest>;
