import type { InitOutcome } from "../tasks/init.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const init: Face<InitOutcome> = {
  quiet: ({ written, path, content }) => [written ? printable(path) : content.trimEnd()],
  text({ written, path, content }) {
    if (!written) return [content.trimEnd()];
    const next = '   Read it, change what you like, then: rollback create "First snapshot"';
    return [`✅ Written: ${printable(path)}`, next];
  },
  json: ({ path, written, content, found }) => ({ path, written, content, found }),
};
