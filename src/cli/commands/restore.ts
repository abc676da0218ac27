import { fail } from "../../errors.ts";
import { discover } from "../../inventory/discover.ts";
import type { AbsPath, Change, Manifest } from "../../model.ts";
import type { RestoreOutcome } from "../../outcome.ts";
import { absolute, isWithin } from "../../paths.ts";
import { summarize } from "../../restore/plan.ts";
import { outermost, planFor, type RestoreRequest, restore } from "../../restore/restore.ts";
import { movedPlaces, type PathMap, targetPath } from "../../restore/target.ts";
import { demandTrusted, snapshotParts, storeParts } from "../../restore/trust.ts";
import { standingAt } from "../../snapshot/ref.ts";
import { asWriter, innerFolder } from "../../snapshot/store.ts";
import { folderVault } from "../../snapshot/vault.ts";
import { whoAmI } from "../../system/machine.ts";
import { agentNotes } from "../../tasks/agent-notes.ts";
import { liveAgents } from "../../tasks/agent-states.ts";
import { headDrift, originOf, venvDrift } from "../../tasks/drift.ts";
import { gather } from "../../tasks/gather.ts";
import { keysOf } from "../../tasks/identity.ts";
import { noteEvent } from "../../tasks/note-event.ts";
import { openSnapshot } from "../../tasks/open.ts";
import { reloadAll, requestsFor } from "../../tasks/reload.ts";
import { findSite } from "../../tasks/site.ts";
import { unfinishedRestore } from "../../tasks/unfinished.ts";
import { quote } from "../../text.ts";
import { command, type Session } from "../command.ts";
import { identityFlag, lockWait, lockWaitMs } from "../flags.ts";

