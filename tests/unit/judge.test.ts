// The judge of plists against a table of right answers, Python's plistlib where it is here, and whatever fast-check draws.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { build, buildBinary } from "plist";
import { judgePlist, malformedWords } from "../../src/launchd/judge.ts";
import { fields } from "../merge/documents.ts";
import { runs } from "../property.ts";

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n';
const TAIL = "\n</plist>\n";
const bytesOf = (text: string | Uint8Array): Uint8Array =>
  typeof text === "string" ? new TextEncoder().encode(text) : text;
const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"));
const swapped = (text: string): Uint8Array => new Uint8Array(Buffer.from(utf16(text)).swap16());
/** A dictionary's inside, from line 3 on. */
const dict = (inside: string): string => `${HEAD}<dict>${inside}</dict>${TAIL}`;
const string = (inside: string): string => dict(`<key>a</key><string>${inside}</string>`);

/** What plutil takes, with its value. With `python: false` plistlib takes it for something else. */
const SOUND: [name: string, plist: string | Uint8Array, value: unknown, python?: boolean][] = [
  [
    "the usual form",
    dict("<key>Label</key><string>a.b</string><key>RunAtLoad</key><true/>"),
    { Label: "a.b", RunAtLoad: true },
  ],
  ["-- in a comment", dict("<!-- was: run.sh --hourly --><key>a</key><true/>"), { a: true }, false],
  ["a comment between key and value", dict("<key>a</key><!-- b --><string>c</string>"), { a: "c" }],
  [
    "a comment before all, another behind",
    `<!-- a -->\n${dict("<key>a</key><true/>")}<!-- z -->\n`,
    { a: true },
    false,
  ],
  ["a comment with < and &", dict("<!-- a < b && c --><key>a</key><true/>"), { a: true }],
  ["blank lines before the declaration", `\n\n  \t\n${string("b")}`, { a: "b" }, false],
  ["a byte order mark", `\ufeff${string("b")}`, { a: "b" }],
  [
    "a mark that says UTF-8 where the declaration does not",
    `\ufeff${string("é").replace("UTF-8", "ISO-8859-1")}`,
    { a: "é" },
  ],
  ["UTF-16, little end first", utf16(string("é")), { a: "é" }, false],
  ["UTF-16, big end first", swapped(string("é")), { a: "é" }, false],
  ["UTF-16 that declares it", utf16(string("é").replace("UTF-8", "UTF-16")), { a: "é" }],
  ["ISO-8859-1", latin1(string("caf\u00e9").replace("UTF-8", "ISO-8859-1")), { a: "café" }],
  ["iso-8859-1 in single quotes", latin1(string("\u00e9").replace('"UTF-8"', "'iso-8859-1'")), { a: "é" }],
  ["windows-1252", latin1(string("\u0080").replace("UTF-8", "windows-1252")), { a: "€" }],
  ["US-ASCII", string("b").replace("UTF-8", "US-ASCII"), { a: "b" }],
  ["curly quotes in the version", string("b").replace('plist version="1.0"', "plist version=“1.0”"), { a: "b" }, false],
  ["curly quotes in the declaration", string("b").replace(/"(1.0|UTF-8)"/g, "“$1”"), { a: "b" }, false],
  ["no version", string("b").replace('plist version="1.0"', "plist"), { a: "b" }],
  ["no declaration", string("b").replace(/.*\n/, ""), { a: "b" }],
  [
    "no declaration, a DOCTYPE",
    `<!DOCTYPE plist SYSTEM "x.dtd">\n${string("b").replace(/.*\n/, "")}`,
    { a: "b" },
    false,
  ],
  [
    "a DOCTYPE",
    string("b").replace("<plist", '<!DOCTYPE plist PUBLIC "-//A//DTD//EN" "http://a/b.dtd">\n<plist'),
    { a: "b" },
  ],
  [
    "a DOCTYPE of its own",
    string("b").replace("<plist", "<!DOCTYPE plist [\n<!-- ] -->\n<!ELEMENT plist ANY>\n]>\n<plist"),
    { a: "b" },
  ],
  ["single quotes", string("b").replaceAll('"', "'"), { a: "b" }],
  ["an attribute that nobody knows", dict("<key>a</key><string x=1>b</string>"), { a: "b" }, false],
  ["CDATA", string("<![CDATA[a && b < c]]> &amp; d"), { a: "a && b < c & d" }],
  ["entities", string("&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#128512;"), { a: "<>&\"'AB😀" }],
  [">, quotes and ]]", string("a > b \"c\" 'd' ]]"), { a: "a > b \"c\" 'd' ]]" }],
  ["]]> in a text", string("a ]]> b"), { a: "a ]]> b" }, false],
  ["hex integers", dict("<key>a</key><integer>0x1F</integer><key>b</key><integer>0Xff</integer>"), { a: 31, b: 255 }],
  ["signs", dict("<key>a</key><integer>-5</integer><key>b</key><integer>+5</integer>"), { a: -5, b: 5 }],
  ["a negative hex integer", dict("<key>a</key><integer>-0x10</integer>"), { a: -16 }, false],
  ["space before digits", dict("<key>a</key><integer>\n 5</integer>"), { a: 5 }],
  ["an integer above 2^53", dict("<key>a</key><integer>9007199254740993</integer>"), { a: 9007199254740993n }],
  ["the largest integer", dict("<key>a</key><integer>18446744073709551615</integer>"), { a: 18446744073709551615n }],
  ["the smallest integer", dict("<key>a</key><integer>-9223372036854775808</integer>"), { a: -9223372036854775808n }],
  ["reals", dict("<key>a</key><real>1.5e3</real><key>b</key><real>-.5</real>"), { a: 1500, b: -0.5 }],
  ["infinity", dict("<key>a</key><real>-Infinity</real>"), { a: Number.NEGATIVE_INFINITY }],
  ["a date", dict("<key>a</key><date>2024-02-29T23:59:59Z</date>"), { a: "2024-02-29T23:59:59Z" }],
  ["data on several lines", dict("<key>a</key><data>\n\tAQI\n\tD\n</data>"), { a: new Uint8Array([1, 2, 3]) }],
  ["data with an end", dict("<key>a</key><data>AQ==</data>"), { a: new Uint8Array([1]) }],
  ["no data", dict("<key>a</key><data></data>"), { a: new Uint8Array() }],
  [
    "empty elements",
    dict("<key>a</key><string/><key>b</key><array/><key>c</key><dict/><key/><false/>"),
    { a: "", b: [], c: {}, "": false },
  ],
  [
    "empty elements of two tags",
    dict("<key>a</key><string></string><key>b</key><array></array><key>c</key><true></true>"),
    { a: "", b: [], c: true },
  ],
  ["space in tags", dict("<key >a</key ><true />"), { a: true }],
  ["a key twice", dict("<key>a</key><true/><key>a</key><false/>"), { a: false }],
  ["Windows line ends", string("b").replaceAll("\n", "\r\n"), { a: "b" }],
  ["an instruction inside", dict("<?x y?><key>a</key><true/>"), { a: true }],
  ["a list at the top", `${HEAD}<array><true/></array>${TAIL}`, [true]],
  ["no <plist>", '<?xml version="1.0"?>\n<dict><key>a</key><true/></dict>', { a: true }],
  ["a conflict's lines in a comment", dict("<!--\n=======\n--><key>a</key><true/>"), { a: true }],
  ["a line of = in a text", string("\n===========\n"), { a: "\n===========\n" }],
  ["binary", buildBinary({ a: ["b", 1, true] }), { a: ["b", 1, true] }],
];

