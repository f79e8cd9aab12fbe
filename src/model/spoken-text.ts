/**
 * Of what a model writes, the words that are meant for the caller's ears: thoughts and tool calls that a server lets
 * through as text are left out, so that they are neither said nor remembered. Fed with deltas cut anywhere. Text without
 * the beginning of a tag goes through as it came; what may be one waits for the characters that tell.
 *
 *   Let me look. <tool_call>\n{"name": "look_up"}\n</tool_call>    ->  Let me look.
 *   <think>\nThey want a table.\n</think>\n\nIt is booked.        ->  It is booked.
 *
 * What is opened and never closed is not said.
 */
import { LONGEST_SPEECH } from '../lib/speech-length.ts';
import {
  isBrokenTag,
  isCallKey,
  isOwnHeader,
  nextTagAt,
  readTag,
  THOUGHT,
  type HeaderEnd,
  type Tag,
} from './markup.ts';

/** What is being left out. */
type Hidden =
  /** Up to the tag that closes it. */
  | { type: 'block'; key: string }
  /** Up to the end of that message, or to a header of the agent's own: words of somebody else, or to nobody. */
  | { type: 'message' }
  /** Who speaks, and to whom; `text` so far. */
  | { type: 'header'; until: HeaderEnd; text: string }
  /** Thoughts that no tag has opened, if a tag closes them; `text`: else it is the answer. */
  | { type: 'unopened'; text: string };

/** A header that is longer is none of ours, and nobody's words. */
const LONGEST_HEADER = 200;

export interface SpokenTextOptions {
  /** The model's answers begin with thoughts, without a tag that opens them (`wasThought`). Default false. */
  beginsInThought?: boolean;
}

export class SpokenText {
  /** What may be the beginning of a tag, with the white space before it. */
  #held = '';
  #hidden: Hidden | undefined;
  /** Something has just been left out. `space`: the white space before it; `isBlock`: words stood there. */
  #gap: { space: string; isBlock: boolean } | undefined;
  /** The last character that was said. */
  #last = '';
  /** Something was said that is not white space. */
  #hasWords = false;
  #hasThought = false;
  /** A tag has closed thoughts that none had opened, and no words have followed yet. */
  #isUnopened = false;
  #wasThought = false;

  constructor({ beginsInThought = false }: SpokenTextOptions = {}) {
    if (beginsInThought) this.#hidden = { type: 'unopened', text: '' };
  }

  /** What was returned before the last call was no answer but thoughts, which no tag had opened (DeepSeek, Qwen). */
  get wasThought(): boolean {
    return this.#wasThought;
  }

  /** It still waits for the tag that closes thoughts which none has opened. */
  get isUnclosed(): boolean {
    return this.#hidden?.type === 'unopened';
  }

  /** Returns the words that have become certain. */
  push(delta: string): string {
    const isPlain = !this.#hidden && !this.#gap && this.#held === '';
    if (!isPlain || nextTagAt(delta, 0) >= 0) return this.#read(this.#held + delta);
    this.#saying(delta);
    return delta;
  }

