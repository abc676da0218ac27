import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseDocument } from "yaml";
import { readPlainConfig } from "../../src/config-plain.ts";
import { draftConfig } from "../../src/inventory/draft.ts";
import { runs } from "../property.ts";

const CONFIG = `# What is captured
version: 1
plists:
- ~/Library/LaunchAgents/com.a.*.plist  # 71 agents

configs: [.mcp.json, "shared/a, b.py", 'c']
credentials:
  files:
    - infrastructure/*/{*token*,*oauth*}.json
    - "~/Library/Application Support/x.json"
  mcp: []
copies:
  usb: {to: /Volumes/USB/rollback, auto: true}
  cloud:
    to: s3://BUCKET/PREFIX
schedule: {at: "08:00"}
retention:
  auto-daily: {keep-within: 7d, keep-last: 7}
`;
const PIECES = [
  ..."abe1 :,'\"#{}[]*~.-=?/|>%&!@\n\té".split(""),
  ...["\n  ", "- ", ": ", " #c", "key", "7d", "1e3", "0x1d", "08:00", "010", "1.5", "true", "Null", "yes", ".inf"],
  ...[
    "--- ",
    "\n...",
    "? ",
    "<<: ",
    "__proto__: 1",
    "constructor: 1",
    "s3://B",
    "a b",
    "[a]",
    "{b: c}",
    "\r\n",
    "\ufeff",
  ],
];

/** Whether it is plain; if so, the YAML package has to read the same from it, without a word of complaint. */
function isPlain(text: string): boolean {
  const plain = readPlainConfig(text);
  if (plain === undefined) return false;
  const document = parseDocument(text, { prettyErrors: false });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  expect(plain).toEqual(document.toJS() ?? {});
  return true;
}

test("what people write is plain", () => {
  expect(isPlain(CONFIG)).toBe(true);
  const found = { agents: ["com.a.b.plist"], configs: ["a/b.json"], credentials: [".env"], suspects: ["s/x/k.json"] };
  const nothing = { assistants: [], units: [], retired: [], venvs: [], unread: [], cutOff: false };
  expect(isPlain(draftConfig({ ...found, ...nothing, mcp: [".mcp.json"] }, ["age1xyz"]))).toBe(true);
});

test.each([
  "a: 1\na: 2",
  "a: &x b",
  "a: *x",
  "a: 010",
  "a: .inf",
  "a: ~",
  "a:",
  "a: b\n   c",
  "a: 'it''s'",
  "a:\n b: 1\n  c: 2",
])("%p is left to the YAML package", (text) => expect(readPlainConfig(text)).toBeUndefined());

test("whatever is plain means the same to the YAML package", () => {
  const drawn = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((parts) => parts.join(""));
  const bent = fc
    .tuple(fc.nat(CONFIG.length), fc.nat(6), fc.constantFrom(...PIECES, ""))
    .map(([at, length, piece]) => CONFIG.slice(0, at) + piece + CONFIG.slice(at + length));
  let plain = 0;
  fc.assert(
    fc.property(fc.oneof(drawn, bent), (text) => {
      if (isPlain(text)) plain++;
    }),
    runs(1000),
  );
  expect(plain).toBeGreaterThan(100);
});
