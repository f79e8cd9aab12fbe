/** What a line begins with that is for the eye: headings, bullets, quotes, rules, fences and tables. */

/** What a line begins with is judged by so many characters: a drawing that is longer is taken in parts. */
export const LONGEST_LINE_MARKUP = 200;

const BULLET = /^[-*+•●▪◦‣·–—][ \t]+/;

/** `drawing`: what it begins with goes, and more may follow; `item`: its end is a pause, whether it says so or not. */
export type LineStart =
  | { type: 'drawing'; length: number }
  | { type: 'item'; length: number; isTable: boolean }
  /** A numbered item: its number is said. */
  | { type: 'numbered' }
  | { type: 'words' }
  /** It cannot be told before more has come. */
  | { type: 'wait' };

const WAIT: LineStart = { type: 'wait' };

const drawing = (length: number): LineStart => ({ type: 'drawing', length });
const item = (length: number, isTable = false): LineStart => ({ type: 'item', length, isTable });

/**
 * @param rest of the line and what follows, at most `LONGEST_LINE_MARKUP` characters.
 * @param isWhole Nothing that comes behind it can change what it begins with.
 */
export function readLineStart(rest: string, isWhole: boolean): LineStart {
  if (/^[ \t\r]/.test(rest)) return drawing(1);
  if (rest[0] === '\n') return { type: 'words' };
  const canTell = (isOpen: RegExp) => isWhole || !isOpen.test(rest);
  if (!canTell(/^`+[\w+#.-]{0,20}$/)) return WAIT;
  const fence = /^`{3,}[\w+#.-]{0,20}/.exec(rest);
  if (fence) return drawing(fence[0].length);
  if (/^[-*_=|]/.test(rest)) {
    if (!canTell(/^(?:([-*_=])(?:[ \t]*\1)*[ \t]*|\|[ \t|:-]*)$/)) return WAIT;
    const rule = /^(?:([-*_=])(?:[ \t]*\1){2,}[ \t]*|\|[ \t|:-]*-[ \t|:-]*)(?=\n|$)/.exec(rest);
    if (rule) return drawing(rule[0].length);
  }
  if (rest[0] === '#') {
    if (!canTell(/^#{1,6}$/)) return WAIT;
    const heading = /^#{1,6}[ \t]+/.exec(rest);
    if (heading) return item(heading[0].length);
  }
  if (rest[0] === '>') return drawing(1);
  if (rest[0] === '|') return item(1, true);
  if (rest.length === 1 && !isWhole && BULLET.test(`${rest} `)) return WAIT;
  const bullet = BULLET.exec(rest);
  if (bullet) return item(bullet[0].length);
  if (/^\d{1,3}[.)][ \t]/.test(rest)) return { type: 'numbered' };
  return canTell(/^\d{1,3}[.)]?$/) ? { type: 'words' } : WAIT;
}
