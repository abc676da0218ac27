// Which machine and account this is.
import { hostname, userInfo } from "node:os";
import { fail } from "../errors.ts";
import type { AbsPath, Env } from "../model.ts";
import { absolute } from "../paths.ts";
import { reasonOf } from "../rollback-error.ts";
import { exists, ifReadable, isFolder, lookThrough } from "./files.ts";
import { asSpelled } from "./naming.ts";

/** The home folder: HOME, else the account's. Throws `usage` where that is not a folder. */
export function homeFolder(env: Env): AbsPath {
  const named = env.HOME || accountHome();
  const home = absolute(named, "/");
  let why = "there is no such folder";
  try {
    if (!named.startsWith("/")) why = "it is not absolute";
    else if (isFolder(home)) return asSpelled(home);
    else if (exists(home)) why = "it is not a folder";
  } catch (cause) {
    why = reasonOf(cause);
  }
  throw fail.notAFolder("HOME", named, why);
}

/**
 * Throws `refused` where root would work in somebody else's home, as after `sudo`, which keeps HOME on a Mac: what root makes there
 * its owner can't read or restore. `command` is the command line.
 */
export function demandOwnHome(env: Env, command: string): void {
  if (process.geteuid?.() !== 0 || !env.HOME) return;
  const owner = ifReadable(() => lookThrough(env.HOME ?? ""))?.uid ?? 0;
  if (owner === 0) return;
  const isSudo = env.SUDO_UID === String(owner);
  throw fail.asRoot(env.HOME, owner, isSudo ? command : `sudo -u '#${owner}' ${command}`);
}

function accountHome(): string {
  try {
    return userInfo().homedir;
  } catch {
    return "";
  }
}

/** The account's name and number, for manifests and the audit trail. */
export function whoAmI(): { user: string; uid: number } {
  const uid = process.geteuid?.() ?? 0;
  try {
    // Bun says "unknown" where USER is not set.
    const { username } = userInfo();
    return { user: username === "unknown" ? String(uid) : username, uid };
  } catch {
    return { user: String(uid), uid };
  }
}

const SCUTIL = "/usr/sbin/scutil";
const SCUTIL_MS = 2000;
let name: string | undefined;

/**
 * The machine's name, for people: two may have the same one. A Mac's host name comes from the network that it is in, so there the name is
 * the one of System Settings › Sharing; it takes a program to ask, so nobody asks who does not need it.
 */
export function machineName(): string {
  name ??= (process.platform === "darwin" ? localHostName(SCUTIL, SCUTIL_MS) : null) ?? hostname();
  return name;
}

/** What `scutil --get LocalHostName` says; null where it fails, or takes longer. */
export function localHostName(scutil: string, limitMs: number): string | null {
  try {
    const { exitCode, stdout } = Bun.spawnSync([scutil, "--get", "LocalHostName"], {
      ...{ env: {}, stdin: "ignore", stdout: "pipe", stderr: "ignore", timeout: limitMs },
    });
    return (exitCode === 0 && stdout.toString().trim()) || null;
  } catch {
    return null;
  }
}

/** Whether a recorded name is this machine's: as it is called here, or by what the network calls it now, with any domain behind it. */
export function isThisMachine(recorded: string): boolean {
  const first = (host: string) => host.split(".")[0]?.toLowerCase();
  return first(recorded) === first(hostname()) || first(recorded) === first(machineName());
}
