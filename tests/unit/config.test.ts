import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { DEFAULTS, parseConfig } from "../../src/config.ts";
import { RollbackError } from "../../src/rollback-error.ts";

const complaint = async (text: string): Promise<string> => {
  try {
    await parseConfig(text, "rollback.yaml");
    return "accepted";
  } catch (cause) {
    if (cause instanceof RollbackError && cause.code === "usage") return cause.message;
    throw cause;
  }
};

test("an empty config is the defaults", async () => expect(await parseConfig("", "f")).toEqual(DEFAULTS));
test("a key replaces its default and leaves the others", async () => {
  const config = await parseConfig(
    "version: 1\nplists: ['~/a/*.plist']\ncredentials: {mcp: []}\nhealth: {max-age: 2d}\n",
    "f",
  );
  expect(config).toEqual({
    ...DEFAULTS,
    plists: ["~/a/*.plist"],
    credentials: { files: DEFAULTS.credentials.files, mcp: [] },
    health: { ...DEFAULTS.health, "max-age": "2d" },
    own: ["plists", "credentials.mcp"],
  });
});

describe("what is wrong is said with file, line and key", () => {
  test.each([
    ["version: 2", "rollback.yaml:1: key `version`: expected 1"],
    ["version: 1\nplist: []", "rollback.yaml:2: unknown key `plist`"],
    ["configs:\n  - a\n  - 3", "rollback.yaml:3: key `configs.1`: expected a text"],
    ["\nconfigs: x", "rollback.yaml:2: key `configs`: expected a list"],
    ["credentials:\n  file: []", "rollback.yaml:2: unknown key `credentials.file`"],
    ["retention:\n  daily:\n    keep-last: 0", "rollback.yaml:3: key `retention.daily.keep-last`: expected 1 or more"],
    ["health:\n  max-size: 1GB", "rollback.yaml:2: key `health.max-size`: expected a size such as 500MiB or 1GiB"],
    ["- a", "rollback.yaml:1: expected keys, got a list"],
    ["plists: ['!x']", "rollback.yaml:1: key `plists.0`: a pattern can't begin with `!`: name what to capture"],
  ])("%p", async (text, message) => expect(await complaint(text)).toBe(message));

  test("broken YAML and doubled keys name their line", async () => {
    expect(await complaint("a: b\nc: [")).toStartWith("rollback.yaml:2: ");
    expect(await complaint("plists: []\nplists: []")).toStartWith("rollback.yaml:2: ");
  });
});

test("any text is accepted or one usage error", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string({ unit: fc.constantFrom("a", ":", " ", "\n", "-", "[", "&", "*", "{", "'") }),
      ),
      async (text) => {
        expect(typeof (await complaint(text))).toBe("string");
      },
    ),
  );
});
