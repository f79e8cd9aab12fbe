/** What Vonage is told to do with a call, and what it tells of one. */
import { expect, test } from 'vitest';
import { connectSocket, dial, readCall, sayAndEnd } from '../../../src/bridge/vonage/wire.ts';

const endpoint = {
  ...{ url: 'wss://voice.example.com/vonage/media/0a', eventUrl: 'https://voice.example.com/vonage/event/u-1' },
  contentType: 'audio/l16;rate=16000',
};
const CALL = { uuid: 'u-1', from: '447700900000', to: '442079460000', status: undefined };

test('a call is connected with a socket that knows whose it is and shows a JWT (wire/telephony 5.1)', () => {
  expect(JSON.parse(connectSocket({ ...endpoint, call: CALL }))).toEqual([
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
  const [action] = JSON.parse(connectSocket({ ...endpoint, call: { ...CALL, from: `sip:${'a'.repeat(480)}` } })) as [
    { endpoint: [{ headers: object }] },
  ];
  expect(action.endpoint[0].headers).toEqual({ call_uuid: 'u-1' });
});

test.each([
  ['+14155550123', { type: 'phone', number: '14155550123' }],
  [' 14155550123 ', { type: 'phone', number: '14155550123' }],
  ['sip:desk@example.com', { type: 'sip', uri: 'sip:desk@example.com' }],
  ['client:joe', { type: 'app', user: 'joe' }],
])('a caller is handed over to %j', (to, target) => {
  expect(JSON.parse(dial(to, { from: '+442079460000' }))).toEqual([
    { action: 'connect', from: '442079460000', endpoint: [target] },
  ]);
  expect(JSON.parse(dial(to, undefined))).toEqual([{ action: 'connect', endpoint: [target] }]);
});

test('who cannot be taken is told so', () => {
  expect(JSON.parse(sayAndEnd('All "lines" are busy.'))).toEqual([{ action: 'talk', text: 'All "lines" are busy.' }]);
});

test.each(['', '[]', 'null', '{"uuid":7,"from":{},"to":null,"status":""}', '{'])(
  'a webhook that says %s says nothing',
  (body) => {
    expect(readCall(Buffer.from(body))).toEqual({ uuid: undefined, from: undefined, to: undefined, status: undefined });
  },
);
