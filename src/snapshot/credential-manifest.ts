import type { Manifest, StoredFile } from "../model.ts";

export const CREDENTIAL_MANIFEST_NAME = "CREDENTIAL-MANIFEST.md";

/** What a paper is beside the manifest that it was made from: null is as it has to be, `unknown` of a form that nobody can compare. */
export type PaperState = "modified" | "missing" | "unknown" | null;

/** CREDENTIAL-MANIFEST.md in the original tool's words: name, original, size in bytes, first 16 hex digits of the hash. */
export function credentialManifest(id: string, createdAt: string, credentials: StoredFile[]): string {
  const rows = credentials.map(
    ({ name, original, size, hash }) =>
      `- **${oneLine(name ?? original)}**\n  - Original: \`${oneLine(original)}\`\n  - Size: ${size ?? 0} bytes\n  - Hash: \`${hash.slice(0, 16)}...\`\n`,
  );
  return `# Credential Files Backed Up\n\nSnapshot: ${id}\nCreated: ${createdAt}\n\n## Backed Up Credentials\n\n${rows.join("\n")}`;
}

/** A row in the original tool's words: what its original is, and the beginning of its hash. */
const ROW = /^- \*\*.*\*\*\n {2}- Original: `(.*)`\n {2}- Size: \d+ bytes\n {2}- Hash: `([0-9a-f]{16})\.\.\.`$/;

/** Judges the file's text, null where there is none. Its id and time are those of the making: a folder that got another name keeps them. */
export function credentialManifestState(text: string | null, manifest: Manifest): PaperState {
  const credentials = manifest.files.filter(({ kind }) => kind === "credential");
  if (manifest.format === 1) return text === null ? null : stateOfOriginal(text, credentials);
  if (text === null) return credentials.length > 0 ? "missing" : null;
  if (credentials.length === 0) return "modified";
  const [, id = "", createdAt = ""] = /^Snapshot: (\d{8}_\d{6})\nCreated: ([\d:.T-]+)$/m.exec(text) ?? [];
  return text === credentialManifest(id, createdAt, credentials) ? null : "modified";
}

/** The original tool's manifest records no sizes. */
function stateOfOriginal(text: string, credentials: StoredFile[]): PaperState {
  const [heading = "", body] = text.trimEnd().split("\n\n## Backed Up Credentials\n\n");
  const rows = (body ?? "").split("\n\n").map((row) => ROW.exec(row));
  if (!heading.startsWith("# Credential Files Backed Up\n") || rows.includes(null)) return "unknown";
  const told = rows.map((row) => `${row?.[1]} ${row?.[2]}`);
  const held = credentials.map(({ original, hash }) => `${oneLine(original)} ${hash.slice(0, 16)}`);
  return told.toSorted().join("\n") === held.toSorted().join("\n") ? null : "modified";
}

const oneLine = (text: string): string => text.replace(/[\n\r]/g, " ");
