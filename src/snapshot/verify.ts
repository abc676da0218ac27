// Every stored file re-hashed against its manifest, and whatever else lies there named.
import { type Digest, FOLDER, type Notify } from "../model.ts";
import { nameOf } from "../paths.ts";
import { digestOf } from "../system/files.ts";
import { oneThreadFewer } from "../system/hashing.ts";
import { checkpoint } from "../system/interrupt.ts";
import { CREDENTIAL_MANIFEST_NAME } from "./credential-manifest.ts";
import { bytesOf, MANIFEST_NAME } from "./manifest.ts";
import { meter } from "./meter.ts";
import { tryManifestOf, type Vault } from "./vault.ts";

export type ProblemKind = "missing" | "modified" | "extra" | "unreadable" | "manifest";
/** `path` is relative to the snapshot's folder. */
export interface Flaw {
  path: string;
  problem: ProblemKind;
  reason: string;
}

export interface Verified {
  id: string;
  status: "ok" | "damaged" | "incomplete" | "unreadable";
  filesChecked: number;
  bytesChecked: number;
  problems: Flaw[];
}

const OURS = new Set<string>([MANIFEST_NAME, CREDENTIAL_MANIFEST_NAME, ...Object.values(FOLDER)]);
const fromFinder = (name: string): boolean => name === ".DS_Store" || name.startsWith("._");

/** Verifies one snapshot. `noted` is the manifest digest that its `create` left in the audit trail, if any. */
export async function verifySnapshot(vault: Vault, noted: Digest | undefined, notify: Notify): Promise<Verified> {
  const { id } = vault;
  const read = await tryManifestOf(vault);
  if ("broken" in read) {
    const { code, message } = read.broken;
    // What nobody could look at is not known to be damaged.
    const [status, problem] =
      code === "failed" ? (["unreadable", "unreadable"] as const) : (["damaged", "manifest"] as const);
    const problems: Flaw[] = [{ path: MANIFEST_NAME, problem, reason: message }];
    return { id, status, filesChecked: 0, bytesChecked: 0, problems };
  }
  const { manifest, text } = read;
  const problems: Flaw[] = [];
  if (noted !== undefined && digestOf(text) !== noted)
    problems.push({ path: MANIFEST_NAME, problem: "manifest", reason: "was edited after the snapshot was made" });
  const told = meter(notify, "Verifying", bytesOf(manifest.files), id);
  let heard = 0;
  const checks = await vault.checkAll(manifest.files, {
    progress(bytes, path) {
      told(bytes - heard, path === undefined ? undefined : nameOf(path));
      heard = bytes;
    },
    between: () => checkpoint("nothing was changed"),
    lost: (reason) => notify(oneThreadFewer(reason)),
  });
  let bytesChecked = 0;
  for (const [index, checked] of checks.entries()) {
    if (checked.state === "ok") bytesChecked += checked.facts.size;
    else
      problems.push({
        path: manifest.files[index]?.stored ?? "",
        problem: checked.state === "link" ? "modified" : checked.state,
        reason: checked.reason,
      });
  }
  for (const { path, state, reason } of await vault.papers(manifest, text))
    if (state === "unknown") notify({ type: "warning", message: `${id}: ${path}: ${reason}` });
    else problems.push({ path, problem: state, reason });
  const known = new Set<string>(manifest.files.map(({ stored }) => stored));
  for (const path of strangers(vault, known)) problems.push({ path, problem: "extra", reason: "not in the manifest" });
  const status = statusOf(problems.length > 0, manifest.complete);
  return { id, status, filesChecked: manifest.files.length, bytesChecked, problems };
}

/** What is known of a whole snapshot in one word. */
export function statusOf(isDamaged: boolean, isComplete: boolean): "ok" | "damaged" | "incomplete" {
  if (isDamaged) return "damaged";
  return isComplete ? "ok" : "incomplete";
}

function strangers(vault: Vault, known: Set<string>): string[] {
  const foreign = vault.names().filter((path) => !OURS.has(path) && !known.has(path) && !fromFinder(nameOf(path)));
  return foreign.sort();
}
