import fc from 'fast-check';
import twilio from 'twilio';
import { expect, test } from 'vitest';
import {
  afterRelay,
  connectRelay,
  connectStream,
  dial,
  handoff,
  playDigits,
  redirect,
  refuse,
} from '../../../src/bridge/twilio/twiml.ts';
import { escapeText } from '../../../src/bridge/xml.ts';

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';

test('a stream is told who calls whom, the token and what else was asked for', () => {
  const twiml = connectStream({
    url: 'wss://v.example.com/twilio/media',
    from: '+14155550100',
    to: '+14155550101',
    token: 't0k3n',
    parameters: { tenant: 'acme & sons' },
    statusCallbackUrl: 'https://v.example.com/status?a=1&b=2',
  });
  expect(twiml).toBe(
    `${HEAD}<Response><Connect><Stream url="wss://v.example.com/twilio/media" ` +
      'statusCallback="https://v.example.com/status?a=1&amp;b=2">' +
      '<Parameter name="From" value="+14155550100"/><Parameter name="To" value="+14155550101"/>' +
      '<Parameter name="parleyToken" value="t0k3n"/><Parameter name="tenant" value="acme &amp; sons"/>' +
      '</Stream></Connect></Response>',
  );
});

test('it is the very text that the official package writes', () => {
  const response = new twilio.twiml.VoiceResponse();
  const stream = response.connect({ action: 'https://v/after' }).stream({ url: 'wss://v/media' });
  stream.parameter({ name: 'From', value: '"<a&b>" \'c\'\n' });
  const theirs = response.toString();
  const ours = connectStream({ url: 'wss://v/media', from: '"<a&b>" \'c\'\n', actionUrl: 'https://v/after' });
  expect(unescape(ours)).toBe(unescape(theirs));
  expect(dial('sip:a@b.c')).toBe(dialled((d) => d.sip('sip:a@b.c')));
  expect(dial('client:joe')).toBe(dialled((d) => d.client('joe')));
});

function dialled(to: (dial: ReturnType<InstanceType<typeof twilio.twiml.VoiceResponse>['dial']>) => unknown): string {
  const response = new twilio.twiml.VoiceResponse();
  to(response.dial());
  return response.toString();
}

/** XML allows several spellings of a character; apart from them the texts have to be equal. */
function unescape(xml: string): string {
  const names: Record<string, string> = { '&apos;': "'", '&gt;': '>', '&#10;': '\n', '&#xA;': '\n' };
  return xml.replace(/&[#a-zA-Z0-9]+;/g, (entity) => names[entity] ?? entity);
}

test('a query in the address of a stream is refused, because Twilio drops it', () => {
  expect(() => connectStream({ url: 'wss://v/media?agent=1' })).toThrow(
    expect.objectContaining({ code: 'options-invalid' }) as Error,
  );
});

test('parameters stay under 500 characters: ours are cut, yours are refused', () => {
  const twiml = connectStream({ url: 'wss://v/media', from: 'x'.repeat(600) });
  expect(/value="(x+)"/.exec(twiml)?.[1]).toHaveLength(499 - 'From'.length);
  expect(() => connectStream({ url: 'wss://v/media', parameters: { note: 'x'.repeat(496) } })).toThrow(/under 500/);
});

test('a relay reports keys, partial prompts and progress unless told otherwise', () => {
  const twiml = connectRelay({ url: 'wss://v/relay', from: '+1', language: 'en-US', attributes: { hints: 'Acme' } });
  expect(twiml).toBe(
    `${HEAD}<Response><Connect><ConversationRelay url="wss://v/relay" language="en-US" hints="Acme" ` +
      'dtmfDetection="true" partialPrompts="true" events="speaker-events tokens-played">' +
      '<Parameter name="From" value="+1"/></ConversationRelay></Connect></Response>',
  );
  const plain = connectRelay({ url: 'wss://v/relay', progress: false, partialPrompts: false });
  expect(plain).not.toContain('events=');
  expect(plain).toContain('partialPrompts="false"');
});

test('a full worker says so, and hangs up', () => {
  expect(refuse('We are busy <now> & sorry.', { language: 'en-GB' })).toBe(
    `${HEAD}<Response><Say language="en-GB">We are busy &lt;now&gt; &amp; sorry.</Say><Hangup/></Response>`,
  );
});

test('a redirect keeps its query', () => {
  expect(redirect('https://v/x?a=1&b=2')).toBe(
    `${HEAD}<Response><Redirect method="POST">https://v/x?a=1&amp;b=2</Redirect></Response>`,
  );
});

test('digits are digits', () => {
  expect(playDigits('1w2W*#')).toBe(`${HEAD}<Response><Play digits="1w2W*#"/></Response>`);
  for (const digits of ['', 'a', '1 2', '1"', '1'.repeat(65)]) {
    expect(() => playDigits(digits)).toThrow(expect.objectContaining({ code: 'request-invalid' }) as Error);
  }
});

test('after a relay the call goes where the bridge wanted it, and otherwise nowhere', () => {
  expect(afterRelay(handoff({ action: 'transfer', to: '+1<2' }))).toContain('<Dial>+1&lt;2</Dial>');
  for (const data of [undefined, '', '{', 'null', '{"action":"dance"}', handoff({ action: 'hang-up' })]) {
    expect(afterRelay(data)).toBe(`${HEAD}<Response><Hangup/></Response>`);
  }
});

test('whatever is written comes back, but for what XML cannot hold', () => {
  const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const escaped = escapeText(text);
      expect(escaped).not.toMatch(/[<>"']|&(?!(lt|gt|amp|quot|apos);)/);
      const expected = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
      expect(escaped.replace(/&(\w+);/g, (_, name: string) => entities[name] ?? '')).toBe(expected);
    }),
  );
  expect(escapeText('a\ud800b\u0000c')).toBe('abc');
});
