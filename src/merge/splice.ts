// A plan → the text of `ours` with nothing changed but what the plan takes from `theirs`. Pure.
import { type Around, commentsIn, indentAt, type Layout, layoutOf, lineLead, withoutComments } from "./gap.ts";
import { isStrict } from "./json.ts";
import type { Branch, Doc, Form, Node, Part, Style } from "./node.ts";
import type { Want, WantPart } from "./three.ts";
import { writeXml } from "./xml-plist.ts";
import { flowText } from "./yaml.ts";

export interface Docs {
  base: Doc;
  ours: Doc;
  theirs: Doc;
}

/** The whole new text. Whether it says what the plan wants is for the caller to prove. */
export function spliced(want: Want, docs: Docs): string {
  const { text, root } = docs.ours;
  const lead = `${lineEnd(text)}${indentAt(text, root.start)}`;
  return text.slice(0, root.start) + render(want, docs, lead, 0) + text.slice(root.end);
}

/** A plan's value, wherever its parts are from. */
export function valueFrom(want: Want): Node {
  if (want.from !== "parts") return want.node;
  const parts = want.parts.map(({ key, want: below }) => ({
    key,
    start: 0,
    keyEnd: 0,
    end: 0,
    value: valueFrom(below),
  }));
  return { ...want.node, parts };
}

const lineEnd = (text: string): string => /\r?\n/.exec(text)?.[0] ?? "\n";

/** `lead` is the line end and indentation of the line in which it stands; `from` where the part begins that it belongs to in theirs. */
function render(want: Want, docs: Docs, lead: string, from: number): string {
  const { ours, theirs } = docs;
  if (want.from === "ours") return ours.text.slice(want.node.start, want.node.end);
  if (want.from === "parts" && want.basis === "ours") return rebuilt(want.node, want.parts, docs);
  if (theirs.form === "binary") return writeXml(valueFrom(want), lead, unitOf(ours.text));
  const text = ofTheirs(want, theirs, moving(docs, lead, from));
  return theirs.form === "yaml" ? shifted(text, docs, lead, from) : text;
}

type Move = (trivia: string) => string;
const STAY: Move = (trivia) => trivia;

/** Takes white space between elements from its indentation in theirs to that in ours. */
function moving({ ours, theirs }: Docs, lead: string, from: number): Move {
  if (theirs.form === "yaml") return STAY;
  const indent = indentAt(theirs.text, from);
  const strict = theirs.form === "json" && isStrict(ours.text);
  return (trivia) =>
    (strict ? withoutComments(trivia, "json") : trivia).replace(/\r?\n([ \t]*)/g, (_, space: string) =>
      space.startsWith(indent) ? lead + space.slice(indent.length) : lineEnd(lead) + space,
    );
}

/** A value of theirs: everything between its ends is moved. */
function ofTheirs(want: Want, theirs: Doc, move: Move): string {
  if (want.node.sort === "leaf") return theirs.text.slice(want.node.start, want.node.end);
  const branch = want.node;
  const wanted = want.from === "parts" ? want.parts : null;
  const texts: string[] = [];
  const layout = layoutOf(branch, theirs);
  const pieces = branch.parts.flatMap((part, index) => {
    const below =
      wanted === null ? { from: "theirs" as const, node: part.value } : wanted.find(({ at }) => at === part)?.want;
    return below === undefined ? [] : [{ index, body: partOfTheirs(part, below, theirs, move) }];
  });
  for (const [number, { index, body }] of pieces.entries()) {
    const { lead, pre, tail } = layout.around[index] ?? { lead: "", pre: "", tail: "" };
    const first = number === 0 ? (layout.around[0]?.lead ?? "") : lead;
    const comma = branch.style === "commas" && number < pieces.length - 1 ? "," : "";
    texts.push(move(first), body, move(pre), comma, move(tail));
  }
  const open = theirs.text.slice(branch.start, branch.inner.start);
  return open + texts.join("") + move(layout.closing) + theirs.text.slice(branch.inner.end, branch.end);
}

function partOfTheirs(part: Part, want: Want, theirs: Doc, move: Move): string {
  const { text } = theirs;
  const before = text.slice(part.start, part.keyEnd) + move(text.slice(part.keyEnd, part.value.start));
  return before + ofTheirs(want, theirs, move) + text.slice(part.value.end, part.end);
}

