import type { PackOutcome } from "../tasks/pack.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";
import { bytes } from "./words.ts";

export const pack: Face<PackOutcome> = {
  quiet: ({ packed }) => packed.map(({ path }) => printable(path)),
  text({ packed }) {
    if (packed.length === 0) return ["✅ Every snapshot is packed already"];
    return packed.map(
      ({ path, bytes: size, written, moved }) =>
        `${written ? "📦 Packed" : "✅ Packed already, and whole"}: ${printable(path)} (${bytes(size)})${moved ? ", folder removed" : ""}`,
    );
  },
  json: ({ packed }) => ({ packed: packed.map(({ bytes: size, ...rest }) => ({ ...rest, size_bytes: size })) }),
};
