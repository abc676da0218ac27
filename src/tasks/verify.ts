// `verify`: re-hashes every stored file against its manifest.

import type { AbsPath, Digest, Notify } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import { recordEvent } from "../snapshot/audit.ts";
import { checkAudit } from "../snapshot/audit-read.ts";
import type { Status } from "../snapshot/facts.ts";
import { healSnapshot } from "../snapshot/heal.ts";
import { meter, oneOf } from "../snapshot/meter.ts";
import { type Located, standingAt } from "../snapshot/ref.ts";
import { healthySpares } from "../snapshot/spares.ts";
import { asWriter, listSnapshots } from "../snapshot/store.ts";
import { folderVault } from "../snapshot/vault.ts";
import { type Verified, verifySnapshot } from "../snapshot/verify.ts";
import { exists, ifReadable, look } from "../system/files.ts";
import type { Context, Ending } from "./context.ts";
import { keysOf } from "./identity.ts";
import { formOf, glanceAt, type Keys, locate, openVault } from "./open.ts";
import { findStoreAlone } from "./site.ts";
import { unfinishedRestore } from "./unfinished.ts";

export interface VerifyRequest {
  /** One snapshot; undefined is all of them. */
  ref: string | undefined;
  identity: string | undefined;
  /** Mend what another snapshot holds a healthy copy of. */
  heals: boolean;
  lockWaitMs: number;
}

export interface VerifyOutcome extends Ending {
  command: "verify";
  snapshots: {
    id: string;
    status: Status;
    filesChecked: number;
    bytesChecked: number;
    problems: { path: string; problem: string; reason: string }[];
    healed: string[];
  }[];
  audit: { ok: boolean; firstBadLine?: number };
  /** Snapshots that could not be looked at: sealed, and no identity at hand opens them. */
  unverified: number;
}

export async function verify(request: VerifyRequest, context: Context): Promise<VerifyOutcome> {
  const { ref, identity } = request;
  const { world, named, notify } = context;
  const elsewhere = ref === undefined ? null : standingAt(ref, world.cwd);
  // A snapshot outside any store is judged by itself.
  const store = elsewhere === null ? await findStoreAlone(world, named) : parentOf(elsewhere.at);
  const inStore = async () =>
    ref === undefined ? listSnapshots(store) : [await locate(ref, async () => store, world.cwd)];
  const chosen = elsewhere === null ? await inStore() : [elsewhere];
  const heals = request.heals && elsewhere === null && exists(store);
  const healed = heals ? await heal(store, chosen, request, context) : new Map<string, string[]>();
  const audit = checkAudit(store);
  const snapshots: VerifyOutcome["snapshots"] = [];
  const sizes = await Promise.all(chosen.map(sizeOf));
  for (const [index, located] of chosen.entries()) {
    const { id } = located;
    const keys = () => keysOf(world, identity);
    const told = chosen.length === 1 ? notify : oneOf(notify, sizes, index, id);
    const verified = await verifyForms(located, audit.digests.get(id), keys, ref !== undefined, told);
    if (verified !== null) snapshots.push({ ...verified, healed: healed.get(id) ?? [] });
  }
  await unfinishedRestore(store, notify);
  const isDamaged = !audit.ok || snapshots.some(({ status }) => status === "damaged");
  const unread = snapshots.some(({ status }) => status === "unreadable") ? EXIT.partial : EXIT.done;
  return {
    command: "verify",
    exit: isDamaged ? EXIT.damaged : unread,
    snapshots,
    unverified: chosen.length - snapshots.length,
    audit: { ok: audit.ok, ...(audit.firstBadLine === undefined ? {} : { firstBadLine: audit.firstBadLine }) },
  };
}

/** About how much there is to read, in bytes. */
async function sizeOf(located: Located): Promise<number> {
  if (formOf(located) !== "folder") return ifReadable(() => look(located.at)?.size) ?? 0;
  return (await glanceAt(located))?.sizeBytes ?? 0;
}

/** Mends what another snapshot holds a healthy copy of; returns the files that were mended, by snapshot. */
async function heal(
  store: AbsPath,
  chosen: Located[],
  { lockWaitMs }: VerifyRequest,
  { holder }: Context,
): Promise<Map<string, string[]>> {
  const healed = new Map<string, string[]>();
  const spares = healthySpares(store);
  await asWriter(store, { command: holder, lockWaitMs }, async () => {
    const { digests } = checkAudit(store);
    for (const { id, at, forms } of chosen) {
      if (!forms.includes("folder")) continue;
      const mended = await healSnapshot(store, folderVault(id, at), digests.get(id), spares);
      healed.set(id, mended);
      if (mended.length > 0) recordEvent(store, { command: "heal", id, files: mended.length, result: "ok" });
    }
  });
  return healed;
}

/** All forms of a snapshot as one result. Null where there is only a sealed one that nothing at hand opens, and nobody asked for it. */
async function verifyForms(
  { id, at, forms }: Located,
  noted: Digest | undefined,
  keys: Keys,
  asked: boolean,
  notify: Notify,
): Promise<Verified | null> {
  const results: Verified[] = [];
  for (const form of forms) {
    // What `at` names is one of the forms; the others stand beside it.
    const path = form === "folder" || at.endsWith(`.${form}`) ? at : below(parentOf(at), `${id}.${form}`);
    try {
      const onBytes =
        form === "zip.age" ? meter(notify, "Opening", ifReadable(() => look(path)?.size) ?? 0, id) : undefined;
      using vault = await openVault({ id, at: path, forms: [form] }, keys, onBytes);
      const { problems, ...rest } = await verifySnapshot(vault, noted, notify);
      const named = problems.map((problem) =>
        form === "folder" ? problem : { ...problem, path: `${id}.${form}: ${problem.path}` },
      );
      results.push({ ...rest, problems: named });
    } catch (cause) {
      if (!(cause instanceof RollbackError)) throw cause;
      // A wrong line in an identity file is to be mended, whatever was asked for.
      if (cause.code === "usage") throw cause;
      if (form === "zip.age" && cause.code === "not-found") {
        if (asked && forms.length === 1) throw cause;
        notify({ type: "warning", message: `${id}.${form} was not verified: ${cause.message}` });
        continue;
      }
      const problem = { path: `${id}.${form}`, problem: "modified" as const, reason: cause.message };
      results.push({ id, status: "damaged", filesChecked: 0, bytesChecked: 0, problems: [problem] });
    }
  }
  const [first] = results;
  if (first === undefined) return null;
  const problems = results.flatMap((result) => result.problems);
  const status = results.find((result) => result.status === "damaged")?.status ?? first.status;
  return { ...first, status, problems };
}
