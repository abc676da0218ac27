// Three states of a file → one, form by form: what is taken, what stays, and what is a conflict.
import { expect, test } from "bun:test";
import { buildBinary } from "plist";
import { writeBinary } from "../../src/merge/binary-plist.ts";
import { type Conflict, merge, pick, readDoc } from "../../src/merge/merge.ts";
import { canon, type Path } from "../../src/merge/node.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const plist = (body: string): string => `<plist version="1.0"><dict>${body}</dict></plist>\n`;
const hours = (...at: number[]): string =>
  plist(
    `<key>StartCalendarInterval</key><array>${at.map((hour) => `<dict><key>Hour</key><integer>${hour}</integer></dict>`).join("")}</array>`,
  );

async function merged(name: string, base: string, theirs: string, ours: string, side: "ours" | "theirs" | null = null) {
  const result = await merge(name, { base: bytes(base), theirs: bytes(theirs), ours: bytes(ours) }, side);
  return result.bytes === null ? result.conflicts : new TextDecoder().decode(result.bytes);
}

const LIVE = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- made by hand -- do not touch -->
<plist version="1.0">
  <dict>
    <!-- every night -->
    <key>StartInterval</key> <integer>600</integer>
    <key>EnvironmentVariables</key>
    <dict><key>KEY</key><string>today &amp; <![CDATA[<here>]]></string></dict>
    <key>Note</key><string/>
  </dict>
