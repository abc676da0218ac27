// Every stored file re-hashed against its manifest, and whatever else lies there named.
import { type AbsPath, type Digest, FOLDER } from "../model.ts";
import { below } from "../paths.ts";
import { digestOf, ifReadable, namesIn } from "../system/files.ts";
import { checkpoint } from "../system/interrupt.ts";
import { CREDENTIAL_MANIFEST_NAME } from "./credential-manifest.ts";
import { MANIFEST_NAME } from "./manifest.ts";
import { tryManifest } from "./store.ts";
import { checkStored } from "./stored.ts";

export type ProblemKind = "missing" | "modified" | "extra" | "unreadable" | "manifest";
/** `path` is relative to the snapshot's folder. */
export interface Problem {
  path: string;
  problem: ProblemKind;
  reason: string;
}

export interface Verified {
  id: string;
  status: "ok" | "damaged" | "incomplete";
  filesChecked: number;
  bytesChecked: number;
  problems: Problem[];
}

const OURS = new Set<string>([MANIFEST_NAME, CREDENTIAL_MANIFEST_NAME, ...Object.values(FOLDER)]);
const fromFinder = (name: string): boolean => name === ".DS_Store" || name.startsWith("._");

/** Verifies one snapshot's folder. `noted` is the manifest digest that its `create` left in the audit trail, if any. */
export async function verifySnapshot(id: string, folder: AbsPath, noted: Digest | undefined): Promise<Verified> {
  const read = tryManifest(folder);
  if ("broken" in read)
    return {
      id,
      status: "damaged",
      filesChecked: 0,
      bytesChecked: 0,
      problems: [{ path: MANIFEST_NAME, problem: "manifest", reason: read.broken.message }],
    };
  const { manifest, text } = read;
  const problems: Problem[] = [];
  if (noted !== undefined && digestOf(text) !== noted)
    problems.push({ path: MANIFEST_NAME, problem: "manifest", reason: "was edited after the snapshot was made" });
  const known = new Set<string>();
  let bytesChecked = 0;
  for (const { stored, hash } of manifest.files) {
    known.add(stored);
    await checkpoint("nothing was changed");
    const checked = checkStored(folder, stored, hash);
    if (checked.state === "ok") bytesChecked += checked.facts.size;
    else
      problems.push({
        path: stored,
        problem: checked.state === "link" ? "modified" : checked.state,
        reason: checked.reason,
      });
  }
  for (const path of strangers(folder, known)) problems.push({ path, problem: "extra", reason: "not in the manifest" });
  const status = problems.length > 0 ? "damaged" : manifest.complete ? "ok" : "incomplete";
  return { id, status, filesChecked: manifest.files.length, bytesChecked, problems };
}

function strangers(folder: AbsPath, known: Set<string>): string[] {
  const list = (path: AbsPath) => (ifReadable(() => namesIn(path)) ?? []).filter((name) => !fromFinder(name)).sort();
  const top = list(folder).filter((name) => !OURS.has(name));
  const inner = Object.values(FOLDER).flatMap((kind) => list(below(folder, kind)).map((name) => `${kind}/${name}`));
  return [...top, ...inner.filter((path) => !known.has(path))];
}
