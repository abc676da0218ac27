// pack and unpack onto a disk that is really full: one error, nothing left behind, and it works once there is room.
import { expect } from "bun:test";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { newKey } from "../archives.ts";
import { binary } from "../binary.ts";
import { needing } from "../crash/tracing.ts";
import { must, world } from "../harness.ts";
import { inTmpfs, tmpfsMissing } from "../tmpfs.ts";

/** $0 is the binary, then a store to copy, an id, how many KiB stay free, the command; the tmpfs comes last. */
const SCRIPT = `
set -u
store=$1 id=$2 free=$3 command=$4 disk=$5
cp -R "$store" "$disk/store"
dd if=/dev/zero of="$disk/filler" bs=1024 2> "$disk/../dd.$$" ; rm -f "$disk/../dd.$$"
size=$(stat -c %s "$disk/filler")
truncate -s $((size - free * 1024)) "$disk/filler"
cd "$disk"
before=$(find store -name lock -prune -o -name audit.jsonl -prune -o -print | sort)
"$0" $command --snapshots store > out 2>&1
echo "exit $?"
grep -c '^❌' out || true
after=$(find store -name lock -prune -o -name audit.jsonl -prune -o -print | sort)
[ "$before" = "$after" ] && echo "nothing left" || echo "left: $after"
rm filler
"$0" $command --snapshots store > out 2>&1
echo "exit $?"
"$0" verify --snapshots store > out 2>&1
echo "exit $?"
`;

needing(tmpfsMissing(), "a full disk: pack, pack --seal and unpack leave nothing, and work once there is room", () => {
  const w = world({
    root: { "rollback.yaml": "plists: []\nconfigs: [noise.bin]\ncredentials: {files: [], mcp: []}\nvenvs: []\n" },
  });
  newKey(w);
  w.put({ "root/noise.bin": crypto.getRandomValues(new Uint8Array(65536)) });
  const id = w.create();
  const folders = join(w.away, "folders");
  cpSync(w.store, folders, { recursive: true });
  must(w.run("pack", id, "--move"));
  const env = { HOME: w.home, TZ: "UTC", ROLLBACK_ROOT: w.root };
  const failures: string[] = [];
  for (const [command, store] of [
    [`pack ${id}`, folders],
    [`pack ${id} --seal`, folders],
    [`unpack ${id}`, w.store],
  ] as const)
    for (const free of [4, 16, 40, 64]) {
      const ran = inTmpfs("2m", ["sh", "-c", SCRIPT, binary, store, id, String(free), command], env);
      const expected = "exit 1\n1\nnothing left\nexit 0\nexit 0\n";
      if (ran.stdout !== expected || ran.stderr !== "")
        failures.push(`${command}, ${free} KiB free: ${ran.stdout}${ran.stderr}`);
    }
  expect(failures).toEqual([]);
  rmSync(folders, { recursive: true });
  expect(readdirSync(w.away)).toEqual([]);
});
