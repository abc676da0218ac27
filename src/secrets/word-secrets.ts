// The words of a command line, as ProgramArguments and `args` hold them, with every secret in them masked.
import { maskText } from "./line-secrets.ts";
import { HIDDEN, hideTokens, isHarmlessVariable, isSecretName } from "./secret.ts";

/** One word or value by itself. What is nothing but a path is not a secret for a name in it. */
export const maskValue = (text: string): string =>
  /^(~|\.{1,2})?\/[^\s:=@?&"'\\]*$/.test(text) ? hideTokens(text) : maskText(text);

/** The words, each masked; one that follows a flag of a secret's name is hidden, and so is a variable's value. */
export const maskWords = (words: readonly string[]): string[] =>
  words.map((word, index) => {
    const before = words[index - 1] ?? "";
    if (/^--?[A-Za-z]/.test(before) && !before.includes("=") && isSecretName(before) && !/^-/.test(word)) return HIDDEN;
    if (/^(-u|-U|--user|--proxy-user)$/.test(before) && word.includes(":")) return HIDDEN;
    if (before === "-p" && !/^(\d+|\/[^\s]*)$/.test(word)) return HIDDEN;
    const [, flag, flagName = "", flagValue = ""] = /^(--?([A-Za-z][\w-]*)=)([\s\S]*)$/.exec(word) ?? [];
    if (/^(user|proxy-user|u)$/.test(flagName) && flagValue.includes(":")) return flag + HIDDEN;
    if (/^-p./.test(word) && words.slice(0, index).some((one) => /(mysql|mariadb)[\w-]*$/.test(one)))
      return `-p${HIDDEN}`;
    if (flag !== undefined) return flag + (isSecretName(flagName) ? HIDDEN : maskValue(flagValue));
    const [, variable, value = ""] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word) ?? [];
    if (variable !== undefined) return `${variable}=${isHarmlessVariable(variable) ? maskText(value) : HIDDEN}`;
    // A flag by itself is a name.
    return /^--?[A-Za-z][A-Za-z-]*$/.test(word) ? hideTokens(word) : maskValue(word);
  });