export default command({
  name: "restore",
  description: "Show what restoring a snapshot would do; with --force, do it",
  args: {
    ref: {
      type: "positional",
      required: true,
      description: "An id, the beginning of one, latest, latest~N, latest:CATEGORY, a folder, or an archive",
    },
    force: { type: "boolean", description: "Restore; without it nothing is changed" },
    only: {
      type: "string",
      valueHint: "KIND|GLOB",
      description: "Only these: plist, config, credential, or a pattern (repeatable)",
    },
    except: { type: "string", valueHint: "KIND|GLOB", description: "All but these (repeatable)" },
    map: { type: "string", valueHint: "OLD=NEW", description: "Restore what lay below OLD to below NEW (repeatable)" },
    relocate: {
      type: "boolean",
      description: "From another home: move paths, also inside plists and JSON configs, to this one",
    },
    allow: {
      type: "string",
      valueHint: "PREFIX",
      description: "Also write below PREFIX, outside home and root (repeatable)",
    },
    identity: identityFlag,
    reload: { type: "boolean", description: "Then reload the agents whose plist changed" },
    patch: { type: "boolean", description: "Also show what differs inside each file that changes" },
    "keep-going": { type: "boolean", description: "Restore each file on its own instead of all or none" },
    "lock-wait": lockWait,
  },
  repeatable: ["only", "except", "map", "allow"],
  exits: {
    0: "done; a preview too, whatever it shows",
    1: "failed, and every file is as it was",
    3: "restored but for stored files that are missing or damaged; they are named",
    4: "the snapshot's manifest can't be used",
    5: "there is no such snapshot, or none of its files is chosen",
    6: "another rollback holds the lock",
    7: "refused: a file would be written where it should not",
  },
  example: "rollback restore 20251211_143600 --only plist --force",
  async run(args, session) {
    const { world, globals, notify, holder, lists } = session;
    const waitMs = lockWaitMs(args["lock-wait"]);
    const given = (lists.map ?? []).map((text) => readMap(text, world.cwd));
    const site = await findSite(world, globals, true);
    const { located, vault, manifest } = await openSnapshot(
      args.ref,
      async () => site.store,
      world.cwd,
      () => keysOf(world, args.identity),
    );
    const { id } = located;
    const uid = whoAmI().uid;
    const { only = [], except = [] } = lists;
    if (args.relocate === true && manifest.home === null && manifest.root === null) throw fail.noRecordedHome(id);
    const maps = args.relocate === true ? [...given, ...movedPlaces(manifest, site)] : given;
    const request = (found: RestoreRequest["found"]): RestoreRequest => ({
      id,
      vault,
      manifest,
      ...site,
      only,
      except,
      maps,
      relocate: args.relocate === true,
      allow: (lists.allow ?? []).map((text) => absolute(text, world.cwd)),
      found,
      uid,
    });
    const ref = standingAt(args.ref, world.cwd) === null ? id : args.ref;
    // To be typed from anywhere, so with whole paths.
    const key = args.identity === undefined ? [] : ["--identity", absolute(args.identity, world.cwd)];
    const reloadWords = ["rollback", "reload", ...(ref === id ? [id] : [vault.at, ...key])];
    const again = (wanted: string[]) => {
      // What lay below another home is to go below this one, not to be allowed there.
      const { home } = manifest;
      const moved =
        home !== null && home !== site.home && wanted.length > 0 && wanted.every((path) => isWithin(path, home));
      const more = moved ? { map: [`${home}=${site.home}`] } : { allow: wanted };
      return commandFor(ref, session, more, {
        identity: args.identity,
        switches: [
          ...(args.relocate === true ? ["--relocate"] : []),
          ...(args.reload === true ? ["--reload"] : []),
          ...(args["keep-going"] === true ? ["--keep-going"] : []),
        ],
      });
    };
    const outcome = {
      command: "restore" as const,
      git: await headDrift(manifest, site.root, world.env),
      venvs: await venvDrift(manifest, site),
      from: originOf(manifest, site),
      legacy: manifest.format === 1,
    };

    if (!args.force) {
      const inventory = await discover(site.config, site);
      for (const { path, reason } of inventory.skipped) notify({ type: "warning", message: `${path}: ${reason}` });
      const plan = await planFor(request(inventory.found));
      await unfinishedRestore(site.store, notify);
      const wanting = plan.changes.flatMap(({ allow }) => (allow === undefined ? [] : [allow]));
      return {
        ...outcome,
        patch: args.patch === true ? await (await import("../../tasks/patch.ts")).patchOf(plan, vault) : null,
        agents: await agentNotes(plan, vault, world),
        next: again(outermost(wanting)),
        exit: 0,
        dryRun: true,
        plan,
        summary: summarize(plan),
        autoBackup: null,
        restored: [],
        failed: [],
        reload: [],
        reloaded: null,
      };
    }

    demandTrusted([...storeParts(site.store), ...(vault.archive ? [] : snapshotParts(vault.at))], uid);
    const { inventory, circumstances } = await gather(world, site, () => {});
    for (const message of inventory.warnings) notify({ type: "warning", message });
    const labelsBefore = args.reload === true ? await liveAgents(site) : [];
    const restored = await asWriter(site.store, { command: holder, lockWaitMs: waitMs }, async () => {
      const { pendingJournal } = await import("../../restore/journal-read.ts");
      const pending = pendingJournal(innerFolder(site.store));
      if (pending !== null) throw fail.unfinished(pending.journal?.snapshot ?? id);
      let backupNoted = true;
      const done = await restore(
        request(inventory.found),
        {
          keepGoing: args["keep-going"] === true,
          backedUp: ({ id: backup, files, digest, skipped }) => {
            const description = `Auto-backup before restoring ${id}`;
            const result = skipped.length === 0 ? "ok" : "incomplete";
            const event = { command: "create", description, id: backup, files: files.length, result };
            backupNoted = noteEvent(site.store, digest === null ? event : { ...event, manifest: digest }, notify);
          },
          skipped: inventory.skipped,
          circumstances,
          retryWith: (allow) => again(allow).map(quote).join(" "),
        },
        notify,
      );
      const summary = summarize(done.plan);
      const partly = summary.skipped > 0 || done.failed.length > 0;
      const { autoBackup } = done;
      const backup = autoBackup === null ? null : folderVault(autoBackup.id, autoBackup.folder);
      const kept = autoBackup?.files ?? [];
      const { description } = manifest;
      const event = {
        command: "restore",
        description,
        id,
        files: done.restored.length,
        result: partly ? "partly" : "ok",
      };
      const noted = noteEvent(site.store, event, notify) && backupNoted;
      return {
        ...outcome,
        agents: [],
        next: [],
        exit: partly || !noted ? 3 : 0,
        dryRun: false,
        plan: done.plan,
        summary,
        autoBackup: autoBackup?.id ?? null,
        restored: done.restored.map(({ path, name, kind }) => ({ path, name, kind })),
        failed: done.failed,
        patch:
          args.patch === true
            ? await (await import("../../tasks/patch.ts")).patchDone(done.plan, vault, backup, kept)
            : null,
        reload: reloadLines(done.restored, manifest, maps, uid, reloadWords),
        reloaded: null,
      } satisfies RestoreOutcome;
    });
    if (args.reload !== true) return restored;
    // Not under the lock: 71 agents take their time, and the daily job may want it.
    const plists = restored.restored.filter(({ kind }) => kind === "plist").map(({ path }) => absolute(path, "/"));
    const requests = await requestsFor(plists, manifest);
    // What launchd knew under a label that the restored plist no longer has would run on beside it.
    const renamed = labelsBefore
      .filter(({ path, label }) => requests.some(({ plist, label: now }) => plist === path && now !== label))
      .map(({ path, label }) => ({ label, plist: path, agent: null, recorded: { loaded: false, disabled: false } }));
    const { exit, ...reloaded } = await reloadAll([...renamed, ...requests], world, notify);
    return { ...restored, reload: [], reloaded, exit: exit === 3 ? 3 : restored.exit };
  },
});