/** What plutil refuses, with the place and a part of the words. With `python: false` plistlib takes it. */
const MALFORMED: [
  name: string,
  plist: string | Uint8Array,
  line: number | null,
  column: number | null,
  words: string,
  python?: boolean,
][] = [
  ["a bare &", string("a && b"), 3, 29, "& must be written &amp;"],
  ["a bare & in a key", dict("<key>a & b</key><true/>"), 3, 14, "& must be written &amp;"],
  ["an entity of another language", string("a&nbsp;b"), 3, 28, "& must be written &amp;"],
  ["an entity of JavaScript's", string("&constructor;"), 3, 27, "& must be written &amp;"],
  ["a stray <", string("a < b"), 3, 29, "< must be written &lt;"],
  ["a stray < before a letter", string("if a <b then"), 3, 32, "< must be written &lt;"],
  ["<<", string("cat <<EOF"), 3, 31, "< must be written &lt;"],
  ["a redirection", string("sort </tmp/a"), 3, 32, "</string> must stand here"],
  [
    "a conflict",
    dict("\n<<<<<<< HEAD\n<key>a</key><true/>\n=======\n<key>a</key><false/>\n>>>>>>> b\n"),
    4,
    1,
    "a conflict of git",
  ],
  ["a conflict's middle", dict("\n<key>a</key><true/>\n=======\n"), 5, 1, "a conflict of git", false],
  ["a conflict's end", dict("\n<key>a</key><true/>\n>>>>>>> branch\n"), 5, 1, "a conflict of git", false],
  [
    "a conflict in a list",
    dict("<key>a</key><array>\n<string>x</string>\n||||||| base\n</array>"),
    5,
    1,
    "a conflict of git",
    false,
  ],
  ["a conflict behind the end", `${string("b")}>>>>>>> branch\n`, 5, 1, "a conflict of git"],
  [
    "text between keys",
    dict("<key>a</key><true/>\n# nightly\n<key>b</key><true/>"),
    4,
    1,
    "text stands where a <key> must be",
    false,
  ],
  ["text between key and value", dict("<key>a</key> x <true/>"), 3, 20, "text stands where a value must be", false],
  ["text in a list", dict("<key>a</key><array>x</array>"), 3, 26, "text stands where a value must be", false],
  [
    "a space that XML does not know",
    dict("\u00a0<key>a</key><true/>"),
    3,
    7,
    "text stands where a <key> must be",
    false,
  ],
  ["text before all", `x${string("b")}`, 1, 1, "a property list begins with"],
  ["a key without a value", dict("<key>a</key>"), 3, 7, "a <key> has no value"],
  ["a key before a key", dict("<key>a</key>\n<key>b</key><string>c</string>"), 3, 7, "a <key> has no value"],
  ["a value without a key", dict("<key>a</key><true/><string>b</string>"), 3, 26, "write its <key> before it"],
  ["a key in a list", dict("<key>a</key><array><key>b</key></array>"), 3, 26, "a <key> stands where a value must be"],
  ["words for an integer", dict("<key>a</key><integer>ten</integer>"), 3, 19, "<integer> must be digits"],
  ["no integer", dict("<key>a</key><integer></integer>"), 3, 19, "<integer> must be digits"],
  ["an empty integer", dict("<key>a</key><integer/>"), 3, 19, "<integer/> has no value"],
  ["a part of an integer", dict("<key>a</key><integer>1.5</integer>"), 3, 19, "<integer> must be digits"],
  ["space behind digits", dict("<key>a</key><integer>5 </integer>"), 3, 19, "<integer> must be digits", false],
  ["hex digits without 0x", dict("<key>a</key><integer>ff</integer>"), 3, 19, "<integer> must be digits"],
  [
    "an integer too large",
    dict("<key>a</key><integer>18446744073709551616</integer>"),
    3,
    19,
    "<integer> must be from",
    false,
  ],
  ["words for a real", dict("<key>a</key><real>1,5</real>"), 3, 19, "<real> must be a number"],
  ["words for a truth", dict("<key>a</key><true>yes</true>"), 3, 19, "write <true/>", false],
  ["a date of another form", dict("<key>a</key><date>2026-01-31 08:00</date>"), 3, 19, "<date> must be as"],
  ["a date without a time", dict("<key>a</key><date>2026-01-31</date>"), 3, 19, "<date> must be as"],
  ["a month that there is not", dict("<key>a</key><date>2026-13-01T00:00:00Z</date>"), 3, 19, "<date> must be as"],
  ["a day that there is not", dict("<key>a</key><date>2025-02-29T00:00:00Z</date>"), 3, 19, "<date> must be as"],
  ["an hour that there is not", dict("<key>a</key><date>2025-02-20T24:00:00Z</date>"), 3, 19, "<date> must be as"],
  ["what is not base64", dict("<key>a</key><data>no, sir!</data>"), 3, 19, "<data> must be base64"],
  ["base64 cut off", dict("<key>a</key><data>AAA</data>"), 3, 19, "<data> must be base64"],
  ["an empty tag for data", dict("<key>a</key><data/>"), 3, 19, "<data/> has no value", false],
  ["a control character", string("a\u0001b"), 3, 28, "U+0001 can't stand in XML"],
  ["an escape of a terminal", string("\u001b[1m"), 3, 27, "U+001B can't stand in XML"],
  ["a zero byte", string("a\0"), 3, 28, "U+0000 can't stand in XML"],
  ["a control character in a comment", dict("<!-- \u0007 --><key>a</key><true/>"), 3, 12, "U+0007 can't stand in XML"],
  ["a control character by its number", string("&#1;"), 3, 27, "not that of a character"],
  ["a number of no character", string("&#x110000;"), 3, 27, "not that of a character"],
  ["a byte that is not UTF-8", latin1(string("caf\u00e9")), 3, 30, "the byte 0xE9 is not UTF-8"],
  ["half a character", latin1(string("\u00e2\u0082")), 3, 27, "is not UTF-8"],
  ["Latin-1 below a declaration of ASCII", string("é").replace("UTF-8", "US-ASCII"), 3, 27, "says that it is ASCII"],
  [
    "an encoding that nobody knows",
    string("b").replace("UTF-8", "klingon"),
    1,
    1,
    "not in the encoding that it declares",
  ],
  ["UTF-16 without its mark", utf16(string("b")).subarray(2), 1, 1, "may be UTF-16"],
  ["an unclosed dict", `${HEAD}<dict><key>a</key><true/>`, 3, 1, "<dict> is not closed"],
  ["an unclosed list", `${HEAD}<dict><key>a</key><array><true/>`, 3, 19, "<array> is not closed"],
  [
    "an unclosed string",
    `${HEAD}<dict><key>a</key><string>b\n<key>c</key><true/></dict>${TAIL}`,
    3,
    19,
    "<string> is not closed",
  ],
  ["an unclosed string at the end", `${HEAD}<dict><key>a</key><string>b`, 3, 19, "<string> is not closed"],
  ["an unclosed plist", `${HEAD}<dict></dict>\n`, 2, 1, "<plist> is not closed"],
  ["an unclosed comment", dict("<!-- a <key>a</key><true/>"), 3, 7, "a comment is not closed"],
  ["unclosed CDATA", string("<![CDATA[a]]"), 3, 27, "CDATA section is not closed"],
  ["an unclosed declaration", string("b").replace("?>", ">"), 1, 1, "an instruction is not closed"],
  ["an unclosed tag", dict("<key>a</key><string"), 3, 19, "this tag has no >"],
  ["another closing tag", string("b").replace("</string>", "</strng>"), 3, 28, "</string> must stand here"],
  [
    "tags crossed",
    dict("<key>a</key><array><dict></array></dict>"),
    3,
    32,
    "</dict> must stand here: it closes the <dict> of line 3",
  ],
  ["a list closed as a dict", dict("<key>a</key><array></dict>"), 3, 26, "</array> must stand here"],
  ["a tag closed twice", dict("<key>a</key><string>b</string></string>"), 3, 37, "</dict> must stand here"],
  ["two roots", `${string("b")}<plist version="1.0"><dict/></plist>\n`, 5, 1, "behind the end"],
  ["two values in a plist", `${HEAD}<dict/>\n<dict/>${TAIL}`, 4, 1, "<plist> holds one value", false],
  ["text behind the end", `${string("b")}x`, 5, 1, "behind the end"],
  ["an empty plist", `${HEAD}${TAIL}`, 2, 1, "<plist> is empty"],
  ["an element that nobody knows", dict("<key>a</key><secret>b</secret>"), 3, 19, "no such element"],
  ["<bool>", dict("<key>a</key><bool>true</bool>"), 3, 19, "no <bool>: write <true/> or <false/>"],
  ["<int>", dict("<key>a</key><int>5</int>"), 3, 19, "write <integer>"],
  ["<String>", dict("<key>a</key><String>b</String>"), 3, 19, "no <String>: write <string>"],
  ["a comment in a text", string("a<!-- b -->c"), 3, 28, "a comment can't stand inside <string>", false],
  ["JSON", '{"Label": "a"}', 1, 1, "a property list begins with"],
  ["OpenStep's form", "{ Label = a; }", 1, 1, "a property list begins with"],
  ["nothing", "", 1, 1, "the file is empty"],
  ["blanks", " \n\n", 1, 1, "the file is empty"],
  ["binary, cut off", buildBinary({ a: "b" }).subarray(0, 40), null, null, "cut off or damaged"],
  ["binary, its head alone", "bplist00", null, null, "cut off or damaged"],
  [
    "binary, with a newline behind",
    Buffer.concat([buildBinary({ a: "b" }), Buffer.from("\n")]),
    null,
    null,
    "cut off or damaged",
  ],
];

