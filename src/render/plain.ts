// What is a text already: help, the version, a completion script.
import type { CompletionsOutcome, TextOutcome } from "../outcome.ts";
import type { Face } from "./face.ts";

const lines = ({ text }: { text: string }): string[] => (text === "" ? [] : [text.trimEnd()]);

export const completions: Face<CompletionsOutcome> = { quiet: lines, text: lines, json: ({ text }) => ({ text }) };

export const help: Face<TextOutcome> = { quiet: lines, text: lines, json: ({ json }) => json };
