// Which folders macOS keeps from programs that have no grant for them, and which program needs it. Pure. Under launchd nobody is
// asked: the answer is EPERM at once.
import type { Env } from "./model.ts";

export interface Around {
  /** `darwin` for macOS, as Node names it. */
  platform: string;
  home: string;
  env: Env;
  /** The binary's own path. */
  execPath: string;
}

/** Below the home; iCloud Drive is Mobile Documents, other clouds lie in CloudStorage. */
const GUARDED = ["Documents", "Desktop", "Downloads", "Library/Mobile Documents", "Library/CloudStorage"];
const SETTINGS = "System Settings › Privacy & Security › Full Disk Access";

/** TERM_PROGRAM → the name that System Settings lists. */
const TERMINALS: Record<string, string> = {
  Apple_Terminal: "Terminal",
  "iTerm.app": "iTerm",
  vscode: "Visual Studio Code",
  WarpTerminal: "Warp",
  WezTerm: "WezTerm",
  ghostty: "Ghostty",
  kitty: "kitty",
  tmux: "the terminal that tmux was started in",
};

/**
 * The guarded folder that a path, or a path in a sentence, lies in, as a person names it; null where there is none. Paths hold
 * blanks and end anywhere in a sentence, so the folders are looked for, not the paths.
 */
function guardedFolder(text: string, home: string): string | null {
  const isIn = (folder: string) => {
    const at = text.indexOf(folder);
    return at >= 0 && !/[\p{L}\p{N}_-]/u.test(text[at + folder.length] ?? "");
  };
  const name = GUARDED.find((below) => isIn(`${home}/${below}`) || isIn(`~/${below}`));
  if (name !== undefined) return `~/${name}`;
  const volume = /\/Volumes\/([^/:;,"\n]+)/.exec(text)?.[1];
  return volume === undefined ? null : `/Volumes/${volume}`;
}

/** Who needs the grant: the program that macOS holds responsible for us, and how the grant is given. */
export function responsible({ env, execPath }: Pick<Around, "env" | "execPath">): { program: string; grant: string } {
  if (isLaunchdJob(env))
    return {
      program: execPath,
      grant: `${SETTINGS}: add ${execPath}; after an upgrade remove the old entry first`,
    };
  if (env.SSH_CONNECTION)
    return {
      program: "sshd",
      grant: "System Settings › General › Sharing › Remote Login: allow full disk access for remote users",
    };
  const program = env.TERM_PROGRAM
    ? (TERMINALS[env.TERM_PROGRAM] ?? env.TERM_PROGRAM)
    : "the program that started rollback";
  return { program, grant: `${SETTINGS}: add ${program}, then open it anew` };
}

/** launchd gives a job its label; what Terminal starts has `0` or the label of an application. */
const isLaunchdJob = ({ XPC_SERVICE_NAME: label }: Env): boolean =>
  label !== undefined && label !== "" && label !== "0" && !label.startsWith("application.");

/**
 * The one hint for a text that tells of an EPERM below a guarded folder, such as an error's sentence; null where it does not, and
 * elsewhere than on a Mac.
 */
export function privacyHint(text: string, around: Around): string | null {
  if (around.platform !== "darwin" || !text.includes("(EPERM)")) return null;
  const folder = guardedFolder(text, around.home);
  if (folder === null) return null;
  const { program, grant } = responsible(around);
  return (
    `macOS keeps ${folder} from ${program}. ${grant}. ` +
    "If it has the grant already, `rollback doctor` tells what else stands in the way. Files kept elsewhere need none."
  );
}
