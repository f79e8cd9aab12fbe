import { expect, test } from 'vitest';
import { Manners } from '../../../src/simulate/electron/manners.ts';
import { Pace } from '../../../src/simulate/electron/pace.ts';
import { seededRandom } from '../../../src/simulate/electron/random.ts';
import type { Reply } from '../../../src/simulate/electron/reply.ts';
import { writeScript, type ResponseScript } from '../../../src/simulate/electron/script.ts';
import { Shape, ShapeTraits, type ShapeInput } from '../../../src/simulate/electron/shape.ts';
import type { PaceInput } from '../../../src/simulate/electron/pace.ts';
import { chunksOf, payloadsOf, readAnswer } from '../helpers/electron.ts';

const REPLY: Reply = {
  text: 'Let me look into both, नमस्ते.',
  calls: [
    { name: 'weather', arguments: '{"city":"Pune","note":"\\u0928\\n"}' },
    { name: 'hotel_search', arguments: '{"city":"Pune","nights":2,"guests":3}' },
  ],
};

function script(shape: ShapeInput, reply = REPLY, pace: PaceInput = 'instant', isStream = true): ResponseScript {
  return writeScript({
    reply,
    count: { promptTokens: 40, cachedTokens: 8 },
    shape: Shape.parse(shape),
    manners: Manners.parse({}),
    pace: Pace.parse(pace),
    random: seededRandom(1),
    createdSeconds: 1_755_770_000,
    isStream,
    includeUsage: true,
    logprobs: false,
  });
}

const bodyOf = (shape: ShapeInput, reply = REPLY): string =>
  script(shape, reply)
    .pieces.map(({ text }) => text)
    .join('');

/** Every value of every trait, one at a time, on both bases. */
const VARIANTS = Object.entries(ShapeTraits.shape).flatMap(([trait, schema]) => {
  const values: unknown[] = 'options' in schema ? schema.options : schema.def.type === 'boolean' ? [true, false] : [7];
  return values.flatMap((value) => (['full', 'minimal'] as const).map((base) => ({ base, [trait]: value })));
});

test.each(VARIANTS.map((variant) => [JSON.stringify(variant), variant] as const))(
  '%s carries the same answer',
  (_, variant) => {
    const answer = readAnswer(bodyOf(variant));
    expect(answer.text).toBe(REPLY.text);
    expect(answer.calls).toEqual(REPLY.calls);
    expect(answer.usage).toMatchObject({ prompt_tokens: 40 });
  },
);

test('full: role, content, fragments, finish, usage, done, in that order, each with the same id', () => {
  const { pieces } = script('full');
  const kinds = pieces.map(({ kind }) => kind).filter((kind, index, all) => kind !== all[index - 1]);
  expect(kinds).toEqual(['role', 'content', 'fragment', 'finish', 'usage', 'done']);
  const chunks = chunksOf(bodyOf('full'));
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(chunks.at(-2)).toMatchObject({ choices: [{ delta: {}, finish_reason: 'tool_calls' }] });
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens_details: { cached_tokens: 8 } } });
  expect(payloadsOf(bodyOf('full')).at(-1)).toBe('[DONE]');
});

test('minimal is the tool guide’s sample: no metadata, no blank lines, a finish chunk without delta', () => {
  const body = bodyOf('minimal');
  expect(body).not.toContain('\n\n');
  expect(Object.keys(chunksOf(body)[0]!)).toEqual(['choices']);
  expect(body).toContain('data: {"choices":[{"index":0,"finish_reason":"tool_calls"}]}\n');
});

test('interleaved calls share chunks, in both orders of their index', () => {
  const indexes = chunksOf(bodyOf({ calls: 'interleaved' }))
    .map(({ choices }) => choices[0]?.delta?.tool_calls?.map(({ index }) => index) ?? [])
    .filter((list) => list.length > 0);
  expect(indexes[0]).toEqual([0, 1]);
  expect(indexes).toContainEqual([1, 0]);
});

test('the finish reason can sit on the last chunk, say stop beside calls, or never come', () => {
  const last = chunksOf(bodyOf({ finish: 'last-chunk', finishWithCalls: 'stop' })).at(-2);
  expect(last).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
  expect(last?.choices[0]?.delta?.tool_calls).toHaveLength(1);
  const minimal = chunksOf(bodyOf({ base: 'minimal', finish: 'last-chunk' }, { text: 'Hi there', calls: [] })).at(-2);
  expect(minimal).toEqual({ choices: [{ index: 0, delta: { content: ' there' }, finish_reason: 'stop' }] });
  expect(readAnswer(bodyOf({ finish: 'never' })).finishReason).toBeUndefined();
});

test('ids and indexes come as chosen', () => {
  const ids = (shape: ShapeInput): (string | undefined)[] =>
    chunksOf(bodyOf(shape)).flatMap(({ choices }) => choices[0]?.delta?.tool_calls?.map(({ id }) => id) ?? []);
  expect(new Set(ids('full').filter(Boolean)).size).toBe(2);
  expect(ids({ callId: 'every' }).every(Boolean)).toBe(true);
  expect(ids({ callId: 'absent' }).every((id) => id === undefined)).toBe(true);
  expect(new Set(ids({ callId: 'empty' }))).toEqual(new Set(['']));
});

test('chunks and pieces can be counted out', () => {
  const reply: Reply = {
    text: 'Let me check that for you right now.',
    calls: [REPLY.calls[0]!],
    chunks: 8,
    argumentPieces: 6,
  };
  const kinds = script({ firstFragment: 'piece' }, reply).pieces.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'content')).toHaveLength(8);
  expect(kinds.filter((kind) => kind === 'fragment')).toHaveLength(6);
});

test('pace: headers, first token, tokens, arguments and finish each take their time', () => {
  const pace = { headersMs: 20, firstTokenMs: 100, tokenMs: 10, argumentsMs: 300, finishMs: 150 };
  const { headersAtMs, pieces } = script('full', { ...REPLY, chunks: 3 }, pace);
  expect(headersAtMs).toBe(20);
  const at = (kind: string): number[] => pieces.filter((piece) => piece.kind === kind).map(({ atMs }) => atMs);
  expect(at('content')).toEqual([100, 110, 120]);
  expect(at('fragment')[0]).toBe(130);
  expect(at('fragment').at(-1)).toBeCloseTo(430);
  expect(at('finish')[0]).toBeCloseTo(580);
});

test('jitter strays within its bounds, the same way for the same seed, and never goes back', () => {
  const times = (): number[] => script('full', REPLY, { tokenMs: 10, jitter: 0.5 }).pieces.map(({ atMs }) => atMs);
  expect(times()).toEqual(times());
  const gaps = times().map((atMs, index, all) => atMs - (all[index - 1] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(15);
});

test('without stream it is one JSON body with the same answer', () => {
  const { headers, pieces } = script('full', REPLY, 'instant', false);
  const body = JSON.parse(pieces[0]!.text) as { choices: { message: object; finish_reason: string }[] };
  expect(headers['Content-Type']).toBe('application/json');
  expect(body).toMatchObject({ object: 'chat.completion', model: 'electron' });
  expect(body.choices[0]).toMatchObject({
    message: { role: 'assistant', content: REPLY.text },
    finish_reason: 'tool_calls',
  });
});
