import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { buildBinary, parse } from "plist";
import type { AbsPath } from "../../src/model.ts";
import { namesOld, relocateValue } from "../../src/restore/old-places.ts";
import { relocate, stillNamed } from "../../src/restore/relocate.ts";

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
    ["https://Users/old/x", "https://Users/old/x"],
    ["sqlite:////Users/old/app.db", "sqlite:////Users/new/app.db"],
    ["sqlite:///Users/old/app.db", "sqlite:///Users/new/app.db"],
    ["file:///Users/old/x, file:/Users/old/y", "file:///Users/new/x, file:/Users/new/y"],
    ["//Users/old/x", "//Users/new/x"],
    ["-I/Users/old/include -L/Users/old/lib", "-I/Users/new/include -L/Users/new/lib"],
    ["curl -d @/Users/old/body.json", "curl -d @/Users/new/body.json"],
    ["a{/Users/old/x,/Users/old/y}", "a{/Users/new/x,/Users/new/y}"],
    ["$(cat /Users/old/x)`/Users/old/y`|/Users/old/z", "$(cat /Users/new/x)`/Users/new/y`|/Users/new/z"],
    ["it is in /Users/old.", "it is in /Users/new."],
    ['{"at":"/Users/old"}', '{"at":"/Users/new"}'],
    ["/Users/old.d/x /Users/old-x /Users/old@h", "/Users/old.d/x /Users/old-x /Users/old@h"],
    ["./Users/old ~/Users/old $HOME/Users/old", "./Users/old ~/Users/old $HOME/Users/old"],
  ])("%p becomes %p", (before, after) => expect(relocateValue(before, maps)).toBe(after));
});

describe("a text for a shell", () => {
  const spaced = [
    { from: "/Users/old/Brain", to: "/Users/new/My Brain" as AbsPath },
    { from: "/Users/old", to: "/Users/new" as AbsPath },
  ];
  test.each([
    ["cd /Users/old/Brain && ls", "cd /Users/new/My\\ Brain && ls"],
    ['cd "/Users/old/Brain" && ls', 'cd "/Users/new/My Brain" && ls'],
    ["cd '/Users/old/Brain' && ls", "cd '/Users/new/My Brain' && ls"],
    ["echo it\\'s; cd /Users/old/Brain", "echo it\\'s; cd /Users/new/My\\ Brain"],
    ["ls ~old/x ~older ~/x", "ls /Users/new/x ~older ~/x"],
  ])("%p becomes %p", (before, after) => expect(relocateValue(before, spaced, true)).toBe(after));

  test("an escaped blank in the old place is one of its letters", () => {
    const maps = [{ from: "/Users/old/My Brain", to: "/Users/new/Brain" as AbsPath }];
    expect(relocateValue("cd /Users/old/My\\ Brain", maps, true)).toBe("cd /Users/new/Brain");
    expect(relocateValue("cd /Users/old/My\\ Brainstorm", maps, true)).toBe("cd /Users/old/My\\ Brainstorm");
  });
});

describe("names the old home", () => {
  test.each([
    "/Users/old",
    "x = '/Users/old/y'",
    "path: /Users/old/y",
    "sqlite:////Users/old/y",
    "s/\\/Users\\/old/x/",
    "next=file%3A%2F%2F%2FUsers%2Fold%2Fx",
    "~old/x",
    "/users/OLD/x",
    "\u0024{X}/Users/old",
  ])("%p", (text) => expect(namesOld(text, maps)).toBe(true));

  test.each(["/Users/older", "/Users/old.d/x", "a/Users/old", "~older", "/Users/new", "old"])("%p does not", (text) =>
    expect(namesOld(text, maps)).toBe(false),
  );

  test("what went into a folder of the old home is moved", () => {
    const inside = [{ from: "/Users/old", to: "/Users/old/archive" as AbsPath }];
    expect(namesOld("/Users/old/archive/x", inside)).toBe(false);
    expect(namesOld("/Users/old/archives/x", inside)).toBe(true);
  });
});

