// One snapshot from literals, and the hash of the archive that every rollback of this version makes of it: on each processor, in each
// time zone. It holds a file of each kind of content that an archive treats on its own, and times that clocks skip or fields can't hold.
//
// The hash changes with what an archive holds (its papers too) and with Bun, whose zlib deflates. That is allowed between versions:
// put the new hash here, and say in CHANGELOG.md that the bytes of archives have changed.
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const GOLDEN = {
  id: "20251211_143600",
  sha256: "db7744826608ada6405e9ec46c4a70c632ed3583716cae2db60f75ed07cdaf24",
};

/** Numbers that look like chance, the same each time. */
function* noise(): Generator<number> {
  for (let state = 1; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 24;
  }
}
const take = (count: number): Uint8Array => {
  const source = noise();
  return Uint8Array.from({ length: count }, () => source.next().value ?? 0);
};
const words = (count: number): string =>
  Array.from(take(count), (byte, index) => `line ${index} says ${byte % 97} and ${byte}`).join("\n");

const FILES: readonly { name: string; content: string | Uint8Array; mtime: string }[] = [
  { name: "empty", content: "", mtime: "2025-12-11T14:36:00.000Z" },
  { name: "grüße 🔑.json", content: '{"mcpServers": {}}\n', mtime: "2025-03-09T02:30:01.999Z" },
  { name: "large.txt", content: words(200_000), mtime: "2025-03-30T02:30:00.000Z" },
  { name: "noise.bin", content: take(70_000), mtime: "1960-02-29T00:00:00.000Z" },
  { name: "old.txt", content: words(40), mtime: "1899-12-31T23:59:59.000Z" },
  { name: "small.txt", content: words(2000), mtime: "2040-01-01T00:00:00.000Z" },
];

/** Puts the snapshot into a store that may not be there yet. */
export function placeGolden(store: string): void {
  const folder = join(store, GOLDEN.id);
  const entries = FILES.map(({ name, content, mtime }) => {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    const path = join(folder, "config", name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, bytes, { mode: 0o600 });
    return {
      original: `/Users/alex/root/${name}`,
      backup: `/Users/alex/root/infrastructure/rollback-snapshots/${GOLDEN.id}/config/${name}`,
      hash: createHash("sha256").update(bytes).digest("hex"),
      size_bytes: bytes.length,
      mode: "0644",
      mtime,
      uid: 501,
      gid: 20,
      symlink: null,
    };
  });
  writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifestOf(entries), null, 2)}\n`, { mode: 0o600 });
}

function manifestOf(entries: readonly { size_bytes: number }[]) {
  const names = FILES.map(({ name }) => `config/${name}`).sort();
  return {
    created_at: "2025-12-11T14:36:00.000000",
    description: "golden",
    category: "manual",
    plist_files: [],
    config_files: entries,
    credential_files: [],
    git_state: { commit: null, branch: null, timestamp: "2025-12-11T14:36:00.000000", dirty: null },
    venv_metadata: {},
    host: "mini",
    home: "/Users/alex",
    root: "/Users/alex/root",
    tool: "rollback 0.1.0",
    skipped: [],
    format: 2,
    created_at_utc: "2025-12-11T14:36:00.000000Z",
    complete: true,
    totals: {
      plist: 0,
      config: entries.length,
      credential: 0,
      size_bytes: entries.reduce((total, entry) => total + entry.size_bytes, 0),
      names: createHash("sha256").update(names.join("\0")).digest("hex").slice(0, 16),
    },
  };
}
