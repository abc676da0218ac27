// The binary in a terminal of some width: what a person sees.
import { binary } from "./binary.ts";
import type { World } from "./harness.ts";

export interface Screen {
  exit: number | null;
  /** With its escape codes, and the terminal's line ends as newlines. */
  raw: string;
  /** Lines without colours. */
  lines: string[];
}

interface Terminal {
  columns?: number;
  env?: Record<string, string | undefined>;
  cwd?: string;
}

/** Runs it to its end; stdout and stderr are the terminal. */
export const inTerminal = (w: World, terminal: Terminal, ...words: string[]): Promise<Screen> =>
  programInTerminal(w, terminal, [binary, ...words]);

/** The same with any program. */
export async function programInTerminal(
  w: World,
  { columns = 80, env = {}, cwd = w.root }: Terminal,
  argv: string[],
): Promise<Screen> {
  let seen = "";
  const decoder = new TextDecoder();
  const child = Bun.spawn(argv, {
    cwd,
    env: w.environment({ TERM: "xterm", LANG: "C.UTF-8", ...env }),
    terminal: {
      cols: columns,
      rows: 24,
      data: (_terminal, bytes) => {
        seen += decoder.decode(bytes, { stream: true });
      },
    },
  });
  const exit = await child.exited;
  child.terminal?.close();
  const raw = seen.replaceAll("\r\n", "\n");
  return { exit, raw, lines: Bun.stripANSI(raw).replace(/\n$/, "").split("\n") };
}