/** The moved file, and where it names the old home. */
const after = async (text: string, name: string) => {
  const result = await moved(text, name);
  const now = result?.text ?? text;
  return { now, still: stillNamed(new TextEncoder().encode(now), maps) };
};
const inPlist = (inner: string) => `<plist version="1.0"><dict>\n${inner}\n</dict></plist>`;

describe("an XML plist", () => {
  test.each([
    ["<key>A</key><string><![CDATA[/Users/old/a&b]]></string>", "<![CDATA[/Users/new/a&b]]>"],
    ["<key>A</key><string>a:<![CDATA[/Users/old]]>:/Users/old</string>", "a:<![CDATA[/Users/new]]>:/Users/new"],
    ["<key>A</key><string>&#47;Users&#x2f;old/a</string>", "<string>/Users/new/a</string>"],
    [
      "<key>KeepAlive</key><dict><key>PathState</key><dict><key>/Users/old/on</key><true/></dict></dict>",
      "<key>/Users/new/on</key>",
    ],
    [
      "<key>A</key><array><string>sh</string><string>-lc</string><string>ls ~old &amp;&amp; /Users/old/x</string></array>",
      "ls /Users/new &amp;&amp; /Users/new/x",
    ],
  ])("%p is moved", async (inner, expected) => {
    const { now, still } = await after(inPlist(inner), "a.plist");
    expect(now).toContain(expected);
    expect(still).toEqual([]);
  });

  test("what is no value is told by its line", async () => {
    const text = inPlist("<!-- /Users/old -->\n<key>/Users/old/x</key><true/>");
    expect(await after(text, "a.plist")).toEqual({ now: text, still: ["line 2", "line 3"] });
  });

  test("in UTF-16 stays in UTF-16", () => {
    for (const swap of [false, true]) {
      const wide = (home: string) => {
        const bytes = Buffer.from(`\ufeff${inPlist(`<key>é</key><string>${home}/x</string>`)}`, "utf16le");
        return swap ? bytes.swap16() : bytes;
      };
      const result = relocate(wide("/Users/old"), "a.plist", maps);
      expect(Buffer.from(result?.bytes ?? []).equals(wide("/Users/new"))).toBe(true);
    }
  });
});

test("a binary plist moves the paths that are keys of PathState, and tells the others", () => {
  const value = { A: "/Users/old/x", KeepAlive: { PathState: { "/Users/old/x": true } }, "/Users/old": 1 };
  const result = relocate(buildBinary(value), "a.plist", maps);
  expect(parse(result?.bytes ?? "")).toEqual({
    A: "/Users/new/x",
    KeepAlive: { PathState: { "/Users/new/x": true } },
    "/Users/old": 1,
  });
  expect(stillNamed(result?.bytes ?? new Uint8Array(), maps)).toEqual(["the name of a key"]);
});

test("a binary plist that can't be read is told of", () => {
  const broken = Buffer.from("bplist00 /Users/old and then nothing");
  expect(stillNamed(broken, maps)).toEqual(["a binary plist that can't be rewritten"]);
});

test("YAML is moved, also in its comments; where a place has signs of YAML in it, it is told", async () => {
  const text = "# /Users/old\na:\n  - /Users/old/x # é\n  - 'db: sqlite:////Users/old/y'\n";
  const result = await after(text, "c.yaml");
  expect(result).toEqual({ now: text.replaceAll("/Users/old", "/Users/new"), still: [] });
  const odd = [{ from: "/Users/old", to: "/Users/a: b" as AbsPath }];
  const bytes = new TextEncoder().encode(text);
  expect(relocate(bytes, "c.yaml", odd)).toBeNull();
  expect(stillNamed(bytes, odd)).toEqual(["line 1", "line 3", "line 4"]);
});

test("JSON with comments is moved, and its comments are told", async () => {
  const text = '{ // "/Users/old"\n "a": "/Users/old/x",\n "/Users/old": 1, }';
  const result = await after(text, "x.json");
  expect(result).toEqual({ now: text.replace("/Users/old/x", "/Users/new/x"), still: ["line 1", "line 3"] });
});

test("Python stays, and its lines are told", async () => {
  const text = 'import os\nROOT = "/Users/old/Brain"\n';
  expect(await after(text, "x.py")).toEqual({ now: text, still: ["line 2"] });
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