/** Lines of YAML from their indentation in theirs to the one in ours. */
function shifted(text: string, { theirs }: Docs, lead: string, from: number): string {
  const indent = from - (theirs.text.lastIndexOf("\n", from - 1) + 1);
  const [end = "\n", now = ""] = /^(\r?\n)?(.*)$/s.exec(lead)?.slice(1) ?? [];
  return text.replace(/\r?\n([ \t]*)(?=(\r?\n)?)/g, (_, space: string) => end + now + space.slice(indent));
}

/** A step of indentation, as the text has it. */
function unitOf(text: string): string {
  const steps = [...text.matchAll(/\n([ \t]+)\S/g)].map(([, space = ""]) => space);
  return steps.sort((a, b) => a.length - b.length)[0] ?? "\t";
}

interface Piece extends Around {
  body: string;
}

/** A branch of ours with some of its parts changed, gone or new. */
function rebuilt(branch: Branch, wanted: WantPart[], docs: Docs): string {
  const { text, form } = docs.ours;
  const layout = layoutOf(branch, docs.ours);
  const sample = sampleLead(branch, layout, docs.ours);
  const pieces: Piece[] = [];
  let next = 0;
  /** Comments that stood before parts that go, and the line end before the last of those. */
  let carry = "";
  let line: string | null = null;
  const leave = (to: number) => {
    for (line = null; next < to; next++) {
      const lead = layout.around[next]?.lead ?? "";
      line = lineLead(lead, form) ?? line;
      const note = laterNote(branch, next, layout, docs);
      carry += commentsIn(lead, form) + (note === null ? "" : (line ?? sample) + note);
    }
  };
  for (const part of wanted) {
    const isFirst = pieces.length === 0;
    const index = part.at === null ? -1 : branch.parts.indexOf(part.at);
    if (index === -1) {
      const lead = isFirst ? firstLead(layout, form) : sample;
      pieces.push({ lead, body: made(part, branch, docs, sample), pre: "", tail: "" });
      continue;
    }
    leave(index);
    next = index + 1;
    const around = layout.around[index] ?? { lead: "", pre: "", tail: "" };
    const own = lineLead(around.lead, form) === null && line !== null ? line : around.lead;
    const lead = leadOf({ carry, own, index, isFirst, sample }, layout);
    carry = "";
    pieces.push({ ...around, lead, body: changed(part, branch, docs) });
  }
  leave(branch.parts.length);
  if (pieces.length === 0 && branch.style === "lines") return branch.sort === "dict" ? "{}" : "[]";
  const closing = carry + (pieces.length === 0 && carry === "" ? layout.closing.trim() : layout.closing);
  const inside = joined(pieces, closing, layout.trailing, branch.style, lineEnd(text));
  return text.slice(branch.start, branch.inner.start) + inside + text.slice(branch.inner.end, branch.end);
}

/** A comment behind a part that goes, where somebody wrote it since: what stood there before goes with the part. */
function laterNote(branch: Branch, index: number, { around }: Layout, { ours, base }: Docs): string | null {
  const part = branch.parts[index];
  const own = part === undefined ? "" : ours.text.slice(part.value.end, part.end);
  const note = (branch.style === "lines" ? own : (around[index]?.tail ?? "")).trim();
  return note === "" || base.text.includes(note) ? null : note;
}

