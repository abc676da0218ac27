// Whatever the quick reader takes, the library reads as the same; and it takes what agents really look like.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { build, parse } from "plist";
import { readPlain } from "../../src/launchd/plain-plist.ts";
import { runs } from "../property.ts";

const SAMPLE = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
\t<!-- every night -->
\t<key>Label</key>
\t<string>com.acme.r&amp;d</string>
\t<key>ProgramArguments</key>
\t<array>
\t\t<string>/bin/sh</string>
\t\t<string> spaced &lt;here&gt; </string>
\t\t<string></string>
\t</array>
\t<key>StartCalendarInterval</key>
\t<dict><key>Hour</key><integer>3</integer></dict>
\t<key>RunAtLoad</key><true/>
\t<key>KeepAlive</key><false/>
\t<key>Nothing</key><array/>
\t<key>Nice</key><integer>-5</integer>
</dict>
</plist>
`;

test("an agent as people write it", () => {
  const agent = {
    Label: "com.acme.r&d",
    ProgramArguments: ["/bin/sh", " spaced <here> ", ""],
    StartCalendarInterval: { Hour: 3 },
    RunAtLoad: true,
    KeepAlive: false,
    Nothing: [],
    Nice: -5,
  };
  expect(readPlain(SAMPLE)).toEqual(agent);
  expect(parse(SAMPLE)).toEqual(agent);
});

const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: "grapheme" }),
    fc.integer(),
    fc.boolean(),
    fc.array(tie("node"), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie("node"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).node;

test("any value that the library writes is read as the library reads it, or left to it", () => {
  fc.assert(
    fc.property(value, (node) => {
      const text = build(node as Parameters<typeof build>[0]);
      const plain = readPlain(text);
      if (plain !== undefined) expect(plain).toEqual(parse(text) as typeof plain);
    }),
  );
});

/** Pieces of property lists, put together without regard for the grammar. */
const pieces = fc.array(
  fc.constantFrom(
    ..."<dict> </dict> <array> </array> <key>a</key> <key>b</key> <key></key> <string>x</string> <string/> <true/>".split(
      " ",
    ),
    ..."<integer>1</integer> <integer>0x1f</integer> <integer> </integer> <dict/> <key/> <!--c--> <!----> text &amp; <a/>".split(
      " ",
    ),
    "<string>&#65;</string>",
    "<string>&lt;&amp;lt;</string>",
    "<string>&bogus;</string>",
    "<string>&constructor;</string>",
    "<string>a<![CDATA[b]]></string>",
    "<string>\r\n</string>",
    "<string>a\u0085\u2028\u2029b</string>",
    "<string>]]></string>",
    "<key>__proto__</key>",
    "<string>\u0001</string>",
    "<date>2026-01-01T00:00:00Z</date>",
    "<real>1.5</real>",
  ),
  { maxLength: 12 },
);

test("no heap of tags is read as something that the library does not read in it", () => {
  fc.assert(
    fc.property(pieces, fc.boolean(), (parts, wrapped) => {
      const inner = wrapped ? `<dict>${parts.join("")}</dict>` : parts.join("");
      const text = `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">${inner}</plist>\n`;
      const plain = readPlain(text);
      if (plain !== undefined) expect(plain).toEqual(parse(text) as typeof plain);
    }),
    runs(3000),
  );
});

test.each([
  ["cut off", SAMPLE.slice(0, 300)],
  ["a key twice", SAMPLE.replace("<key>Nice</key>", "<key>Label</key>")],
  ["a key without a value", SAMPLE.replace("<true/>", "")],
  ["another encoding", SAMPLE.replace("UTF-8", "UTF-16")],
  ["an entity of its own", SAMPLE.replace('.dtd">', '.dtd" [<!ENTITY amp "x">]>')],
  ["words behind the end", `${SAMPLE}x`],
  ["too deep", `<plist>${"<array>".repeat(60)}${"</array>".repeat(60)}</plist>`],
  ["no property list", "hello"],
  ["nothing", ""],
])("%s is left to the library", (_, text) => {
  expect(readPlain(text)).toBeUndefined();
});
