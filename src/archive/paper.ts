// The two files that an archive holds for whoever has to manage without rollback. Pure: the same manifest gives the same bytes.
import type { Digest, Manifest, StoredFile } from "../model.ts";
import { absolute } from "../paths.ts";
import type { PaperState } from "../snapshot/credential-manifest.ts";
import { octal } from "../snapshot/manifest.ts";
import { printable, quote } from "../text.ts";

export const SUMS_NAME = "SHA256SUMS";
export const GUIDE_NAME = "RESTORE.txt";

/** Lines that `shasum -a 256 -c` reads. A name with a newline or backslash is escaped as GNU coreutils and Perl's shasum do. */
export function sums(files: { path: string; hash: Digest }[]): string {
  return files
    .map(({ path, hash }) => {
      const escaped = path.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
      return `${escaped === path ? "" : "\\"}${hash}  ${escaped}\n`;
    })
    .join("");
}

/** Judges SHA256SUMS, whatever the order of its lines; `beside` are the manifest's hash and that of CREDENTIAL-MANIFEST.md. */
export function sumsState(text: string, beside: { path: string; hash: Digest }[], manifest: Manifest): PaperState {
  const once = new Map(manifest.files.map(({ stored, hash }) => [stored as string, hash]));
  const listed = [...beside, ...[...once].map(([path, hash]) => ({ path, hash }))];
  const lines = (all: string) => all.split("\n").toSorted().join("\n");
  return lines(text) === lines(sums(listed)) ? null : "modified";
}

const GUIDE_BEGINS = "How to get everything back by hand\n";

/** Judges RESTORE.txt. One that begins with other words is of another version. */
export function guideState(text: string, id: string, manifest: Manifest): PaperState {
  if (!text.startsWith(GUIDE_BEGINS)) return "unknown";
  // The original tool records neither home nor root: they are guessed, and an earlier version guessed otherwise.
  const known = (all: string) => (manifest.format === 1 ? all.replace(/^(Home|Root) {9}.*\n/gm, "") : all);
  return known(text) === known(guide(id, manifest)) ? null : "modified";
}

/** How to get everything back with unzip and cp, file by file. */
export function guide(id: string, manifest: Manifest): string {
  return `${GUIDE_BEGINS}
Snapshot     ${id}
Description  ${printable(manifest.description)}
Taken        ${printable(manifest.createdAt)}, local time
Home         ${printable(manifest.home ?? "unknown")}
Root         ${printable(manifest.root ?? "unknown")}

With rollback:   rollback restore ${quote(`${id}.zip`)}
Without it:      unzip ${quote(`${id}.zip`)} && cd ${quote(id)} && shasum -a 256 -c ${SUMS_NAME}

Then the lines below, each file by itself or all of them, from inside that folder. They overwrite what is there now:
copy that away first. Where the home has another name, change the paths.

${manifest.files.map(lines).join("\n")}`;
}

function lines({ original, stored, mode, symlink }: StoredFile): string {
  const target = quote(original);
  const folderOf = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/";
  // The content goes to where the link leads; the link is made where it is missing.
  const real = symlink == null ? original : absolute(symlink, folderOf(original));
  const link =
    symlink == null
      ? ""
      : `mkdir -p ${quote(folderOf(original))}\n[ -L ${target} ] || ln -s ${quote(symlink)} ${target}\n`;
  const made = mode === undefined ? "" : `chmod ${octal(mode)} ${quote(real)}\n`;
  return `mkdir -p ${quote(folderOf(real))}\ncp -p ${quote(stored)} ${quote(real)}\n${made}${link}`;
}
