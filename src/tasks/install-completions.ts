// `completions --install`: the script beside the user's other data, and one line in the shell's own file that reads it. Done twice, it is there once.
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { absolute, below, parentOf } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { append, makeFolders } from "../system/durable.ts";
import { exists, ifReadable, readText, resolved } from "../system/files.ts";
import { homeFolder } from "../system/machine.ts";
import { replaceFile } from "../system/replace.ts";
import { quote } from "../text.ts";
import type { Context, Ending, World } from "./context.ts";

export interface InstallRequest {
  shell: "zsh" | "bash" | "fish";
  script: string;
}

export interface InstallOutcome extends Ending {
  command: "completions";
  shell: string;
  home: AbsPath;
  /** The script, which was written. */
  path: AbsPath;
  /** The shell's file that reads it, and whether it had to be told to; null where the shell finds the script by itself. */
  reader: { path: AbsPath; changed: boolean } | null;
}

const LIMIT_BYTES = 16 << 20;
const READABLE = { mode: 0o644, mtimeMs: null, owner: null };

/** Throws `failed` where a file can't be written; the shell's own file is only ever added to, once. */
export async function installCompletions(
  { shell, script }: InstallRequest,
  { world }: Context,
): Promise<InstallOutcome> {
  const home = homeFolder(world.env);
  const path = scriptPath(shell, home, world);
  try {
    makeFolders(parentOf(path), 0o755);
    replaceFile(path, script, READABLE);
  } catch (cause) {
    throw fail.io("write", path, cause);
  }
  const reader = readerOf(shell, home, world);
  const base = { command: "completions", exit: EXIT.done, shell, home, path } as const;
  if (reader === null) return { ...base, reader: null };
  return { ...base, reader: { path: reader, changed: tell(reader, lineFor(shell, path)) } };
}

function scriptPath(shell: InstallRequest["shell"], home: AbsPath, { env }: World): AbsPath {
  if (shell !== "fish") return below(home, ".local/share/rollback", `completions.${shell}`);
  const config = env.XDG_CONFIG_HOME?.startsWith("/") ? absolute(env.XDG_CONFIG_HOME, home) : below(home, ".config");
  return below(config, "fish/completions/rollback.fish");
}

/** The file that an interactive shell reads. A Mac's Terminal starts login shells, which read the first of three that is there. */
function readerOf(shell: InstallRequest["shell"], home: AbsPath, { env }: World): AbsPath | null {
  if (shell === "fish") return null;
  if (shell === "zsh") return below(env.ZDOTDIR?.startsWith("/") ? absolute(env.ZDOTDIR, home) : home, ".zshrc");
  if (process.platform !== "darwin") return below(home, ".bashrc");
  const names = [".bash_profile", ".bash_login", ".profile"];
  return below(home, names.find((name) => ifReadable(() => exists(below(home, name)))) ?? ".bash_profile");
}

/** zsh completes only once compinit ran, which some never call. */
function lineFor(shell: string, path: AbsPath): string {
  const ready = shell === "zsh" ? "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }; " : "";
  return `${ready}[ -r ${quote(path)} ] && . ${quote(path)}  # completions of rollback`;
}

/** Adds the line, unless it stands there. */
function tell(reader: AbsPath, line: string): boolean {
  // A link, as of dotfiles that are kept elsewhere, stays one.
  const real = resolved(reader);
  try {
    const text = exists(real) ? readText(real, LIMIT_BYTES) : "";
    if (text.split("\n").includes(line)) return false;
    append(real, `${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`);
    return true;
  } catch (cause) {
    throw fail.io("add a line to", reader, cause);
  }
}
