/** What Vonage is told to do with a call, and what it tells of one. */
import { expect, test } from 'vitest';
import { connectSocket, converse, dial, ncco, readCall, sayAndEnd } from '../../../src/bridge/vonage/wire.ts';

const endpoint = {
  ...{ url: 'wss://voice.example.com/vonage/media/0a', eventUrl: 'https://voice.example.com/vonage/event/u-1' },
  contentType: 'audio/l16;rate=16000',
};
const CALL = { uuid: 'u-1', from: '447700900000', to: '442079460000', status: undefined };

test('a call is connected with a socket that knows whose it is and shows a JWT (wire/telephony 5.1)', () => {
  expect(JSON.parse(ncco(connectSocket({ ...endpoint, call: CALL })))).toEqual([
    {
      action: 'connect',
      eventType: 'synchronous',
      eventUrl: ['https://voice.example.com/vonage/event/u-1'],
      endpoint: [
        {
          type: 'websocket',
          uri: 'wss://voice.example.com/vonage/media/0a',
          'content-type': 'audio/l16;rate=16000',
          headers: { call_uuid: 'u-1', from: '447700900000', to: '442079460000' },
          authorization: { type: 'vonage' },
        },
      ],
    },
  ]);
});

test('headers are at most 512 bytes: numbers that are longer stay out, the id never (wire/telephony 5.1)', () => {
  const call = { ...CALL, from: `sip:${'a'.repeat(480)}` };
  expect(connectSocket({ ...endpoint, call })).toMatchObject({ endpoint: [{ headers: { call_uuid: 'u-1' } }] });
  expect(JSON.stringify(connectSocket({ ...endpoint, call }))).not.toContain('sip:a');
});

test.each([
  ['+14155550123', { type: 'phone', number: '14155550123' }],
  [' 14155550123 ', { type: 'phone', number: '14155550123' }],
  ['sip:desk@example.com', { type: 'sip', uri: 'sip:desk@example.com' }],
  ['client:joe', { type: 'app', user: 'joe' }],
])('a caller is handed over to %j', (to, target) => {
  expect(dial(to, { from: '+442079460000' })).toEqual({ action: 'connect', from: '442079460000', endpoint: [target] });
  expect(dial(to)).toEqual({ action: 'connect', endpoint: [target] });
});

test('who cannot be taken is told so', () => {
  expect(JSON.parse(ncco(sayAndEnd('All "lines" are busy.')))).toEqual([
    { action: 'talk', text: 'All "lines" are busy.' },
  ]);
});

test('transfer: where two meet it is over when either leaves, whoever came first', () => {
  expect(JSON.parse(ncco(converse('parley-call-1')))).toEqual([
    { action: 'conversation', name: 'parley-call-1', startOnEnter: true, endOnExit: true },
  ]);
});

test.each(['', '[]', 'null', '{"uuid":7,"from":{},"to":null,"status":""}', '{'])(
  'a webhook that says %s says nothing',
  (body) => {
    expect(readCall(Buffer.from(body))).toEqual({ uuid: undefined, from: undefined, to: undefined, status: undefined });
  },
);
