/** Plans, the prefix cache, tokens and shortening: everything that counts. */
import { expect, test } from 'vitest';
import { PLANS } from '../../../src/simulate/electron/limits.ts';
import { PlanMeter, refusalOf } from '../../../src/simulate/electron/plan.ts';
import { PrefixCache, type PromptPiece } from '../../../src/simulate/electron/prefix-cache.ts';
import { readRequest, type ChatRequest } from '../../../src/simulate/electron/request.ts';
import { shorten } from '../../../src/simulate/electron/shorten.ts';
import { countTokens, cutIntoPieces, cutIntoTokens } from '../../../src/simulate/electron/tokens.ts';
import { ask } from '../helpers/electron.ts';

const pieces = (...texts: string[]): PromptPiece[] => texts.map((text) => ({ text, tokens: () => text.length }));

test('Standard takes 3 requests at once and 10 in any minute, and a place comes back when its request is a minute old', () => {
  const meter = new PlanMeter();
  const types = (times: number, atMs: number): string[] =>
    Array.from({ length: times }, () => meter.admit(PLANS.standard, atMs).type);
  expect(types(4, 0)).toEqual(['admitted', 'admitted', 'admitted', 'concurrency']);
  for (let i = 0; i < 3; i++) meter.release();
  for (let i = 0; i < 7; i++) {
    expect(meter.admit(PLANS.standard, 1_000).type).toBe('admitted');
    meter.release();
  }
  expect(meter.admit(PLANS.standard, 59_999)).toEqual({ type: 'rate', limit: 10, waitMs: 1 });
  expect(meter.admit(PLANS.standard, 60_000).type).toBe('admitted');
});

test('a refusal says which limit it was, and how long to wait in the way that was chosen', () => {
  const refusal = { type: 'rate', limit: 10, waitMs: 1_500 } as const;
  expect(refusalOf(refusal, 'none', 0).headers).toBeUndefined();
  expect(refusalOf(refusal, 'seconds', 0).headers).toEqual({ 'Retry-After': '2' });
  expect(refusalOf(refusal, 'date', 0).headers).toEqual({ 'Retry-After': 'Thu, 01 Jan 1970 00:00:02 GMT' });
  expect(refusalOf({ type: 'concurrency', limit: 3 }, 'none', 0).message).toMatch(/^Concurrency limit reached/);
});

test('the second time the same prompt is cached, a longer one up to where it differs', () => {
  const cache = new PrefixCache(1_000);
  expect(cache.admit('k', pieces('tools', 'system', 'a'), 0)).toEqual({ promptTokens: 12, cachedTokens: 0 });
  expect(cache.admit('k', pieces('tools', 'system', 'a'), 1)).toEqual({ promptTokens: 12, cachedTokens: 12 });
  expect(cache.admit('k', pieces('tools', 'system', 'a', 'bb'), 2).cachedTokens).toBe(12);
  expect(cache.admit('k', pieces('tools', 'system', 'bb', 'a'), 3).cachedTokens).toBe(11);
  expect(cache.admit('k', pieces('tool', 'system', 'a'), 4).cachedTokens).toBe(0);
});

test('another account shares nothing, and what is unused expires', () => {
  const cache = new PrefixCache(1_000);
  cache.admit('one', pieces('system', 'a'), 0);
  expect(cache.admit('two', pieces('system', 'a'), 1).cachedTokens).toBe(0);
  expect(cache.admit('one', pieces('system', 'b'), 900).cachedTokens).toBe(6);
  expect(cache.admit('one', pieces('system', 'a'), 1_100).cachedTokens).toBe(6);
  expect(cache.admit('one', pieces('system', 'a'), 9_000).cachedTokens).toBe(0);
});

test('tokens: words of Latin script cost less than letters of others, and pieces make up the text again', () => {
  expect(countTokens('')).toBe(0);
  expect(countTokens('good morning')).toBe(3);
  expect(countTokens('नमस्ते')).toBeGreaterThan(2);
  for (const text of ['Let me check that.', '  spaced  out ', 'नमस्ते 👋🏽 friends', 'anunusuallylongword']) {
    expect(cutIntoTokens(text).join('')).toBe(text);
    for (const count of [1, 3, 8, 100]) expect(cutIntoPieces(text, count).join('')).toBe(text);
  }
  expect(cutIntoPieces('eight letters', 8)).toHaveLength(8);
});

const request = (fields: Record<string, unknown>): ChatRequest => {
  const read = readRequest(JSON.stringify(ask('Hi', fields)));
  if (!read.ok) throw new Error(read.refusal.message);
  return read.request;
};
const call = { name: 'weather', arguments: '{"city":"Pune"}' };

test('max_tokens ends the words, or the arguments, in the middle, and says so', () => {
  const reply = { text: 'One two three four', calls: [] };
  expect(shorten(reply, request({ max_tokens: 2 }))).toMatchObject({ text: 'One two', finishReason: 'length' });
  expect(shorten(reply, request({ max_tokens: 4 }))).toBe(reply);
  const cut = shorten({ text: 'One', calls: [call] }, request({ max_tokens: 4 }));
  expect(cut).toMatchObject({ text: 'One', finishReason: 'length' });
  expect(call.arguments.startsWith(cut.calls[0]!.arguments)).toBe(true);
  expect(cut.calls[0]!.arguments).not.toBe(call.arguments);
});

test('a stop sequence ends the answer before it and leaves out the calls', () => {
  const reply = { text: 'One. Two. Three.', calls: [call] };
  expect(shorten(reply, request({ stop: ['Three', ' Two'] }))).toEqual({
    text: 'One.',
    calls: [],
    finishReason: 'stop',
  });
  expect(shorten(reply, request({ stop: 'Four' }))).toBe(reply);
});