describe("sound", () => {
  test.each(SOUND)("%s", (_, plist, value) => {
    const judged = judgePlist(bytesOf(plist));
    expect(judged).toMatchObject({ ok: true });
    expect(judged.ok && judged.value).toEqual(value);
  });

  test("a key that stands twice is told, wherever it is", () => {
    const twice = "<key>b</key><dict><key>a</key><true/><key>a</key><true/></dict>";
    expect(judgePlist(bytesOf(dict(`${twice}<key>a</key><true/>`)))).toMatchObject({ repeated: ["a"] });
    expect(judgePlist(bytesOf(dict("<key>a</key><true/>")))).toMatchObject({ repeated: [] });
  });
});

describe("malformed", () => {
  test("binary, its table of objects not where its end says", () => {
    const plist = Buffer.from(buildBinary("abc"));
    expect(judgePlist(plist)).toMatchObject({ ok: true, value: "abc" });
    // The last of the eight bytes that say where the table begins.
    plist[plist.length - 1] = (plist.at(-1) ?? 0) + 1;
    expect(judgePlist(plist).ok).toBe(false);
  });

  test.each(MALFORMED)("%s", (_, plist, line, column, words) => {
    const judged = judgePlist(bytesOf(plist));
    expect(judged).toEqual({ ok: false, line, column, what: expect.stringContaining(words) });
  });

  test("in words", () => {
    const judged = judgePlist(bytesOf(string("\n\n  make && make")));
    if (judged.ok) throw new Error("sound");
    expect(malformedWords(judged)).toBe("is malformed: line 5, column 8: & must be written &amp;");
    expect(malformedWords({ line: null, column: null, what: "it is cut off" })).toBe("is malformed: it is cut off");
  });

  test("columns count characters, lines end as in DOS and old Macs, too", () => {
    expect(judgePlist(bytesOf(`${HEAD}<dict>\r\n\r<key>😀é</key><string>&</string></dict>${TAIL}`))).toMatchObject({
      line: 5,
      column: 22,
    });
  });

  test.each(["hunter2&live;", "hunter2<hunter2 x", "<hunter2>", "&hunter2;"])(
    "no word of the content is told: %s",
    (text) => {
      for (const plist of [string(text), dict(text), dict(`<key>a</key>${text}`), `${HEAD}${text}${TAIL}`])
        expect(JSON.stringify(judgePlist(bytesOf(plist)))).not.toContain("hunter2");
    },
  );
});

