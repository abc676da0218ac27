// A captured file as the user names it: by its path, its name, a credential's name, or a pattern for one of them.
import { absolute } from "../paths.ts";
import type { World } from "./context.ts";

/** As it is written, and where it looks like a path, from the current folder or the home. */
export function wordsFor(word: string, { cwd, env }: World): string[] {
  const home = env.HOME;
  if (word.startsWith("~/")) return home === undefined ? [word] : [word, `${home}/${word.slice(2)}`];
  return word.includes("/") ? [word, absolute(word, cwd)] : [word];
}