</plist>
`;

test.each<[what: string, name: string, base: string, theirs: string, ours: string, result: string]>([
  [
    "a plist keeps its comments, entities, CDATA and layout",
    "a.plist",
    plist("<key>StartInterval</key><integer>600</integer>"),
    plist("<key>StartInterval</key><integer>300</integer><key>KeepAlive</key><true/>"),
    LIVE,
    LIVE.replace("<integer>600</integer>", "<integer>300</integer>\n    <key>KeepAlive</key><true/>"),
  ],
  [
    "a key that went takes its line with it; a comment above it stays",
    "a.plist",
    plist("<key>StartInterval</key><integer>600</integer><key>Note</key><string/>"),
    plist("<key>Note</key><string/>"),
    LIVE,
    LIVE.replace("\n    <key>StartInterval</key> <integer>600</integer>", ""),
  ],
  [
    "a comment that somebody wrote since behind a key that goes stays",
    "a.json",
    '{\n  "a": 1, // old\n  "b": 2\n}\n',
    '{\n  "b": 2\n}\n',
    '{\n  "a": 1, // of today\n  "b": 3\n}\n',
    '{\n  // of today\n  "b": 3\n}\n',
  ],
  [
    "also in YAML; the one that was there goes with it",
    "a.yaml",
    "l:\n- a # old\n- b # old b\n- c\n",
    "l:\n- c\n",
    "l:\n- a # today\n- b # old b\n- c\nd: 1\n",
    "l:\n# today\n- c\nd: 1\n",
  ],
  ["times of a calendar unite", "a.plist", hours(3), hours(3, 5), hours(3, 9), hours(3, 9, 5)],
  ["a time that went is away", "a.plist", hours(3, 5), hours(5), hours(3, 5, 9), hours(5, 9)],
  [
    "one time of which each changed a part",
    "a.plist",
    hours(3),
    hours(4),
    hours(3).replace("</integer>", "</integer><key>Minute</key><integer>30</integer>"),
    hours(4).replace("</integer>", "</integer><key>Minute</key><integer>30</integer>"),
  ],
  [
    "JSON keeps comments, commas and order",
    "a.json",
    '{"a":1,"b":2,"list":[1,2]}',
    '{"a":1,"list":[1,2,3],"new":{"x":[]}}',
    '{\n  "list": [1, 2], // why\n  /* b */ "b": 2, "a": 5,\n}\n',
    '{\n  "list": [1, 2, 3], // why\n  "a": 5,\n  "new":{"x":[]},\n}\n',
  ],
  [
    "numbers keep their digits",
    "a.json",
    '{"a":1}',
    '{"a":12345678901234567890}',
    '{"a":1,"b":1e2}',
    '{"a":12345678901234567890,"b":1e2}',
  ],
  [
    "items that bear a name are found by it",
    "a.json",
    '[{"name":"a","v":1},{"name":"b","v":1}]',
    '[{"name":"a","v":2},{"name":"b","v":1}]',
    '[{"name":"z","v":0},{"name":"a","v":1,"w":1},{"name":"b","v":3}]',
    '[{"name":"z","v":0},{"name":"a","v":2,"w":1},{"name":"b","v":3}]',
  ],
  [
    "YAML keeps comments, quotes and indentation",
    "a.yaml",
    "a: 1\nb:\n- x\nc: {d: 1}\n",
    "a: 2\nb:\n- x\n- y # new\nc: {d: 1, e: [1, 2]}\nt: |\n  one\n  two\n",
    "# top\na: 1   # one\nb:\n    - 'x' # first\nc: {d: 1} # flow\nlast: \"é\"\n",
    "# top\na: 2   # one\nb:\n    - 'x' # first\n    - y # new\nc: {d: 1, e: [1, 2]} # flow\nt: |\n  one\n  two\nlast: \"é\"\n",
  ],
  [
    "text merges by lines, and keeps its line ends",
    "a.py",
    "a\nb\nc\n",
    "a\nB\nc\n",
    "a\r\nb\r\nc\r\nd\r\n",
    "a\r\nB\r\nc\r\nd\r\n",
  ],
  ["lines side by side are not a conflict", ".env", "A=1\nB=1\n", "A=2\nB=1\n", "A=1\nB=2\n", "A=2\nB=2\n"],
])("%s", async (_, name, base, theirs, ours, result) => {
  expect(await merged(name, base, theirs, ours)).toBe(result);
});

test.each<[what: string, name: string, base: string, theirs: string, ours: string, conflicts: Conflict[]]>([
  [
    "both edited one key",
    "a.json",
    '{"a":{"b":1},"c":1}',
    '{"a":{"b":2},"c":1}',
    '{"a":{"b":3},"c":2}',
    [{ at: "key", path: ["a", "b"] }],
  ],
  [
    "one took away what the other edited",
    "a.yaml",
    "a: 1\nb: 1\n",
    "b: 1\n",
    "a: 2\nb: 2\n",
    [{ at: "key", path: ["a"] }],
  ],
  [
    "both replaced one time",
    "a.plist",
    hours(3),
    hours(4),
    hours(5),
    [{ at: "key", path: ["StartCalendarInterval", 0, "Hour"] }],
  ],
  [
    "words of a command line, in an order that nobody knows",
    "a.json",
    '{"args":["x"]}',
    '{"args":["x","y"]}',
    '{"args":["x","z"]}',
    [{ at: "key", path: ["args"] }],
  ],
  [
    "both edited one line",
    "a.py",
    "a\nb\n",
    "a\nc\n",
    "a\nd\n",
    [{ at: "lines", base: { from: 1, to: 2 }, theirs: { from: 1, to: 2 }, ours: { from: 1, to: 2 } }],
  ],
  ["a file that can't be read as what it is", "a.json", '{"a":1}', '{"a":2}', '{"a":1,,}', [{ at: "file" }]],
  [
    "a key that stands twice",
    "a.plist",
    plist("<key>A</key><true/>"),
    plist("<key>A</key><false/>"),
    plist("<key>A</key><true/><key>A</key><true/>"),
    [{ at: "file" }],
  ],
  ["bytes that are not text", "a.bin", "a\0", "b\0", "c\0", [{ at: "file" }]],
])("a conflict: %s; either side's word ends it", async (_, name, base, theirs, ours, conflicts) => {
  expect(await merged(name, base, theirs, ours)).toEqual(conflicts);
  expect(typeof (await merged(name, base, theirs, ours, "ours"))).toBe("string");
  expect(typeof (await merged(name, base, theirs, ours, "theirs"))).toBe("string");
});

test("--theirs and --ours decide what is in conflict, and no more", async () => {
  const states = ['{"a":1,"b":1,"c":1}', '{"a":2,"b":2,"c":1}', '{"a":3,"b":1,"c":3}'] as const;
  expect(await merged("a.json", ...states, "theirs")).toBe('{"a":2,"b":2,"c":3}');
  expect(await merged("a.json", ...states, "ours")).toBe('{"a":3,"b":2,"c":3}');
});

test("a binary plist keeps the types that JavaScript has not", async () => {
  const hex = (is: string) => canon({ sort: "leaf", is, start: 0, end: 0 });
  const doc = (big: string, more: Record<string, string> = {}) => {
    const leaf = (is: string) => ({ sort: "leaf" as const, is, start: 0, end: 0 });
    const members = {
      Big: `integer "${big}"`,
      Real: 'real "1"',
      When: 'date "2026-11-25T08:00:00Z"',
      Data: 'data "AAE="',
      ...more,
    };
    const parts = Object.entries(members).map(([key, is]) => ({ key, start: 0, keyEnd: 0, end: 0, value: leaf(is) }));
    const made = writeBinary({ sort: "dict", parts, start: 0, end: 0, inner: { start: 0, end: 0 }, style: "elements" });
    if (made === null) throw new Error("can't be written");
    return made;
  };
  const theirs = doc("18446744073709551615");
  const { bytes: result } = await merge("a.plist", { base: doc("7"), theirs, ours: doc("7", { Label: 'string "é"' }) });
  expect(result).not.toBeNull();
  const read = await readDoc("a.plist", result ?? new Uint8Array());
  expect(canon(read.root)).toBe(
    canon((await readDoc("a.plist", doc("18446744073709551615", { Label: 'string "é"' }))).root),
  );
  expect(hex('real "1"')).not.toBe(hex('integer "1"'));
});

test("a value that was binary is written into XML, and the other way round", async () => {
  const [xml, xmlChanged] = [plist("\n\t<key>A</key>\n\t<integer>1</integer>\n"), { A: 1, B: { C: ["x & y", true] } }];
  const { bytes: text } = await merge("a.plist", {
    base: buildBinary({ A: 1 }),
    theirs: buildBinary(xmlChanged),
    ours: bytes(xml),
  });
  expect(new TextDecoder().decode(text ?? undefined)).toBe(
    plist(
      "\n\t<key>A</key>\n\t<integer>1</integer>\n\t<key>B</key>\n\t<dict>\n\t\t<key>C</key>\n\t\t<array>\n\t\t\t<string>x &amp; y</string>\n\t\t\t<true/>\n\t\t</array>\n\t</dict>\n",
    ),
  );
  const { bytes: binary } = await merge("a.plist", {
    base: bytes(xml),
    theirs: text ?? bytes(""),
    ours: buildBinary({ A: 1, Z: 2.5 }),
  });
  expect(
    Buffer.from(binary ?? [])
      .subarray(0, 8)
      .toString(),
  ).toBe("bplist00");
});

test.each(["utf16le", "latin1"] as const)("a plist in %s stays so", async (encoding) => {
  const mark = encoding === "utf16le" ? "\ufeff" : '<?xml version="1.0" encoding="ISO-8859-1"?>';
  const of = (text: string) => new Uint8Array(Buffer.from(mark + text, encoding));
  const [base, theirs] = [plist("<key>é</key><string>ü</string>"), plist("<key>é</key><string>ö</string>")];
  const ours = base.replace("</dict>", "<key>B</key><true/></dict>");
  const result = await merge("a.plist", { base: of(base), theirs: of(theirs), ours: of(ours) });
  expect(result.bytes).toEqual(of(ours.replace("ü", "ö")));
});

const at =
  (...keys: string[]) =>
  (path: Path): "all" | "none" | "inside" => {
    const text = path.join(".");
    if (keys.some((key) => text === key)) return "all";
    return keys.some((key) => text === "" || key.startsWith(`${text}.`)) ? "inside" : "none";
  };

test.each<[from: string, into: string, keys: string[], result: string]>([
  ['{"a":1,"b":1}', '{"a":2, "b":2}', ["a"], '{"a":1, "b":2}'],
  ['{"a":{"x":1,"y":1}}', '{"a":{"x":2,"y":2},"c":3}', ["a.y"], '{"a":{"x":2,"y":1},"c":3}'],
  ['{"a":{"x":1,"y":1}}', '{"c":3}', ["a.y"], '{"a":{"y":1}, "c":3}'],
  ['{"c":3}', '{"a":{"x":1},"c":3}', ["a.x"], '{"c":3}'],
  ['{"c":3}', '{"a":{"x":1,"y":1},"c":3}', ["a.x"], '{"a":{"y":1},"c":3}'],
  ['{"a":[1,2,3]}', '{"a":[4,5,6]}', ["a.1"], '{"a":[4,2,6]}'],
  ['{"a":1}', '{"a":1,"b":2}', ["zz"], '{"a":1,"b":2}'],
])("of %s into %s, the keys %p", async (from, into, keys, result) => {
  expect(new TextDecoder().decode((await pick("a.json", bytes(from), bytes(into), at(...keys))) ?? undefined)).toBe(
    result,
  );
});
