import type { CopiesOutcome } from "../tasks/list-copies.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";
import { bytes } from "./words.ts";

export const copies: Face<CopiesOutcome> = {
  quiet: ({ copies: all }) => all.map(({ host, id, form }) => `${host}/${id}.${form}`),
  text({ from, total, copies: all }) {
    if (total === 0) return [`📦 No copies in ${printable(from)} (--host all shows every host's)`];
    const rows = all.map(({ id, host, form, bytes: size, here }) => {
      const facts = [printable(host), form, ...(size === null ? [] : [bytes(size)]), ...(here ? ["also here"] : [])];
      return `[${id}] ${facts.join(", ")}`;
    });
    const count = all.length === total ? `showing ${total}` : `showing ${all.length} of ${total}`;
    return [`📦 Copies in ${printable(from)} (${count}):`, "", ...rows];
  },
  json: ({ from, total, copies: all }) => ({ command: "list", from, total, copies: all }),
};
