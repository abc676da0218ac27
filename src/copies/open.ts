// An address → the destination that it means.
import type { AbsPath, Env } from "../model.ts";
import { ifReadable, readText } from "../system/files.ts";
import type { Address } from "./address.ts";
import { findAccess } from "./aws.ts";
import type { Destination } from "./destination.ts";

const LIMIT_BYTES = 1 << 20;

/** `root` is the project's, or the current folder where there is none. Throws `failed` where S3 is meant and no keys are found. */
export async function openDestination(
  address: Address,
  { root, home, env }: { root: AbsPath; home: AbsPath; env: Env },
  settings: { endpoint?: string | undefined; region?: string | undefined },
): Promise<Destination> {
  if (address.type === "folder") return (await import("./folder.ts")).folderDestination(address.path);
  if (address.type === "git") return (await import("./git.ts")).gitDestination(address.remote, root, env);
  const access = findAccess(env, home, settings, (path) => ifReadable(() => readText(path, LIMIT_BYTES)));
  return (await import("./s3.ts")).s3Destination(address, access);
}
