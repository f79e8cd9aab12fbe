/** What a question is answered by: a piece of a file, short enough to be read, with the place where it stands. */

export interface Passage {
  /** As the model is told it: `opening-hours.md`. Relative to what was named. */
  file: string;
  /** Where it begins, from 1. */
  line: number;
  /** What it stands under: `Opening hours > Holidays`; empty for none. */
  heading: string;
  text: string;
}

/** A piece of a file between two headings or rows, before it is cut. */
export interface Block {
  line: number;
  heading: string;
  text: string;
}

/** Characters of a passage: about a minute of speech, of which an answer takes a sentence or two. */
const LONGEST = 900;
/** What is shorter is joined to what follows under the same heading. */
const SHORT = 350;

/** Paragraphs under one heading are joined as far as they are short, and cut at sentences where they are long. */
export function passagesOf(file: string, blocks: readonly Block[]): Passage[] {
  const passages: Passage[] = [];
  for (const { line, heading, text } of blocks.flatMap(cut)) {
    const last = passages.at(-1);
    const isJoined = last?.heading === heading && last.text.length < SHORT && last.text.length + text.length < LONGEST;
    if (isJoined) last.text += `\n${text}`;
    else passages.push({ file, line, heading, text });
  }
  return passages;
}

function cut(block: Block): Block[] {
  if (block.text.length <= LONGEST) return block.text.trim() === '' ? [] : [block];
  const pieces: Block[] = [];
  let rest = block.text;
  let { line } = block;
  while (rest.length > 0) {
    const length = rest.length <= LONGEST ? rest.length : lastEnd(rest.slice(0, LONGEST));
    pieces.push({ ...block, line, text: rest.slice(0, length).trim() });
    line += rest.slice(0, length).split('\n').length - 1;
    rest = rest.slice(length);
  }
  return pieces.filter(({ text }) => text !== '');
}

/** Behind a sentence, else a word, else wherever: text without either is no text of people. */
function lastEnd(text: string): number {
  const sentence = Math.max(...['. ', '.\n', '? ', '! ', '। ', '।\n', '。', '\n'].map((end) => text.lastIndexOf(end)));
  if (sentence > LONGEST / 3) return sentence + 1;
  const word = text.lastIndexOf(' ');
  return word > 0 ? word + 1 : text.length;
}
