/** Ends a reply where the request says: at a stop sequence, or when `max_tokens` are used up. */
import type { Reply, ReplyCall } from './reply.ts';
import type { ChatRequest } from './request.ts';
import { countTokens, takeTokens } from './tokens.ts';

export function shorten(reply: Reply, request: ChatRequest): Reply {
  const stopped = stopAt(reply, typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []));
  return typeof request.max_tokens === 'number' ? cutTo(stopped, request.max_tokens) : stopped;
}

/** The stop sequence itself is not sent, nor anything behind it. */
function stopAt(reply: Reply, stops: readonly string[]): Reply {
  const places = stops.filter((stop) => stop !== '').map((stop) => reply.text.indexOf(stop));
  const first = Math.min(...places.filter((place) => place >= 0));
  return first === Infinity ? reply : { ...reply, text: reply.text.slice(0, first), calls: [], finishReason: 'stop' };
}

/** Calls come after the text, so they are the first to be cut, in the middle of their arguments if need be. */
function cutTo(reply: Reply, maxTokens: number): Reply {
  const budget = new TokenBudget(maxTokens);
  const text = budget.take(reply.text);
  const calls: ReplyCall[] = [];
  for (const call of reply.calls) {
    if (budget.isSpent) break;
    calls.push({ name: budget.takeWhole(call.name), arguments: budget.take(call.arguments) });
  }
  return budget.isSpent ? { ...reply, text, calls, finishReason: 'length' } : reply;
}

class TokenBudget {
  #left: number;
  #isSpent = false;

  constructor(tokens: number) {
    this.#left = tokens;
  }

  /** Whether anything had to be left out. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  take(text: string): string {
    const { taken, left } = takeTokens(text, this.#left);
    this.#isSpent ||= taken.length < text.length;
    this.#left = left;
    return taken;
  }

  takeWhole(name: string): string {
    this.#left -= countTokens(name);
    return name;
  }
}
