import type { UnpackOutcome } from "../tasks/unpack.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const unpack: Face<UnpackOutcome> = {
  quiet: ({ id }) => [id],
  text: ({ id, folder, files }) => [
    `✅ Unpacked: ${id}`,
    `   Location: ${printable(folder)}`,
    `   Files: ${files.total}`,
  ],
  json: ({ id, folder, files }) => ({ id, path: folder, files }),
};
