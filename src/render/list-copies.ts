import type { CopiesOutcome } from "../tasks/list-copies.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";
import { bytes, utc } from "./words.ts";

type Row = CopiesOutcome["copies"][number];

export const copies: Face<CopiesOutcome> = {
  quiet: ({ copies: all }) =>
    all.map(({ host, project, store, id, form }) => `${host}/${project}-${store}/${id}.${form}`),
  text({ from, total, copies: all }) {
    if (total === 0) return [`📦 No copies in ${printable(from)} (--host all shows every machine's)`];
    const more = total - all.length;
    return [
      `📦 Copies in ${printable(from)} (showing ${all.length}${more === 0 ? "" : ` of ${total}`}):`,
      "",
      ...all.map(row),
      ...(more === 0 ? [] : ["", `… and ${more} more: --all shows them`]),
    ];
  },
  json: ({ from, total, copies: all }) => ({
    command: "list",
    from,
    total,
    copies: all.map(({ bytes: size, createdAt, createdAtMs, ...rest }) => ({
      ...rest,
      size_bytes: size,
      created_at: createdAt,
      created_at_utc: utc(createdAtMs),
    })),
  }),
};

function row({ id, host, project, store, form, bytes: size, here, description, category, files }: Row): string {
  const facts = [`${printable(host)}/${printable(project)}-${store}`, form];
  if (size !== null) facts.push(bytes(size));
  if (here) facts.push("also here");
  if (description === null || files === null) return `[${id}] ${facts.join(", ")}`;
  const kinds = `${files.plist} plist, ${files.config} config, ${files.credential} credentials`;
  return `[${id}] ${printable(description)} (${printable(category ?? "")}): ${kinds}; ${facts.join(", ")}`;
}
