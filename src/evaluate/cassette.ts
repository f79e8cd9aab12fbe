/**
 * A cassette: what a model was asked in an evaluation, and what it answered, as the lines of a file. What requests have in
 * common, which is nearly all of them, stands in it once. Pure: nothing is asked or played here.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { VoiceError } from '../lib/errors.ts';
import { canonicalJson, parseJson } from '../lib/json.ts';
import type { ModelEvent, StepRequest } from '../model/contract.ts';

/** Of the file: another number is another meaning of its lines. */
const VERSION = 1;

/** Whose call it is. */
export interface CallPlace {
  scenario: string;
  cell: Readonly<Record<string, string>>;
  run: number;
}

/** A request by its parts, each by the name of its text: equal requests have equal ones. */
export interface RecordedRequest {
  messages: readonly string[];
  tools: string;
  toolChoice: string;
  options: string;
}

/** One answer. */
export interface RecordedAnswer extends CallPlace {
  turn: number;
  step: number;
  request: RecordedRequest;
  /** Each with when it came, in milliseconds since the request. */
  events: readonly { afterMs: number; event: ModelEvent }[];
  /** The call had no more use for it by then, since the caller cut in; undefined of a whole answer. */
  brokenOffMs?: number | undefined;
}

export class Cassette {
  /** Messages, tools and options, by their names. */
  readonly #parts = new Map<string, unknown>();
  readonly #answers: RecordedAnswer[] = [];

  get answers(): readonly RecordedAnswer[] {
    return this.#answers;
  }

  /** What stands under a name that a request has. */
  part(name: string): unknown {
    return this.#parts.get(name);
  }

  /** The request by the names of its parts; their texts are kept. */
  take({ messages, toolsJson, toolChoice = 'auto', options }: StepRequest): RecordedRequest {
    return {
      messages: withCountedIds(messages).map((message) => this.#name(message)),
      tools: this.#name(parseJson(toolsJson ?? 'null') ?? null),
      toolChoice: typeof toolChoice === 'string' ? toolChoice : toolChoice.name,
      options: this.#name(parseJson(JSON.stringify(options))),
    };
  }

  add(answer: RecordedAnswer): void {
    this.#answers.push(answer);
  }

  /** Everything of one call is forgotten: it is recorded anew. */
  forget(place: CallPlace): void {
    const key = keyOfPlace(place);
    const others = this.#answers.filter((answer) => keyOfPlace(answer) !== key);
    this.#answers.splice(0, Infinity, ...others);
  }

  /** By calls, and in a call as they were asked for: the same calls give the same order, whatever ran beside what. */
  toText(): string {
    const answers = this.#answers
      .map((answer) => ({ answer, key: keyOfPlace(answer) }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map(({ answer }) => answer);
    const written = new Set<string>();
    const lines: unknown[] = [{ type: 'cassette', version: VERSION }];
    for (const answer of answers) {
      for (const name of partsOf(answer.request)) {
        if (!written.has(name)) lines.push({ type: 'part', name, value: this.#parts.get(name) });
        written.add(name);
      }
      lines.push({ type: 'answer', ...answer });
    }
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  }

  /** @throws {VoiceError} `recording-invalid`, with the line, when this is the text of no cassette */
  static fromText(text: string, file: string): Cassette {
    const cassette = new Cassette();
    const lines = text.split('\n');
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '' && index > 0) continue;
      const read = Line.safeParse(parseJson(line));
      if (!read.success || (index === 0) !== (read.data.type === 'cassette')) throw noCassette(file, index + 1);
      const { data } = read;
      if (data.type === 'part') cassette.#parts.set(data.name, data.value);
      else if (data.type === 'answer') {
        if (partsOf(data.request).some((name) => !cassette.#parts.has(name))) throw noCassette(file, index + 1);
        cassette.#answers.push(data);
      }
    }
    return cassette;
  }

  #name(value: unknown): string {
    const name = createHash('sha256').update(canonicalJson(value)).digest('base64url').slice(0, 16);
    if (!this.#parts.has(name)) this.#parts.set(name, value);
    return name;
  }
}

export const keyOfPlace = ({ scenario, cell, run }: CallPlace): string =>
  canonicalJson([scenario, cell, String(run).padStart(6, '0')]);

/** Equal for equal requests. */
export const keyOfRequest = ({ messages, tools, toolChoice, options }: RecordedRequest): string =>
  JSON.stringify([messages, tools, toolChoice, options]);

const partsOf = ({ messages, tools, options }: RecordedRequest): string[] => [...messages, tools, options];

/** The ids of tool calls are the server's, and others each time: here they are counted. */
function withCountedIds(messages: StepRequest['messages']): unknown[] {
  const ids = new Map<string, number>();
  const counted = (id: string): number => {
    const place = ids.get(id) ?? ids.size + 1;
    ids.set(id, place);
    return place;
  };
  const text = JSON.stringify(messages, (key, value: unknown) =>
    (key === 'id' || key === 'tool_call_id') && typeof value === 'string' ? counted(value) : value,
  );
  return parseJson(text) as unknown[];
}

// ---- its lines ------------------------------------------------------------------------------------------------------

/** What an answer is made of is the model contract's; that it is an event at all is looked at. */
const Event = z.custom<ModelEvent>(
  (value) => typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string',
);

const Line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cassette'), version: z.literal(VERSION) }),
  z.object({ type: z.literal('part'), name: z.string(), value: z.unknown() }),
  z.object({
    type: z.literal('answer'),
    scenario: z.string(),
    cell: z.record(z.string(), z.string()),
    run: z.number(),
    turn: z.number(),
    step: z.number(),
    request: z.object({
      messages: z.array(z.string()),
      tools: z.string(),
      toolChoice: z.string(),
      options: z.string(),
    }),
    events: z.array(z.object({ afterMs: z.number(), event: Event })),
    brokenOffMs: z.number().optional(),
  }),
]);

function noCassette(file: string, line: number): VoiceError {
  const what =
    line === 1 ? `a file that --record-model has written (version ${VERSION})` : 'an answer or a part of one';
  return new VoiceError('recording-invalid', `${file}:${line}: expected ${what}`);
}
