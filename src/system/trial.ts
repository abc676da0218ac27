// What a file system can do, by trying it in a folder of our own.
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { AbsPath } from "../model.ts";
import { codeOf, reasonOf } from "../rollback-error.ts";
import { barrier, tryFlock } from "./native.ts";

/** The system's words where `act` failed, else null. */
function why(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (cause) {
    return reasonOf(cause);
  }
}

const THEN_S = 1_600_000_000;

/** Tries each call in a new folder below `inside`, and removes that. Throws where nothing can be written there at all. */
export function tryFileSystem(inside: AbsPath) {
  const folder = mkdtempSync(join(inside, "doctor-"));
  const at = (name: string) => join(folder, name);
  const put = (name: string) => writeFileSync(at(name), name, { flag: "wx", mode: 0o600 });
  try {
    put("a");
    const clockOffMs = statSync(at("a")).mtimeMs - Date.now();
    const fd = openSync(at("a"), "r+");
    try {
      const lock = why(() => refuse(tryFlock(fd)));
      const began = performance.now();
      fsyncSync(fd);
      const flushed = barrier(fd);
      const flushMs = flushed ? performance.now() - began : null;
      const mode = statSync(at("a")).mode & 0o777;
      utimesSync(at("a"), THEN_S, THEN_S);
      const mtimeOffMs = Math.abs(statSync(at("a")).mtimeMs - THEN_S * 1000);
      put("e\u0301");
      put("old");
      put("new");
      return {
        ...{ lock, lockHolds: isHeld(at("a")), flushMs, mode, mtimeOffMs, clockOffMs },
        exclusive: takesTwice(() => put("a")),
        hardLink: why(() => linkSync(at("a"), at("linked"))),
        renameOver: why(() => renameSync(at("new"), at("old"))),
        ignoresCase: existsSync(at("A")),
        ignoresForm: existsSync(at("\u00e9")),
      };
    } finally {
      closeSync(fd);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function refuse(code: string | null): void {
  if (code !== null) throw Object.assign(new Error(code), { code });
}

function isHeld(path: string): boolean {
  const fd = openSync(path, "r+");
  try {
    return tryFlock(fd) !== null;
  } finally {
    closeSync(fd);
  }
}

function takesTwice(make: () => void): string | null {
  try {
    make();
    return "a name that is taken was given away again";
  } catch (cause) {
    return codeOf(cause) === "EEXIST" ? null : reasonOf(cause);
  }
}
