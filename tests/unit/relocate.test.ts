import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { buildBinary, parse } from "plist";
import type { AbsPath } from "../../src/model.ts";
import { relocate, relocateValue } from "../../src/restore/relocate.ts";

const maps = [
  { from: "/Users/old/Brain", to: "/Users/new/Brain2" as AbsPath },
  { from: "/Users/old", to: "/Users/new" as AbsPath },
];
const moved = async (text: string, name: string) => {
  const result = relocate(new TextEncoder().encode(text), name, maps);
  return result === null ? null : { text: new TextDecoder().decode(result.bytes), rewritten: result.rewritten };
};

describe("a value", () => {
  test.each([
    ["/Users/old", "/Users/new"],
    ["/Users/old/x y.py", "/Users/new/x y.py"],
    ["/Users/old/Brain/a.py", "/Users/new/Brain2/a.py"],
    ["/usr/bin:/Users/old/bin:/Users/old/sbin", "/usr/bin:/Users/new/bin:/Users/new/sbin"],
    ["/Users/old/bin:/Users/old/Brain/bin:/Users/old", "/Users/new/bin:/Users/new/Brain2/bin:/Users/new"],
    ["--config=/Users/old/c.json", "--config=/Users/new/c.json"],
    ["cd '/Users/old' && ls", "cd '/Users/new' && ls"],
    ["/Users/older/x", "/Users/older/x"],
    ["/x/Users/old/y", "/x/Users/old/y"],
    ["https://h/Users/old", "https://h/Users/old"],
  ])("%p becomes %p", (before, after) => expect(relocateValue(before, maps)).toBe(after));
});

const XML = `<?xml version="1.0"?>
<plist version="1.0"><dict>
  <!-- /Users/old stays in a comment: <string>/Users/old</string> -->
  <key>/Users/old</key><string>/Users/old/a &amp; b</string>
\t<key>Args</key><array><string>/bin/sh</string><string>/Users/old/Brain/run.py</string></array>
  <key>N</key><integer>3</integer>
</dict></plist>
`;

test("an XML plist changes in its string values alone, byte for byte", async () => {
  const result = await moved(XML, "a.plist");
  expect(result?.text).toBe(
    XML.replace("<string>/Users/old/a &amp; b", "<string>/Users/new/a &amp; b").replace(
      "/Users/old/Brain/run.py",
      "/Users/new/Brain2/run.py",
    ),
  );
  expect(result?.rewritten).toEqual([
    { key: "/Users/old", before: null, after: null },
    { key: "Args", before: "/Users/old/Brain/run.py", after: "/Users/new/Brain2/run.py" },
  ]);
});

test("a binary plist keeps everything but the paths", async () => {
  const value = {
    Label: "x",
    Hour: 3,
    When: new Date(0),
    Env: { HOME: "/Users/old" },
    Args: ["/Users/old/Brain/a", true],
  };
  const result = relocate(buildBinary(value), "a.plist", maps);
  expect(parse(result?.bytes ?? "")).toEqual({
    ...value,
    Env: { HOME: "/Users/new" },
    Args: ["/Users/new/Brain2/a", true],
  });
});

test("JSON keeps its formatting and its names", async () => {
  const text = '{ "/Users/old": [ "/Users/old" ,1],\n "k" : {"a\\u002f":"\\/Users\\/old\\/x"} }';
  expect((await moved(text, "x.json"))?.text).toBe(
    '{ "/Users/old": [ "/Users/new" ,1],\n "k" : {"a\\u002f":"/Users/new/x"} }',
  );
});

test("what holds no such path, is broken, or is of another kind is left alone", async () => {
  expect(await moved('{"a":"/Users/else"}', "x.json")).toBeNull();
  expect(await moved('{"a":"/Users/old"', "x.json")).toBeNull();
  expect(await moved("/Users/old", "x.py")).toBeNull();
  expect(await moved("bplist00garbage", "x.plist")).toBeNull();
});

test("moving there is done once: a second time nothing is left to do", async () => {
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom("/Users/old/x", "a:/Users/old", "/Users/old/Brain", "/Users/olds"),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.array(value)), async (object) => {
      const text = JSON.stringify(object, null, 1);
      const once = await moved(text, "x.json");
      if (once === null) return;
      expect(await moved(once.text, "x.json")).toBeNull();
      expect(Object.keys(JSON.parse(once.text))).toEqual(Object.keys(JSON.parse(text)));
    }),
  );
});
