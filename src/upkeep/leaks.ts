// Secrets that git holds or is about to: plain snapshots, credential files, and the bytes of any credential in any snapshot.
import { CryptoHasher } from "bun";
import { git } from "../inventory/git.ts";
import type { AbsPath, Env, Found } from "../model.ts";
import { absolute, isWithin } from "../paths.ts";
import { type Form, listSnapshots } from "../snapshot/store.ts";
import { folderVault, tryManifestOf, type Vault } from "../snapshot/vault.ts";
import { resolved } from "../system/files.ts";

export interface Leak {
  /** Absolute. */
  path: string;
  why: string;
}

/** A credential larger than this is not looked for by its bytes; keys and tokens are a few KiB. */
const LIMIT_BYTES = 1 << 20;
/** `{}` and the like are in every repository. */
const TRIVIAL_BYTES = 8;

/**
 * Looks into git's index, all of it or what differs from HEAD (`staged`). Null where there is no git or it does not answer. The
 * bytes are compared by the object ids that git gives them, so none of its objects is read.
 */
export async function findLeaks(
  folder: AbsPath,
  store: AbsPath,
  credentials: Found[],
  staged: boolean,
  env: Env,
): Promise<Leak[] | null> {
  const top = (await git(folder, env, ["rev-parse", "--show-toplevel"]))?.replace(/\n$/, "");
  if (!top) return null;
  // A hook of `git commit -a` or `git commit FILE` is told of an index of its own: what is about to be committed stands there.
  const own = env.GIT_INDEX_FILE === undefined ? undefined : absolute(env.GIT_INDEX_FILE, top);
  const index = await git(top as AbsPath, env, ["ls-files", "--stage", "-z"], own);
  const changed = staged
    ? await git(top as AbsPath, env, ["diff", "--cached", "--name-only", "-z", "--diff-filter=d"], own)
    : "";
  if (index === null || changed === null) return null;
  const chosen = new Set(changed.split("\0"));
  const entries = index
    .split("\0")
    .map((row) => /^\d+ ([0-9a-f]+) \d\t(.*)$/s.exec(row))
    .flatMap((match) => (match === null ? [] : [{ object: match[1] ?? "", name: match[2] ?? "" }]))
    .filter(({ name }) => !staged || chosen.has(name));
  const inStore = resolved(store);
  const known = new Set(credentials.map(({ path }) => resolved(path)));
  const secrets = await credentialObjects(store, entries[0]?.object.length === 64 ? "sha256" : "sha1");
  return entries.flatMap(({ object, name }) => {
    const path = absolute(name, top);
    if (isWithin(path, inStore) && !name.endsWith(".zip.age") && !name.endsWith("/.gitignore"))
      return [{ path, why: "a plain snapshot" }];
    if (known.has(path)) return [{ path, why: "a credential file" }];
    const secret = secrets.get(object);
    return secret === undefined ? [] : [{ path, why: `the bytes of the credential ${secret}` }];
  });
}

/** Git's object id of every credential in every snapshot, with the credential's name. Format: gitformat "blob SIZE\\0BYTES". */
async function credentialObjects(store: AbsPath, algorithm: "sha1" | "sha256"): Promise<Map<string, string>> {
  const objects = new Map<string, string>();
  const seen = new Set<string>();
  for (const { id, at, forms } of listSnapshots(store)) {
    const vault = await open(id, at, forms);
    const read = vault === null ? null : await tryManifestOf(vault);
    if (vault === null || read === null || "broken" in read) continue;
    for (const { kind, stored, hash, name, original } of read.manifest.files) {
      if (kind !== "credential" || seen.has(hash)) continue;
      seen.add(hash);
      const bytes = await vault.read(stored, LIMIT_BYTES).catch(() => null);
      if (bytes === null || bytes.length < TRIVIAL_BYTES) continue;
      const object = new CryptoHasher(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
      objects.set(object, name ?? original);
    }
  }
  return objects;
}

/** A folder or a plain archive; null for what is sealed, or broken. */
async function open(id: string, at: AbsPath, [form]: Form[]): Promise<Vault | null> {
  if (form === "folder") return folderVault(id, at);
  if (form !== "zip") return null;
  const { openZip } = await import("../archive/vault.ts");
  return openZip(id, at).catch(() => null);
}

/**
 * What `create` says where git holds plain snapshots, now or in its history, with the commands that mend it. `history` is left
 * out where git takes too long to tell.
 */
export async function plainSnapshotsInGit(
  folder: AbsPath,
  store: AbsPath,
  env: Env,
): Promise<{ tracked: number; inHistory: boolean }> {
  const inStore = `:(literal)${store}`;
  const [listing, history] = await Promise.all([
    git(folder, env, ["ls-files", "-z", "--", inStore]),
    // ls-files of git 2.39 finds nothing once a folder and an exclusion stand together; log does.
    git(folder, env, [
      "log",
      "--all",
      "--max-count=1",
      "--format=%h",
      "--",
      inStore,
      ...["*.zip.age", ".gitignore"].map((name) => `:(exclude,glob)**/${name}`),
    ]),
  ]);
  const tracked = (listing ?? "").split("\0").filter((name) => name !== "" && !/(\.zip\.age|\.gitignore)$/.test(name));
  return { tracked: tracked.length, inHistory: (history ?? "").trim() !== "" };
}