function readMap(text: string, cwd: AbsPath): PathMap {
  const at = text.indexOf("=");
  const from = text.slice(0, at).replace(/\/+$/, "");
  const to = text.slice(at + 1);
  if (at < 1 || !from.startsWith("/") || to === "")
    throw fail.badValue("--map", text, "OLD=NEW with OLD an absolute path");
  return { from, to: absolute(to, cwd) };
}

/** The very command that does what the preview showed, with every flag that changes it. */
function commandFor(
  ref: string,
  { globals, lists }: Session,
  more: Record<string, string[]>,
  { identity, switches }: { identity: string | undefined; switches: string[] },
): string[] {
  const flags = { root: globals.root, config: globals.config, snapshots: globals.snapshots, identity };
  const given = Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  const repeated = Object.entries(lists).flatMap(([name, values]) =>
    [...values, ...(more[name] ?? [])].flatMap((value) => [`--${name}`, value]),
  );
  return ["rollback", "restore", ref, ...given, ...repeated, ...switches, "--force"];
}

/** What makes launchd read the replaced plists: bootout and bootstrap by label. */
function reloadLines(restored: Change[], manifest: Manifest, maps: PathMap[], uid: number, words: string[]): string[] {
  const labels = new Map<string, string | null | undefined>();
  for (const { original, label } of manifest.files) {
    const target = targetPath(original, maps);
    if ("path" in target) labels.set(target.path, label);
  }
  const lines = restored
    .filter(({ kind }) => kind === "plist")
    .map(({ path, name }) => {
      const label = labels.get(path) ?? name.replace(/\.plist$/, "");
      return `launchctl bootout ${quote(`gui/${uid}/${label}`)}; launchctl bootstrap gui/${uid} ${quote(path)}`;
    });
  return lines.length === 0 ? [] : [words.map(quote).join(" "), ...lines];
}
