/** What jambonz is told and tells: verbs as its own schema has them, signatures as its own package verifies them. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { WebhookResponse } from '@jambonz/sdk/webhook';
import { expect, test } from 'vitest';
import { signJambonz, verifyJambonz } from '../../../src/bridge/jambonz/signature.ts';
import { dialVerb, HANG_UP, listenVerb, readCall, sayVerb } from '../../../src/bridge/jambonz/wire.ts';

const { validateApp } = createRequire(createRequire(import.meta.url).resolve('@jambonz/sdk'))('@jambonz/schema') as {
  validateApp: (verbs: unknown) => object;
};

const LISTEN = listenVerb({
  ...{ url: 'wss://voice.example.com/jambonz/media', token: 't-1', sampleRate: 16_000 },
  actionHook: 'https://voice.example.com/jambonz/next',
});

test.each([
  [[LISTEN]],
  [[sayVerb('All lines are busy.'), HANG_UP]],
  [[dialVerb('+15550123')]],
  [[dialVerb('sip:desk@example.com')]],
  [[dialVerb('client:joe')]],
])('%j is an application, by @jambonz/schema', (verbs) => {
  expect(JSON.stringify(validateApp(verbs))).toMatch(/true/);
  expect(JSON.stringify(validateApp([...verbs, { verb: 'no-such' }]))).toMatch(/false/);
});

test('`listen` streams both ways, of the caller alone, with keys, and its socket shows the token (wire/telephony 6.2)', () => {
  expect(LISTEN).toMatchObject({
    ...{ mixType: 'mono', passDtmf: true, sampleRate: 16_000, wsAuth: { password: 't-1' } },
    bidirectionalAudio: { enabled: true, streaming: true, sampleRate: 16_000 },
  });
});

test.each(['', '[]', 'null', '{"call_sid":7,"from":{},"to":null}', '{'])(
  'a webhook that says %s says nothing',
  (body) => {
    expect(readCall(Buffer.from(body))).toEqual({ callSid: undefined, from: undefined, to: undefined });
  },
);

// ---- signatures -----------------------------------------------------------------------------------------------------

const NOW = Math.floor(Date.now() / 1_000);
const BODY = '{"call_sid":"c-1","from":"+15550100"}';
const judge = (signature: string, more: object = {}) =>
  verifyJambonz({ signature, body: Buffer.from(BODY), secret: 'secret', nowSeconds: NOW, ...more });

test('a signature is what `verifySignature` of @jambonz/sdk 0.10 takes for genuine', () => {
  const signature = signJambonz(BODY, 'secret', NOW);
  const theirs = (secret: string): unknown => {
    let thrown: unknown;
    const request = new IncomingMessage(new Socket());
    request.headers['jambonz-signature'] = signature;
    const asParsed = Object.assign(request, { body: JSON.parse(BODY) as unknown });
    WebhookResponse.verifySignature(secret)(asParsed, new ServerResponse(request), (error) => (thrown = error));
    return thrown;
  };
  expect(theirs('secret')).toBeUndefined();
  expect(theirs('another')).toBeInstanceOf(Error);
  expect(judge(signature)).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ['another secret', signJambonz(BODY, 'another', NOW)],
  ['another body', signJambonz('{}', 'secret', NOW)],
  ['too old', signJambonz(BODY, 'secret', NOW - 301)],
  ['from the future', signJambonz(BODY, 'secret', NOW + 301)],
  ['another time than was signed', signJambonz(BODY, 'secret', NOW).replace(String(NOW), String(NOW - 1))],
  ['no time', signJambonz(BODY, 'secret', NOW).replace(/t=\d+,/, '')],
  ['nothing', ''],
])('is refused: %s', (_, signature) => {
  expect(judge(signature)).toBeUndefined();
});

test('one of several will do, and no secret is none', () => {
  const [time, one] = signJambonz(BODY, 'secret', NOW).split(',');
  expect(judge(`${time}, v1=${'0'.repeat(64)}, ${one}`)).toBeDefined();
  expect(judge(signJambonz(BODY, '', NOW), { secret: '' })).toBeUndefined();
});
