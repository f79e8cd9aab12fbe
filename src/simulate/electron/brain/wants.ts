/**
 * What the caller wants now. The conversation is walked from its start, for nothing is remembered between requests: a
 * wish is opened by the words that name a tool, completed by answers to the agent's questions, changed by "no, Friday",
 * and closed by the call.
 */
import type { Conversation, MadeCall, Turn } from './conversation.ts';
import { ToolIndex, type Hit } from './choose.ts';
import { findBareTimes, findTimes } from './dates.ts';
import { fill, type Sources, type Utterance } from './fill.ts';
import { consumerOf, pointsAtItem, readReturned, saysFailure } from './results.ts';
import { questionFor } from './steps.ts';
import type { Tool } from './tool.ts';
import { isAffirmative, isNegative, isQuestion, meaningsIn, meaningsInName } from './words.ts';

/** One tool that the caller asks for, and what was said about it. */
export interface Wish {
  tool: Tool;
  /** Newest first. */
  own: Utterance[];
  /** The caller has said yes to doing it. */
  isConfirmed: boolean;
  /** The same tool's last arguments, when this changes them. */
  previous?: Record<string, unknown> | undefined;
}

/** What is wished as of the last turn, in the order in which it was said; what was called since is still among it. */
export function readWishes(conversation: Conversation, today: string): Wish[] {
  const listener = new Listener(conversation, today);
  let wishes: Wish[] = [];
  for (const [index] of conversation.turns.entries()) wishes = listener.hear(index, wishes);
  return wishes;
}

/** What a wish may be filled from, in the turn `index`. */
export function sourcesOf(wish: Wish, conversation: Conversation, index: number, today: string): Sources {
  const { turns } = conversation;
  return {
    own: wish.own,
    earlier: turns
      .slice(0, index)
      .map(({ callerText }) => callerText)
      .toReversed(),
    results: turns.slice(0, index + 1).flatMap(({ calls }) => calls),
    calledNow: turns[index]?.calls.map(({ name }) => name) ?? [],
    previous: wish.previous,
    today,
  };
}

class Listener {
  readonly #conversation: Conversation;
  readonly #today: string;
  readonly #index: ToolIndex;

  constructor(conversation: Conversation, today: string) {
    this.#conversation = conversation;
    this.#today = today;
    this.#index = ToolIndex.of(conversation.tools);
  }

  /** From what was wished before this turn to what is wished now. */
  hear(index: number, before: readonly Wish[]): Wish[] {
    const turn = this.#turn(index);
    const open = before.filter((wish) => !this.#turn(index - 1).calls.some(({ name }) => name === wish.tool.name));
    const fresh = this.#findWishes(turn.callerText, index);
    if (open.length > 0 && !this.#startsAnew(fresh, open)) return this.#goOn(open, turn, index);
    if (fresh.length > 0) return fresh;
    return this.#pointed(turn, index) ?? this.#accepted(turn, index) ?? this.#changed(turn, index) ?? [];
  }

  #turn(index: number): Turn {
    return this.#conversation.turns[index] ?? { agentBefore: '', callerText: '', calls: [] };
  }

  /** Each part of a sentence may name a tool of its own; parts that name none belong to the one before. */
  #findWishes(text: string, index: number): Wish[] {
    const earlier = this.#turn(index - 1).callerText;
    const wishes: { hit: Hit; parts: string[] }[] = [];
    const leading: string[] = [];
    for (const part of partsOf(text)) {
      const hit = this.#index.choose(part, earlier);
      const current = wishes.at(-1);
      if (hit && (!current || isAnother(hit, current.hit)))
        wishes.push({ hit, parts: current ? [part] : [...leading, part] });
      else (current?.parts ?? leading).push(part);
    }
    const [only] = wishes;
    if (wishes.length <= 1) {
      const hit = this.#index.choose(text, earlier) ?? only?.hit;
      return hit ? [{ tool: hit.tool, own: [{ text }], isConfirmed: false }] : [];
    }
    // What was said about the other wish may be meant for this one too: `the weather in Pune and a hotel there`.
    return wishes.map(({ hit, parts }) => {
      const own = parts.join(', ');
      const others = wishes.flatMap((other) => (other.hit === hit ? [] : [{ text: other.parts.join(', ') }]));
      return { tool: hit.tool, own: [{ text: own }, ...others], isConfirmed: false };
    });
  }