const hasPlistlib = Bun.which("python3") !== null && Bun.spawnSync(["python3", "-c", "import plistlib"]).exitCode === 0;
const ASK = `import sys, json, plistlib
def sound(path):
    try:
        return plistlib.load(open(path, "rb")) is not None
    except Exception:
        return False
print(json.dumps([sound(path) for path in sys.argv[1:]]))`;

/** Whether plistlib takes them. */
function byPython(plists: (string | Uint8Array)[]): unknown {
  const folder = mkdtempSync(join(tmpdir(), "rollback-judge-"));
  try {
    const paths = plists.map((plist, index) => {
      const path = join(folder, `${index}`);
      writeFileSync(path, plist);
      return path;
    });
    const { stdout, stderr } = Bun.spawnSync(["python3", "-c", ASK, ...paths]);
    expect(stderr.toString()).toBe("");
    return JSON.parse(stdout.toString());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!hasPlistlib)("as Python's plistlib (skipped where that is not here)", () => {
  test("the table, but where it is known to differ from plutil", () => {
    const sound = SOUND.map(([name, plist, , python = true]) => ({ name, plist, python }));
    const malformed = MALFORMED.map(([name, plist, , , , same = true]) => ({ name, plist, python: !same }));
    const all = [...sound, ...malformed];
    const answers = byPython(all.map(({ plist }) => plist));
    const named = Array.isArray(answers) ? all.map(({ name }, index) => [name, answers[index]]) : [];
    expect(named).toEqual(all.map(({ name, python }) => [name, python]));
  });

  test("plists with a character put in or taken out", () => {
    const edits = fc.array(
      fc.tuple(fields, fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom("&", "<", ">", "/", "-", "a", "")),
      { minLength: 40, maxLength: 40 },
    );
    fc.assert(
      fc.property(edits, (drawn) => {
        const plists = drawn.map(([value, part, piece]) => {
          const text = build({ a: "b", ...value });
          const at = Math.floor(part * text.length);
          return text.slice(0, at) + piece + text.slice(piece === "" ? at + 1 : at);
        });
        const ours = plists.map((plist) => judgePlist(bytesOf(plist)).ok);
        const theirs = byPython(plists);
        // What plutil is known to judge otherwise: text between elements, and what stands in tags.
        const differ = plists.filter(
          (_, index) => Array.isArray(theirs) && theirs[index] === false && ours[index] === true,
        );
        for (const text of differ) expect(text).toMatch(DIFFERENT);
      }),
      runs(5),
    );
  });
});
/** Where an edit leaves what plutil takes and plistlib does not. */
const DIFFERENT =
  /^(?!<\?xml version="1\.0" encoding="UTF-8"\?>\n?<!DOCTYPE plist PUBLIC "[^"<>]*" "[^"<>]*">\n?<plist version="1\.0">)|]]>/;

