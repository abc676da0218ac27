// Tokens of well-known forms that no captured file holds: secretlint's rules, which many keep up to date, and the forms that they lack.
import { isPlainWord } from "../secrets/secret.ts";

export interface Shape {
  line: number;
  /** What it looks like, without a word of it. */
  what: string;
}

/** Looked up before the rules are loaded: without one of these, or one of OTHERS, a text holds no token of a known form. */
const MARKS =
  /\b(?:AKIA|ASIA)[A-Z0-9]|gh[a-z]_\w|github_pat_|xox[a-z]-|xapp-|hooks\.slack|\bsk-|\b[sr]k_(?:live|test)_|-----BEGIN|\bSG\.|shp[a-z]{2}_|npm_|_authToken|lin_api_|\bops_|dapi|dckr_|figd_|gls[a-z]_|glc_|gl[a-z]+-|gsk_|\bhv[sbr]\.|\bhf_|ntn_|secret_|tskey-|vc[a-z]_|vercel|cloudflare|:\/\/[^\s/@]*:[^\s/@]+@|(?:aws|secret).{0,20}key|_KEY\b|private_key/i;

const OTHERS: [RegExp, string][] = [
  [/\bAIza[\w-]{35}\b/, "a Google API key"],
  [/\bGOCSPX-[\w-]{24,}/, "a Google client secret"],
  [/\bya29\.[\w-]{30,}/, "a Google access token"],
  [/\b1\/\/0[\w-]{40,}/, "a Google refresh token"],
  [/\bAGE-SECRET-KEY-1[A-Z0-9]{50,}/, "an age identity"],
  [/\bwhsec_[A-Za-z0-9+/]{24,}/, "a webhook's secret"],
  [/\bdop_v1_[0-9a-f]{64}\b/, "a DigitalOcean token"],
  [/\bpypi-AgE[\w-]{50,}/, "a PyPI token"],
  [/\b\d{8,10}:AA[\w-]{32,}/, "a Telegram token"],
  [/discord(?:app)?\.com\/api\/webhooks\/\d+\/[\w-]{30,}/, "a Discord webhook"],
];
/** Numbers of accounts are no secrets. */
const HARMLESS = new Set(["AWSAccountID"]);
const PLAIN = /EXAMPLE|\bx{6}|<[\w-]+>|\$\{?\w+|\*{4}/i;

/** Every token of a known form in a text. */
export async function shapesIn(text: string): Promise<Shape[]> {
  const found: Shape[] = [];
  const lineAt = (offset: number) => text.slice(0, offset).split("\n").length;
  for (const [form, what] of OTHERS) {
    const match = form.exec(text);
    if (match !== null && !PLAIN.test(match[0])) found.push({ line: lineAt(match.index), what });
  }
  if (MARKS.test(text)) found.push(...(await byRules(text)));
  return found.sort((a, b) => a.line - b.line);
}

async function byRules(content: string): Promise<Shape[]> {
  const [{ lintSource }, { creator }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
  ]);
  const id = "@secretlint/secretlint-rule-preset-recommend";
  const { messages } = await lintSource({
    source: { filePath: "file", content, contentType: "text", ext: "" },
    options: { config: { rules: [{ id, rule: creator, options: {} }] }, noPhysicFilePath: true },
  });
  return messages
    .filter(({ messageId, range: [from, to] }) => !HARMLESS.has(messageId) && !isExample(content.slice(from, to)))
    .map(({ ruleId, loc }) => ({ line: loc.start.line, what: whatOf(ruleId) }));
}

/** What documents show: a placeholder, or an address with a word for its password. */
function isExample(match: string): boolean {
  const [, password] = /:\/\/[^\s/@]*:([^\s/@]+)@/.exec(match) ?? [];
  return PLAIN.test(match) || (password !== undefined && isPlainWord(password));
}

function whatOf(ruleId: string): string {
  const rule = ruleId.replace(/^.*secretlint-rule-/, "");
  if (rule === "privatekey" || rule === "gcp") return "a private key";
  if (rule === "basicauth" || rule === "database-connection-string") return "a password in an address";
  return `a token of ${rule}`;
}
