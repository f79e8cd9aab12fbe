import { expect, test } from 'vitest';
import { refusalOf } from '../../../src/console/talk/guard.ts';

const PORT = 8080;
const HOST = `127.0.0.1:${PORT}`;

test.each([
  ['a program of this machine', { host: HOST }],
  ['the page itself', { host: HOST, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }],
  ['the page by the other name', { host: `LOCALHOST:${PORT}`, origin: `http://localhost:${PORT}` }],
  [
    'a person who follows a link to it',
    { host: HOST, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  ],
])('%s is answered', (_, headers) => {
  expect(refusalOf(headers, PORT)).toBeUndefined();
});

test.each([
  ['a name that was made to lead here (DNS rebinding)', { host: `evil.example:${PORT}` }],
  ['the same, with its own origin', { host: `evil.example:${PORT}`, origin: `http://evil.example:${PORT}` }],
  ['another port of this machine', { host: '127.0.0.1:9090' }],
  ['no host at all', {}],
  ['a page of another origin', { host: HOST, origin: 'https://evil.example' }],
  ['a page of another port of this machine', { host: HOST, origin: 'http://127.0.0.1:3000' }],
  ['a page without an origin', { host: HOST, origin: 'null' }],
  [
    'a picture, script or frame in a page of another site',
    { host: HOST, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  ],
  [
    'a frame that visits it',
    { host: HOST, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ],
])('%s is not', (_, headers) => {
  expect(refusalOf(headers, PORT)).toMatch(/^expected/);
});
