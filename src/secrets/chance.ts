// Whether the letters and digits of a word stand by chance, or were put there by people: what each costs after the one before it
// among names and English words, against what it costs where all are as likely. Pure.

/**
 * How unlikely each letter is at the beginning of a word, then after an `a`, after a `b` and so on, in thirds of a bit from `0` up. Counted in
 * the 66,000 words that occur thrice or more in the names and descriptions of 300,000 packages of npm and PyPI.
 */
const LETTERS =
  ":<9==>@@>DC?=@@<G=:=AA@GHGG>;=GD>J=JC:>:I<M9;9@BEFAF9BBD:FGH:EI8DG9DL;=C:KKI@K" +
  "9IBE:GJ9>L;<DI6EM=A:?MOMDO:@C@5BAF8GD?CE;EO>=E?FFFBP=B<;@BBIEHI=>9D@F79=GAD>EK" +
  ";FCE:;JJ7JH:FE8HR<A>=PKG=P;GDF6F?<:IL=B<;CJ9>D=KJIDJ7FFE6IJM9JJCBE9EC>B<>LHN@M" +
  "?A;>>?>QJKF=>6:@K?<:G?MDNA:GFH9LLD>MGJBI;BDH3I;FCKIO;ADA5CAD8GH?D@=ALA9@?GFKAL" +
  "9ED?7FGM7KF:EK9CTH>?>FIP=N7>DC7GGK9HJ@>E::IG>F>KJLDO;G<;:A8I<GBDGA=ENI:8BBLJDK" +
  "AA==HC@JBFB<;7>=P8===A?DHJ9HDD8IG>;KG:DG:=P9?<?KJJAPAHFEDLLIBOO8FOEAF@B@2LDFOI" +
  "8D??6EBJ9J@D?A:CMA<<@CIL?Q=G<D8EI<:JAAAD=<EG;7>FDIAQ:F@F7EH<7HJAEH:EQ;<??LDK>M" +
  ">>>==D@O<SH;<9G=T9:9JJMDLI8IDJ3HEI7OHGDI=HQFCDALKIGT7FBC7FE=8MGAH<9DR=<EGOEHGM" +
  "=D<C:DEE9EJA>G?8SCA6DIFD>J=??A<AAI?DD<<;=8LB:;AFAGIB8GCE4JLC:IC@CH:HLHEF>MGG?=";
const BITS = [...LETTERS].map((sign) => (sign.charCodeAt(0) - 48) / 3);
const AT_BEGIN = 0;

/** Bits of a sign where all are as likely: small letters, letters of one case with digits, both cases. */
const EVEN = { letters: Math.log2(26), digits: Math.log2(36), cases: Math.log2(62) };
const DIGIT = Math.log2(10);
/** Bits that a change of class costs where people write: they seldom put digits and capitals into the middle of a word. */
const CHANGE = {
  toDigit: 4,
  toDigitLate: 3,
  digitAgain: 0.6,
  firstDigit: 1,
  fromDigit: 2.5,
  hump: 2,
  earlyHump: 4,
  shout: 0.5,
};
const EARLY = 3;

type Class = "none" | "small" | "capital" | "digit";

/**
 * How much the likeliest stretch of chance in a word speaks for chance, in bits; 0 where nothing does. Names and words of people stay below
 * 8 but for one in sixty; of what chance makes of 16 letters and digits, one in a hundred does. Hexadecimal digits are few enough to
 * pass for a word: they have a form of their own.
 */
export function chanceIn(word: string): number {
  const even = evenBits(word);
  let sum = 0;
  let lowest = 0;
  let row = AT_BEGIN;
  let was: Class = "none";
  let run = 0;
  for (let at = 0; at < word.length; at++) {
    const is = classAt(word, at);
    if (is === "none") {
      sum = Math.min(0, sum + 1.5);
      [row, was, run] = [AT_BEGIN, is, 0];
      continue;
    }
    const change = changeBits(was, is, run);
    if (is === "digit") {
      sum += even - DIGIT - change;
      row = AT_BEGIN;
    } else {
      const begins = was === "digit" || (was === "small" && is === "capital");
      const letter = (word.charCodeAt(at) | 32) - 97;
      sum += even - change - (BITS[(begins ? AT_BEGIN : row) * 26 + letter] ?? 0);
      row = letter + 1;
      if (begins) run = 0;
    }
    run++;
    was = is;
    sum = Math.min(0, sum);
    lowest = Math.min(lowest, sum);
  }
  return -lowest;
}

function evenBits(word: string): number {
  if (/[a-z]/.test(word) && /[A-Z]/.test(word)) return EVEN.cases;
  return /\d/.test(word) ? EVEN.digits : EVEN.letters;
}

function classAt(word: string, at: number): Class {
  const code = word.charCodeAt(at);
  if (code >= 97 && code <= 122) return "small";
  if (code >= 65 && code <= 90) return "capital";
  return code >= 48 && code <= 57 ? "digit" : "none";
}

/** `run` is how many signs the part of the word has so far. */
function changeBits(was: Class, is: Class, run: number): number {
  if (is === "digit") {
    if (was === "digit") return CHANGE.digitAgain;
    if (was === "none") return CHANGE.firstDigit;
    return run > EARLY ? CHANGE.toDigitLate : CHANGE.toDigit;
  }
  if (was === "digit") return CHANGE.fromDigit;
  if (was === "small" && is === "capital") return run < EARLY ? CHANGE.earlyHump : CHANGE.hump;
  if (was === "capital" && is === "capital") return CHANGE.shout;
  return was === "capital" && run > 1 ? CHANGE.fromDigit : 0;
}
