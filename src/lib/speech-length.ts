/** How long a text may be that is said in one go, whoever has written it: a model, a tool. */

/**
 * Characters (UTF-16 units): some nine minutes of English, which no caller listens to. What is longer is cut here, as an
 * answer is that reaches the model's own limit.
 */
export const LONGEST_SPEECH = 8_000;

/** How far back a cut looks for the end of a word. */
const LONGEST_WORD = 100;

/** As much of `text` as may be said, up to the end of a word; the very text when it is short enough. */
export function limitSpeech(text: string, most = LONGEST_SPEECH): string {
  if (text.length <= most) return text;
  const head = text.slice(0, Math.max(0, most));
  const space = head.slice(-LONGEST_WORD).search(/\s\S*$/);
  if (space >= 0) return head.slice(0, Math.max(0, head.length - LONGEST_WORD) + space + 1);
  return /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head;
}
