/** What a call costs, by a file of prices: tokens, minutes heard, characters spoken; and what a wrong file is told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventEmitter } from 'eventemitter3';
import { afterAll, describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/call/events.ts';
import { meterCost, Prices, readPrices } from '../../src/watch/cost.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-prices-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileOf = (value: unknown): string => {
  const file = join(folder, 'prices.json');
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
};

const usage = { promptTokens: 3_000, completionTokens: 500, cachedTokens: 2_000 };
const step = {
  ...({ type: 'step-end', turn: 1, step: 1, finishReason: 'stop', textKind: 'answer' } as const),
  ...{ requestId: 'r', firstTokenMs: 1, queueMs: 0, attempts: 1, usage },
};
const CALL: EventBody[] = [
  { type: 'text-delta', turn: 0, step: undefined, kind: 'greeting', delta: 'x'.repeat(100) },
  step,
  { type: 'text-delta', turn: 1, step: 1, kind: 'answer', delta: 'y'.repeat(300) },
  { type: 'call-end', reason: 'caller-hung-up', durationMs: 90_000, usage },
];

/** A call on a line with sound or without, which has these events. */
function costOf(prices: object, line: { voice?: string; ear?: string }) {
  const asked = { provider: 'p', model: 'm', voice: line.voice, ear: line.ear };
  const call = Object.assign(new EventEmitter(), { asked, atMs: 0 });
  const tell = meterCost(call, Prices.parse({ currency: 'EUR', ...prices }));
  for (const event of CALL) call.emit('event', { callId: 'c', atMs: 0, ...event });
  return tell();
}

const ALL = {
  ...{ perThousandTokensIn: 0.1, perThousandTokensOut: 0.4 },
  ...{ perMinuteHeard: 0.02, perThousandCharactersSpoken: 0.05 },
};

describe('price per call', () => {
  test('tokens in and out, minutes heard, characters spoken', () => {
    const cost = costOf(ALL, { voice: 'lightning', ear: 'pulse' });
    expect(cost).toEqual({ currency: 'EUR', amount: 0.55, model: 0.5, heard: 0.03, spoken: 0.02 });
  });

  test('what the model had in its cache has a price of its own, if it is given', () => {
    expect(costOf({ ...ALL, perThousandCachedTokensIn: 0.01 }, {}).model).toBe(0.32);
  });

  test('on a line of text nobody is heard or spoken', () => {
    expect(costOf(ALL, {})).toEqual({ currency: 'EUR', amount: 0.5, model: 0.5, heard: 0, spoken: 0 });
  });
});

test.each([
  ['an unknown key', { currency: 'EUR', perToken: 1 }, /prices\.json: .*perThousandTokensIn.*got `perToken`/s],
  ['no currency', { perMinuteHeard: 1 }, /currency/],
  ['a currency that is none', { currency: 'euro' }, /three capital letters, such as EUR/],
  ['a price below nothing', { currency: 'EUR', perMinuteHeard: -1 }, /perMinuteHeard/],
  ['no JSON', 'currency: EUR', /prices\.json: Expected a JSON object such as .*, got text that is no JSON/],
  ['an empty file', '', /prices\.json: .*got an empty file/],
])('a price file with %s is refused, naming it', (_, value, says) => {
  expect(() => readPrices(fileOf(value))).toThrow(says);
});

test('a price file that is not there is named', () => {
  expect(() => readPrices(join(folder, 'none.json'))).toThrow(
    /cannot read the prices .*none\.json: there is no such file$/,
  );
});