  /** New words for the tool that is open anyway do not start anew. */
  #startsAnew(fresh: readonly Wish[], open: readonly Wish[]): boolean {
    return fresh.some(({ tool }) => {
      if (open.some((wish) => wish.tool === tool)) return false;
      const known = new Set(
        open.flatMap((wish) => [...meaningsInName(wish.tool.name), ...meaningsIn(wish.tool.description)]),
      );
      return [...meaningsInName(tool.name)].some((meaning) => !known.has(meaning) && meaning !== 'find');
    });
  }

  /** The caller answers, confirms, corrects or gives up what is open. */
  #goOn(open: readonly Wish[], turn: Turn, index: number): Wish[] {
    const text = turn.callerText;
    const [first] = open;
    const isAsked = isQuestion(turn.agentBefore);
    const question = first && isAsked ? this.#questionBefore(first, index) : undefined;
    const isBareNo = isNegative(text) && meaningsIn(text).size === 0;
    if (isBareNo && question?.parameter?.kind !== 'boolean') return [];
    const isConfirmed = isAsked && question?.type === 'confirm' && isAffirmative(text);
    const utterance: Utterance = { text, answers: question?.parameter?.name };
    return open.map((wish, at) => ({
      ...wish,
      own: [at === 0 ? utterance : { text }, ...wish.own],
      isConfirmed: wish.isConfirmed || (at === 0 && isConfirmed),
    }));
  }

  /** What the agent must have asked before this turn. */
  #questionBefore(wish: Wish, index: number): ReturnType<typeof questionFor> {
    const { tools, instructions } = this.#conversation;
    return questionFor(wish, sourcesOf(wish, this.#conversation, index - 1, this.#today), tools, instructions);
  }

  /** `the second one`, after a list that some tool can go on with. */
  #pointed(turn: Turn, index: number): Wish[] | undefined {
    const call = this.#lastCall(index);
    const returned = call && readReturned(call);
    const tool = returned && consumerOf(returned, this.#conversation.tools, call.name);
    const text = turn.callerText;
    const isYes = isAffirmative(text) && isQuestion(turn.agentBefore);
    if (!tool || !(isYes || pointsAtItem(returned, text))) return undefined;
    // A yes leaves the choice to what was said when the list was asked for: `tomorrow at ten`.
    const own = isYes ? [{ text }, { text: this.#turn(index - 1).callerText }] : [{ text }];
    return [{ tool, own, isConfirmed: isYes }];
  }

  /** A yes to the agent's own offer is a wish in the agent's words. */
  #accepted(turn: Turn, index: number): Wish[] | undefined {
    if (!isAffirmative(turn.callerText) || !isQuestion(turn.agentBefore)) return undefined;
    const question = turn.agentBefore.split(/(?<=[.!?])\s+/).at(-1) ?? '';
    const wishes = this.#findWishes(question, index);
    if (wishes.length === 0) return undefined;
    return wishes.map((wish) => ({ ...wish, own: [{ text: turn.callerText }, ...wish.own], isConfirmed: true }));
  }

  /** `and on Friday?` or `try again`: the last tool once more, with what is new. */
  #changed(turn: Turn, index: number): Wish[] | undefined {
    const call = this.#lastCall(index);
    const tool = this.#conversation.tools.find(({ name }) => name === call?.name);
    if (!call || !tool || tool.endsCall) return undefined;
    const text = turn.callerText;
    const hour = tool.parameters.find(({ kind }) => kind === 'time' || kind === 'moment')?.name;
    const answers = findTimes(text).length === 0 && findBareTimes(text).length > 0 ? hour : undefined;
    const wish: Wish = { tool, own: [{ text, answers }], isConfirmed: false, previous: call.arguments };
    if (/\b(?:try (?:it |that )?again|once more|one more time)\b/i.test(text)) return [wish];
    // What was done is done; only what failed, or is wanted once more, is done with other values.
    if (tool.isWrite && !saysFailure(call.result) && !/\b(?:another|as well|too|also|one more)\b/i.test(text))
      return undefined;
    const named = fill(tool, { own: wish.own, earlier: [], results: [], today: this.#today }).arguments;
    const isNews = Object.entries(named).some(
      ([key, value]) => call.arguments[key] !== undefined && call.arguments[key] !== value,
    );
    return isNews ? [wish] : undefined;
  }

  #lastCall(index: number): MadeCall | undefined {
    return this.#turn(index - 1).calls.at(-1);
  }
}

/** Another tool by its name, for a reason that does not also speak for the one before. */
function isAnother(hit: Hit, current: Hit): boolean {
  if (hit.tool === current.tool || !hit.isByName) return false;
  const known = new Set([...meaningsInName(current.tool.name), ...meaningsIn(current.tool.description)]);
  return [...hit.meanings].some((meaning) => !known.has(meaning) && (meaning !== 'find' || current.tool.isWrite));
}

/** A sentence cut where one wish may end and another begin. */
function partsOf(text: string): string[] {
  return text
    .split(/\s*(?:[.;!?](?=\s|$)|,|\b(?:and then|and also|and|then|also|plus|as well as)\b)\s*/i)
    .filter((part) => part.trim() !== '');
}
