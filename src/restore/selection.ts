// Which files the user chose.
import { type AbsPath, KINDS, type Kind } from "../model.ts";
import { folded, ignoresCase } from "../system/naming.ts";

/**
 * A test built from `--only` and `--except`: words are a kind, or a glob over the path, the file's name or a credential's name, in any
 * Unicode form, and in any case where the file's disk ignores it (`isCaseless`).
 */
export function selection(
  only: string[],
  except: string[],
  isCaseless: (path: AbsPath) => boolean = ignoresCase,
): (file: { kind: Kind; path: string; name: string }) => boolean {
  const matches = (words: string[]) => {
    const tests = words.map((word) => {
      if (KINDS.some((kind) => kind === word)) return (file: { kind: Kind }) => file.kind === word;
      const strict = matcher(word, false);
      const loose = matcher(word, true);
      return (file: { path: string; name: string }) => {
        const texts = [file.path, file.path.slice(file.path.lastIndexOf("/") + 1), file.name];
        return texts.some(strict) || (texts.some(loose) && isCaseless(file.path as AbsPath));
      };
    });
    return (file: { kind: Kind; path: string; name: string }) => tests.some((test) => test(file));
  };
  const wanted = matches(only);
  const unwanted = matches(except);
  return (file) => (only.length === 0 || wanted(file)) && !unwanted(file);
}

function matcher(word: string, caseless: boolean): (text: string) => boolean {
  const plain = folded(word, caseless);
  const glob = new Bun.Glob(plain);
  return (text) => {
    const form = folded(text, caseless);
    return form === plain || glob.match(form);
  };
}