  /** A call begins that the server has read: returns what was held and is no tag. Its own markup ends with it. */
  callStarts(): string {
    const words = this.#sayHeld();
    if (this.#hidden?.type === 'block' && isCallKey(this.#hidden.key)) this.#hidden = undefined;
    this.#confirmThought();
    return words;
  }

  /**
   * The answer is over: returns what was held and is no tag.
   * @param isWhole It ended by itself: then what was held back as thoughts, and no tag has closed, was the answer.
   */
  end(isWhole: boolean): string {
    if (this.#hidden?.type !== 'unopened') return this.#sayHeld();
    if (!isWhole) return '';
    const answer = new SpokenText();
    return answer.push(this.#hidden.text + this.#held) + answer.end(true);
  }

  #read(text: string): string {
    this.#held = '';
    let said = '';
    let at = 0;
    while (at < text.length) {
      const wasThought = this.#wasThought;
      const { said: words, at: next } = this.#hidden ? this.#skip(this.#hidden, text, at) : this.#take(text, at);
      if (this.#wasThought !== wasThought) said = '';
      said += words ?? '';
      at = next;
    }
    return said;
  }

  /** Words up to the next tag, and the tag. */
  #take(text: string, from: number): { said?: string; at: number } {
    for (let at = nextTagAt(text, from); at >= 0; at = nextTagAt(text, at + 1)) {
      const tag = readTag(text, at);
      if (!tag) continue;
      const end = from + text.slice(from, at).trimEnd().length;
      const said = this.#say(text.slice(from, end));
      if (tag === 'partial') {
        this.#held = text.slice(end);
        return { said, at: text.length };
      }
      this.#leaveOut(tag, text.slice(end, at));
      return { said, at: at + tag.length };
    }
    return { said: this.#say(text.slice(from)), at: text.length };
  }

  #leaveOut(tag: Tag, space: string): void {
    this.#gap ??= { space: '', isBlock: false };
    this.#gap.space ||= space;
    switch (tag.type) {
      case 'open':
        this.#hasThought ||= !isCallKey(tag.key);
        this.#gap.isBlock = true;
        this.#hidden = { type: 'block', key: tag.key };
        return;
      case 'header':
        this.#hidden = { type: 'header', until: tag.until, text: '' };
        return;
      case 'other-role':
        this.#hidden = { type: 'message' };
        return;
      case 'close':
        this.#isUnopened ||= tag.key === THOUGHT && !this.#hasThought && this.#hasWords;
        return;
      case 'mark':
    }
  }

  // ---- what is left out -----------------------------------------------------------------------------------------------

  #skip(hidden: Hidden, text: string, from: number): { said?: string; at: number } {
    if (hidden.type === 'header' && hidden.until === 'line') return this.#skipLine(hidden, text, from);
    const at = nextTagAt(text, from);
    this.#keep(hidden, text.slice(from, at < 0 ? text.length : at));
    const tag = at < 0 ? undefined : readTag(text, at);
    if (tag === 'partial') {
      this.#held = text.slice(at);
      return { at: text.length };
    }
    if (at < 0 || this.#hidden !== hidden) return { at: at < 0 ? text.length : at };
    const length = tag ? tag.length : 1;
    const end = tag ? this.#endAt(hidden, tag) : 'goes-on';
    if (end === 'goes-on') this.#keep(hidden, text.slice(at, at + length));
    return { at: end === 'ends-before' ? at : at + length };
  }

  #skipLine(header: Extract<Hidden, { type: 'header' }>, text: string, from: number): { said?: string; at: number } {
    const end = text.indexOf('\n', from);
    this.#keep(header, text.slice(from, end < 0 ? text.length : end));
    if (end < 0 || this.#hidden !== header) return { at: end < 0 ? text.length : end };
    this.#hidden = isOwnHeader(header.text) ? undefined : { type: 'message' };
    return { at: end + 1 };
  }

  #keep(hidden: Hidden, text: string): void {
    if (hidden.type !== 'header' && hidden.type !== 'unopened') return;
    const most = hidden.type === 'header' ? LONGEST_HEADER : LONGEST_SPEECH;
    if (hidden.text.length + text.length <= most) hidden.text += text;
    else if (hidden.type === 'header') this.#hidden = { type: 'message' };
    else hidden.text += text.slice(0, most - hidden.text.length);
  }

  /** What a tag within it does to what is being left out. */
  #endAt(hidden: Hidden, tag: Tag): 'ends' | 'ends-before' | 'goes-on' {
    switch (hidden.type) {
      case 'block': {
        const isEnd = tag.type === 'close' ? tag.key === hidden.key : isEndOfTurn(tag) && isCallKey(hidden.key);
        return isEnd ? this.#show('ends') : 'goes-on';
      }
      case 'message':
        if (tag.type === 'header') return this.#show('ends-before');
        return isEndOfTurn(tag) ? this.#show('ends') : 'goes-on';
      case 'unopened':
        if (tag.type !== 'close' || tag.key !== THOUGHT) return 'goes-on';
        this.#hasThought = true;
        this.#gap = { space: '', isBlock: true };
        return this.#show('ends');
      case 'header':
        return this.#endHeader(hidden, tag);
    }
  }

  /** `<|start|>assistant to=functions.look_up<|channel|>commentary<|message|>`: one header. */
  #endHeader(header: Extract<Hidden, { type: 'header' }>, tag: Tag): 'ends' | 'goes-on' {
    if (tag.type !== 'mark' || tag.name !== header.until) return 'goes-on';
    this.#hasThought ||= !isOwnHeader(header.text);
    this.#hidden = isOwnHeader(header.text) ? undefined : { type: 'message' };
    return 'ends';
  }

  #show<End>(end: End): End {
    this.#hidden = undefined;
    return end;
  }

  // ---- what is said -------------------------------------------------------------------------------------------------

  /** Where something was left out, what is around it is joined as it would have been written without. */
  #say(words: string): string {
    if (!this.#gap) {
      this.#saying(words);
      return words;
    }
    const rest = words.trimStart();
    const space = this.#gap.space || words.slice(0, words.length - rest.length);
    if (rest === '') {
      this.#gap.space = space;
      return '';
    }
    const joint = this.#joint(space, rest, this.#gap.isBlock);
    this.#gap = undefined;
    this.#confirmThought();
    this.#saying(rest);
    return joint + rest;
  }

  #saying(words: string): void {
    if (words === '') return;
    this.#last = words.at(-1)!;
    this.#hasWords ||= words.trim() !== '';
  }

  #joint(space: string, rest: string, isBlock: boolean): string {
    if (this.#isUnopened || this.#last === '' || /\s/.test(this.#last)) return '';
    if (/^[.,;:!?…)\]]/.test(rest)) return '';
    if (space !== '') return space;
    return isBlock && /[\p{L}\p{N}.,;:!?]/u.test(this.#last) && /^[\p{L}\p{N}]/u.test(rest) ? ' ' : '';
  }

  #confirmThought(): void {
    this.#wasThought ||= this.#isUnopened;
    this.#isUnopened = false;
  }

  #sayHeld(): string {
    const held = this.#held;
    this.#held = '';
    return this.#hidden || isBrokenTag(held.trimStart()) ? '' : this.#say(held);
  }
}

const isEndOfTurn = (tag: Tag): boolean => tag.type === 'mark' && tag.endsTurn;
