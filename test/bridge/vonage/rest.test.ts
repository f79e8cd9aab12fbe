/** Vonage's API as we ask it: ends, sends on, presses keys. */
import { generateKeyPairSync } from 'node:crypto';
import { onTestFinished, expect, test } from 'vitest';
import { VonageRest } from '../../../src/bridge/vonage/rest.ts';
import { openApi } from '../../helpers/api.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

async function open() {
  const api = await openApi();
  const rest = new VonageRest({ applicationId: 'app-1', privateKey: PEM, baseUrl: api.url });
  onTestFinished(() => rest.close());
  return { api, rest };
}

test('each request shows a token of its own', async () => {
  const { api, rest } = await open();
  await rest.hangUp('u/1');
  await rest.sendDigits('u-1', '1w2#');
  expect(api.asked).toMatchObject([
    { method: 'PUT', path: '/v1/calls/u%2F1', body: '{"action":"hangup"}' },
    { method: 'PUT', path: '/v1/calls/u-1/dtmf', body: '{"digits":"1p2#"}' },
  ]);
  const tokens = api.asked.map(({ authorization }) => authorization);
  expect(new Set(tokens).size).toBe(2);
});

test('a call that is gone has ended; anything else is an error, and keys are not pressed twice', async () => {
  const { api, rest } = await open();
  api.answerNext({ status: 404 });
  await rest.hangUp('u-1');
  api.answerNext({ status: 401, json: { title: 'Unauthorized' } });
  await expect(rest.goOn('u-1', { action: 'talk', text: 'Hello.' })).rejects.toMatchObject({ code: 'unauthorized' });
  api.answerNext({ status: 500 });
  await expect(rest.sendDigits('u-1', '1')).rejects.toMatchObject({ status: 500 }); // not asked twice
  expect(api.asked).toHaveLength(3);
});

test('keys that are none are refused, and nothing is asked', async () => {
  const { api, rest } = await open();
  await expect(rest.sendDigits('u-1', '1;2')).rejects.toMatchObject({ code: 'request-invalid' });
  expect(api.asked).toEqual([]);
});
