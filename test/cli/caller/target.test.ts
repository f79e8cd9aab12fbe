import { expect, test } from 'vitest';
import { readTarget } from '../../../src/cli/caller/target.ts';

test.each([
  ['http://127.0.0.1:8080', 'webhook', 'http://127.0.0.1:8080/twilio/voice'],
  ['http://127.0.0.1:8080/', 'webhook', 'http://127.0.0.1:8080/twilio/voice'],
  ['https://voice.example.com/my/hook?a=1', 'webhook', 'https://voice.example.com/my/hook?a=1'],
  ['ws://127.0.0.1:8080', 'media', 'ws://127.0.0.1:8080/twilio/media'],
  ['ws://127.0.0.1:8080/twilio/media', 'media', 'ws://127.0.0.1:8080/twilio/media'],
  ['wss://voice.example.com/twilio/relay', 'relay', 'wss://voice.example.com/twilio/relay'],
] as const)('%s is a %s', (url, kind, reached) => {
  expect(readTarget(url, undefined)).toEqual({ kind, url: reached, signedUrl: reached, line: 'twilio' });
});

test('what is signed is the path that is called, at the address by which the worker is known', () => {
  expect(readTarget('http://127.0.0.1:8080', 'https://voice.example.com').signedUrl).toBe(
    'https://voice.example.com/twilio/voice',
  );
  expect(readTarget('ws://127.0.0.1:8080', 'https://voice.example.com').signedUrl).toBe(
    'wss://voice.example.com/twilio/media',
  );
  expect(readTarget('ws://127.0.0.1:8080/x', 'wss://voice.example.com/y?z=1').signedUrl).toBe(
    'wss://voice.example.com/y?z=1',
  );
});

test.each(['', 'foo', '127.0.0.1:8080', 'ftp://example.com', 'http://'])('%j is no address', (url) => {
  expect(() => readTarget(url, undefined)).toThrow('expected --url to be an address such as http://127.0.0.1:8080');
  expect(() => readTarget('ws://127.0.0.1', url)).toThrow('expected --signed-url to be an address');
});

test('AudioSocket alone is dialled by TCP, at the port that is named', () => {
  const url = 'tcp://127.0.0.1:9019';
  expect(readTarget(url, undefined, 'audiosocket')).toEqual({
    kind: 'webhook',
    url,
    signedUrl: url,
    line: 'audiosocket',
  });
  const wrong = 'expected --url to be tcp://HOST:PORT for --line audiosocket alone';
  expect(() => readTarget(url, undefined)).toThrow(wrong);
  expect(() => readTarget('tcp://127.0.0.1', undefined, 'audiosocket')).toThrow(wrong);
});
