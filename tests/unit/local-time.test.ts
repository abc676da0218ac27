import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Compares every 7 hours and 7 seconds of a span with what a Date says, in the zone that the process was started in. */
const SCRIPT = `
  const { localTime } = await import(${JSON.stringify(join(import.meta.dir, "../../src/system/native.ts"))});
  let compared = 0;
  for (const [from, to] of [[-86_400_000, 86_400_000], [Date.UTC(2024, 0), Date.UTC(2026, 0)]])
    for (let ms = from + 999; ms < to; ms += 25_207_001) {
      const at = new Date(ms);
      const told = [at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes(), at.getSeconds()];
      if (told.join() !== Object.values(localTime(ms)).join()) throw new Error(at.toISOString());
      compared++;
    }
  console.log(compared);
`;

test.skipIf(!existsSync("/usr/share/zoneinfo/Europe/Berlin"))(
  "local time is that of the zone, also where clocks change and before 1970 (it needs the zones of tzdata)",
  () => {
    for (const TZ of ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]) {
      const ran = Bun.spawnSync([process.execPath, "-e", SCRIPT], { env: { PATH: "/usr/bin:/bin", TZ } });
      expect(`${ran.stderr}`).toBe("");
      expect(Number(`${ran.stdout}`)).toBeGreaterThan(2000);
    }
  },
);
