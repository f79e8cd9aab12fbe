/** What goes wrong on demand, when, and for how many requests. What it does to a response: `fault-effects.ts`. */
import { z } from 'zod';
import { Pattern, toRegExp } from './pattern.ts';

/** Which requests a fault is for; all that are given must hold. */
const FaultFilter = z.strictObject({
  /** Regular expression, upper and lower case alike, over what the caller last said. */
  caller: Pattern.optional(),
  /** Whether the request carries fresh tool results. */
  isFollowUp: z.boolean().optional(),
  stream: z.boolean().optional(),
  /** The answer would call this tool. */
  calls: z.string().optional(),
  /** Which request of the simulator's life, from 1. */
  ordinal: z.int().positive().optional(),
});

/** What every fault says beside its kind. */
const RULE = {
  when: FaultFilter.default({}),
  /** For how many matching requests. */
  times: z.union([z.int().positive(), z.literal('always')]).default(1),
  /** Lets this many matching requests pass first. */
  skip: z.int().min(0).default(0),
  /** Applies to this part of the matching requests, by seeded chance. */
  probability: z.number().min(0).max(1).default(1),
};

const PLACE = {
  /** After this many content chunks and fragments. */
  afterChunks: z.int().min(0).optional(),
  /** After this many bytes of the body. */
  afterBytes: z.int().min(0).optional(),
  /** In the middle of the arguments of the calls. */
  inArguments: z.boolean().optional(),
};

const milliseconds = z.number().min(0);

export const Fault = z.discriminatedUnion('type', [
  z.strictObject({
    ...RULE,
    type: z.literal('status'),
    status: z.int().min(300).max(599),
    /** Seconds, or a date as text. */
    retryAfter: z.union([milliseconds, z.string()]).optional(),
    message: z.string().optional(),
    errorType: z.string().optional(),
    body: z.enum(['json', 'html', 'text', 'empty']).default('json'),
  }),
  /** The connection is reset before any header. */
  z.strictObject({ ...RULE, type: z.literal('refuse') }),
  /** Accepts the request and is silent: before the headers, or after them and before the first token. */
  z.strictObject({ ...RULE, type: z.literal('hang'), at: z.enum(['headers', 'first-token']).default('headers') }),
  /** Falls silent in the middle, for `forMs` or for good. */
  z.strictObject({ ...RULE, ...PLACE, type: z.literal('stall'), forMs: milliseconds.optional() }),
  /** The body ends, cleanly or by a reset, without what was to follow. */
  z.strictObject({ ...RULE, ...PLACE, type: z.literal('cut'), how: z.enum(['end', 'reset']).default('end') }),
  /** A line that is not JSON among the chunks. */
  z.strictObject({
    ...RULE,
    ...PLACE,
    type: z.literal('garbage'),
    line: z.string().default('data: {"choices":[{"ind'),
  }),
  /** An error instead of the rest: as a chunk, or under `event: error`. */
  z.strictObject({
    ...RULE,
    ...PLACE,
    type: z.literal('stream-error'),
    message: z.string().default('The model failed'),
    errorType: z.string().default('api_error'),
    form: z.enum(['data', 'event']).default('data'),
  }),
  /** Fragments of arguments take this much longer from first to last. */
  z.strictObject({ ...RULE, type: z.literal('slow-arguments'), argumentsMs: milliseconds }),
  /** The first token, and every one after it, comes this much later. */
  z.strictObject({
    ...RULE,
    type: z.literal('slow'),
    firstTokenMs: milliseconds.default(0),
    tokenMs: milliseconds.default(0),
  }),
  /** Status 200 with a JSON body although a stream was asked for: a whole completion, an error, or nothing. */
  z.strictObject({
    ...RULE,
    type: z.literal('json-body'),
    body: z.enum(['completion', 'error', 'empty']).default('completion'),
  }),
  /** Never stops talking. */
  z.strictObject({ ...RULE, type: z.literal('endless'), everyMs: z.number().min(1).default(5) }),
  /** All is there but the last line. */
  z.strictObject({ ...RULE, type: z.literal('no-done') }),
]);
export type Fault = z.output<typeof Fault>;
/** `{ type: 'stall', afterChunks: 2, times: 3, when: { caller: 'book' } }` */
export type FaultInput = z.input<typeof Fault>;

/** What a filter may look at. */
export interface FaultSubject {
  ordinal: number;
  lastCallerText: string;
  isFollowUp: boolean;
  isStream: boolean;
  calledTools: readonly string[];
}

/** The faults that are waiting, oldest first; one request meets at most one. */
export class FaultQueue {
  #waiting: { fault: Fault; filter: ((subject: FaultSubject) => boolean) | undefined; left: number; skip: number }[] =
    [];
  #met = 0;

  get waiting(): number {
    return this.#waiting.length;
  }

  /** How many requests met a fault. */
  get met(): number {
    return this.#met;
  }

  /** Returns what takes the fault away again. */
  add(fault: Fault, filter?: (subject: FaultSubject) => boolean): () => void {
    const entry = { fault, filter, left: fault.times === 'always' ? Infinity : fault.times, skip: fault.skip };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  clear(): void {
    this.#waiting = [];
  }

  take(subject: FaultSubject, random: () => number): Fault | undefined {
    for (const entry of this.#waiting) {
      if (!matches(entry.fault, subject) || entry.filter?.(subject) === false) continue;
      if (entry.skip-- > 0) continue;
      if (entry.fault.probability < 1 && random() >= entry.fault.probability) continue;
      if (--entry.left <= 0) this.#waiting = this.#waiting.filter((other) => other !== entry);
      this.#met++;
      return entry.fault;
    }
    return undefined;
  }
}

function matches({ when }: Fault, subject: FaultSubject): boolean {
  return (
    (when.caller === undefined || toRegExp(when.caller).test(subject.lastCallerText)) &&
    (when.isFollowUp === undefined || when.isFollowUp === subject.isFollowUp) &&
    (when.stream === undefined || when.stream === subject.isStream) &&
    (when.calls === undefined || subject.calledTools.includes(when.calls)) &&
    (when.ordinal === undefined || when.ordinal === subject.ordinal)
  );
}
