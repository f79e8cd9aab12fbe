import fc from 'fast-check';
import twilio from 'twilio';
import { expect, test } from 'vitest';
import { connectStream, refuse } from '../../../src/bridge/twilio/twiml.ts';
import { VoiceError } from '../../../src/lib/errors.ts';
import { readTwiml } from '../../../src/simulate/phone/xml-reader.ts';

test('what the worker writes is read back, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      const [connect] = readTwiml(connectStream({ url: 'wss://v/media', parameters: { text } }));
      expect(connect?.children[0]?.children[0]?.attributes).toEqual({ name: 'text', value: text });
      expect(readTwiml(refuse(text))[0]).toMatchObject({ name: 'Say', text });
    }),
  );
});

test('documents of the official package are read: spaces, self-closing and nested verbs', () => {
  const response = new twilio.twiml.VoiceResponse();
  response.say({ voice: 'alice' }, 'Tom & "Jerry"');
  response.comment('not a verb');
  response
    .connect({ action: '/after' })
    .conversationRelay({ url: 'wss://v/relay' })
    .parameter({ name: 'a', value: '<b>' });
  response.hangup();
  const [say, connect, hangUp] = readTwiml(response.toString());
  expect(say).toEqual({ name: 'Say', attributes: { voice: 'alice' }, children: [], text: 'Tom & "Jerry"' });
  expect(connect).toMatchObject({
    attributes: { action: '/after' },
    children: [{ attributes: { url: 'wss://v/relay' }, children: [{ attributes: { name: 'a', value: '<b>' } }] }],
  });
  expect(hangUp?.name).toBe('Hangup');
});

test('CDATA and numbered characters are text', () => {
  const twiml = "<Response><Say language='en'>&#65;&#x42;<![CDATA[<C> & ]]>D</Say></Response>";
  expect(readTwiml(twiml)[0]).toMatchObject({ text: 'AB<C> & D', attributes: { language: 'en' } });
});

test.each([
  ['', 'nothing'],
  ['hello', 'text alone'],
  ['<Say>hi</Say>', 'a verb alone'],
  ['<Response>', 'an open end'],
  ['<Response></Say>', 'a wrong end'],
  ['</Response>', 'an end without a start'],
  ['<Response/><Response/>', 'two documents'],
  ['<Response><Say a=1/></Response>', 'an attribute without quotes'],
  ['<Response>a & b</Response>', 'a bare ampersand'],
  ['<Response>&nbsp;</Response>', 'an entity of HTML'],
  ['<Response>&#x110000;</Response>', 'a character that does not exist'],
])('%s (%s) is no TwiML', (xml) => {
  expect(() => readTwiml(xml)).toThrow(expect.objectContaining({ code: 'frame-invalid' }) as Error);
});

test('a document cut at any place is no TwiML, and never anything worse', () => {
  const twiml = connectStream({ url: 'wss://v/media', from: '+1', actionUrl: 'https://v/a?b=1&c=2' });
  for (let end = 0; end < twiml.length; end++) {
    expect(() => readTwiml(twiml.slice(0, end))).toThrow(VoiceError);
  }
});