describe("whatever is drawn", () => {
  test("what the library writes is sound, and is read as it was", () => {
    fc.assert(
      fc.property(fields, fc.boolean(), (value, isBinary) => {
        const plist = isBinary ? buildBinary(value) : bytesOf(build(value));
        const judged = judgePlist(plist);
        expect(judged.ok && judged.value).toEqual(value);
      }),
    );
  });

  test("a text of any characters that XML may hold is sound, with & and < written as they must be, and malformed without", () => {
    const isCharacter = (one: string) => !/[\0-\x08\x0b-\x1f\ufffe\uffff]/.test(one);
    const texts = fc.array(
      fc.oneof(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.constantFrom("&", "<")),
    );
    fc.assert(
      fc.property(texts, (drawn) => {
        const text = drawn.filter(isCharacter).join("");
        const written = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
        const judged = judgePlist(bytesOf(string(written)));
        expect(judged.ok && judged.value).toEqual({ a: text });
        if (/&(?![#a-z])/.test(text)) expect(judgePlist(bytesOf(string(text))).ok).toBe(false);
      }),
      runs(300),
    );
  });

  test("no beginning of a binary plist is sound", () => {
    fc.assert(
      fc.property(fields, fc.double({ min: 0, max: 1, noNaN: true }), (value, part) => {
        const whole = buildBinary(value);
        expect(judgePlist(whole.subarray(0, Math.floor(part * (whole.length - 1)))).ok).toBe(false);
      }),
    );
  });

  test("no beginning of an XML plist is sound, and its place is in it", () => {
    fc.assert(
      fc.property(fields, fc.double({ min: 0, max: 1, noNaN: true }), (value, part) => {
        const whole = build(value).trimEnd();
        const cut = whole.slice(0, Math.floor(part * (whole.length - 1)));
        const judged = judgePlist(bytesOf(cut));
        expect(judged.ok).toBe(false);
        if (!judged.ok) expect(judged.line).toBeLessThanOrEqual(cut.split("\n").length);
      }),
    );
  });

  test("any bytes are judged", () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.uint8Array().map((tail) => new Uint8Array([...bytesOf("bplist00"), ...tail])),
      fc.string({ unit: "binary" }).map((text) => bytesOf(dict(text))),
    );
    fc.assert(
      fc.property(bytes, (value) => expect(typeof judgePlist(value).ok).toBe("boolean")),
      runs(500),
    );
  });
});