function joined(pieces: Piece[], closing: string, trailing: boolean, style: Style, end: string): string {
  const texts = pieces.flatMap(({ lead, body, pre, tail }, index) => {
    const comma = style === "commas" && (index < pieces.length - 1 || trailing) ? "," : "";
    const next = pieces[index + 1]?.lead ?? closing;
    // A comment to the end of its line takes nothing else with it.
    const isOpen = style === "commas" && /^\s*(\/\/|#)[^\n]*$/.test(tail) && !/^[ \t]*\r?\n/.test(next);
    return [lead, body, pre, comma, tail, isOpen ? end : ""];
  });
  return texts.join("") + closing;
}

function leadOf(
  {
    carry,
    own,
    index,
    isFirst,
    sample,
  }: { carry: string; own: string; index: number; isFirst: boolean; sample: string },
  { around }: Layout,
): string {
  if (isFirst && index > 0) {
    const first = around[0]?.lead ?? "";
    const rest = carry + own;
    return rest.startsWith(first.trimEnd()) && first.trim() !== "" ? rest : first + rest.trimStart();
  }
  // It was the first one, and stood where the new first one stands.
  if (!isFirst && index === 0 && !own.includes("\n")) return carry + sample;
  return carry + own;
}

function firstLead({ around }: Layout, form: Form): string {
  const lead = around[0]?.lead ?? "";
  return lineLead(lead, form) ?? (lead.trim() === "" ? lead : "");
}

/** What stands before a new part. */
function sampleLead(branch: Branch, { around }: Layout, { text, form }: Doc): string {
  const leads = [around[1], around[0]].map((part) => (part === undefined ? null : lineLead(part.lead, form)));
  const found = leads.find((lead) => lead !== null);
  if (found !== undefined && found !== null) return found;
  const first = branch.parts[0];
  if (branch.style === "lines" && first !== undefined) {
    const column = first.start - (text.lastIndexOf("\n", first.start - 1) + 1);
    return lineEnd(text) + " ".repeat(column);
  }
  return branch.style === "commas" ? (around[1]?.lead ?? " ") : "";
}

/** A part that ours has, with its new value. */
function changed({ at, part, want }: WantPart, branch: Branch, docs: Docs): string {
  const { text } = docs.ours;
  if (at === null) return "";
  const lead = lineEnd(text) + indentAt(text, at.start);
  const isForeign = want.from === "theirs" || (want.from === "parts" && want.basis === "theirs");
  if (!isForeign || part === null)
    return (
      text.slice(at.start, at.value.start) +
      render(want, docs, lead, part?.start ?? 0) +
      text.slice(at.value.end, at.end)
    );
  if (docs.ours.form === "yaml" && branch.style === "lines") {
    const [mine, other] = [at, part].map(({ value }, index) =>
      (index === 0 ? text : docs.theirs.text).slice(value.start, value.end),
    );
    const simple = [mine, other].every((value) => value !== undefined && value !== "" && !value.includes("\n"));
    const branches = [at, part].some(({ value }) => value.sort !== "leaf" && value.style === "lines");
    if (!simple || branches) return made({ at, part, want, key: null }, branch, docs, leadAt(at, text));
  }
  const body =
    branch.style === "commas" ? foreign(want, branch, part, docs, lead) : render(want, docs, lead, part.start);
  return text.slice(at.start, at.value.start) + body + text.slice(at.value.end, at.end);
}

const leadAt = (part: Part, text: string): string =>
  lineEnd(text) + " ".repeat(part.start - (text.lastIndexOf("\n", part.start - 1) + 1));

/** A value inside brackets: YAML's can't hold lines. */
function foreign(want: Want, branch: Branch, part: Part, docs: Docs, lead: string): string {
  if (docs.ours.form === "yaml" && branch.style === "commas") return flowText(valueFrom(want), docs.theirs.text);
  return render(want, docs, lead, part.start);
}

/** A part that ours does not have, in ours' form. */
function made({ part, want }: WantPart, branch: Branch, docs: Docs, sample: string): string {
  const { ours, theirs } = docs;
  if (part === null) return "";
  const lead = sample.includes("\n") ? sample : lineEnd(ours.text) + indentAt(ours.text, branch.start);
  if (theirs.form === "binary") {
    const key = part.key === null || branch.sort === "list" ? "" : `${writeXml(keyNode(part.key), lead, "")}${lead}`;
    return (
      key.replace(/^<string>(.*)<\/string>/s, "<key>$1</key>") + writeXml(valueFrom(want), lead, unitOf(ours.text))
    );
  }
  const [key, gap] = [theirs.text.slice(part.start, part.keyEnd), theirs.text.slice(part.keyEnd, part.value.start)];
  if (ours.form !== "yaml") return key + moving(docs, lead, part.start)(gap) + render(want, docs, lead, part.start);
  const inLines = /^-\s/.test(theirs.text.slice(part.start)) && branch.sort === "list";
  if (branch.style === "commas")
    return (branch.sort === "dict" ? `${keyText(part, theirs.text)}: ` : "") + flowText(valueFrom(want), theirs.text);
  const dash = branch.sort === "list" && !inLines ? "- " : "";
  const whole =
    key + (gap === "" ? " " : gap) + ofTheirs(want, theirs, STAY) + theirs.text.slice(part.value.end, part.end);
  return dash + shifted(whole, docs, lead, part.start);
}

const keyNode = (key: string): Node => ({ sort: "leaf", is: `string ${JSON.stringify(key)}`, start: 0, end: 0 });
/** A key of YAML as it is written. */
const keyText = (part: Part, text: string): string => text.slice(part.start, part.value.start).replace(/\s*:\s*$/, "");
