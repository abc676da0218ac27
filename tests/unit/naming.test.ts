// Two spellings of one name. What a disk makes of them is tested with the commands, in tests/cli/names.test.ts.
import { expect, test } from "bun:test";
import type { AbsPath } from "../../src/model.ts";
import { asSpelled, folded, ignoresCase } from "../../src/system/naming.ts";

test("names are compared in one Unicode form, and without case only where that is so", () => {
  expect(folded("cafe\u0301", false)).toBe("caf\u00e9");
  expect(folded("CAFE\u0301", true)).toBe("caf\u00e9");
  expect(folded("A", false)).toBe("A");
});

test("what is not there stays as it was written, and a disk that tells cases apart says so", () => {
  expect(asSpelled("/" as AbsPath)).toBe("/" as AbsPath);
  expect(asSpelled("/proc/1/Caf\u00e9/x" as AbsPath)).toBe("/proc/1/Caf\u00e9/x" as AbsPath);
  if (process.platform === "linux") expect(ignoresCase("/proc/1/not/there" as AbsPath)).toBe(false);
});
