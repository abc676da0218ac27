// The page stays small however much it is made of: each part may have so many characters, and counts what goes beyond them. Pure.

export interface Allowance {
  /** Takes this many if they are left; once one was refused, everything is. */
  take(characters: number): boolean;
}

export function allowance(characters: number): Allowance {
  let left = characters;
  return {
    take(wanted) {
      left = wanted > left ? 0 : left - wanted;
      return left > 0;
    },
  };
}

/** As many from the front as the characters last for, and how many are left out. */
export function within(pieces: readonly string[], characters: number): { shown: string[]; rest: number } {
  const budget = allowance(characters);
  const shown: string[] = [];
  for (const piece of pieces) {
    if (!budget.take(piece.length)) break;
    shown.push(piece);
  }
  return { shown, rest: pieces.length - shown.length };
}
