import type { StoredFile } from "../model.ts";

export const CREDENTIAL_MANIFEST_NAME = "CREDENTIAL-MANIFEST.md";

/** CREDENTIAL-MANIFEST.md in the original tool's words: name, original, size in bytes, first 16 hex digits of the hash. */
export function credentialManifest(id: string, createdAt: string, credentials: StoredFile[]): string {
  const rows = credentials.map(
    ({ name, original, size, hash }) =>
      `- **${oneLine(name ?? original)}**\n  - Original: \`${oneLine(original)}\`\n  - Size: ${size ?? 0} bytes\n  - Hash: \`${hash.slice(0, 16)}...\`\n`,
  );
  return `# Credential Files Backed Up\n\nSnapshot: ${id}\nCreated: ${createdAt}\n\n## Backed Up Credentials\n\n${rows.join("\n")}`;
}

const oneLine = (text: string): string => text.replace(/[\n\r]/g, " ");
