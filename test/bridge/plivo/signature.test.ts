import { expect, test } from 'vitest';
import { signPlivo, verifyPlivo, type SignedPlivoRequest } from '../../../src/bridge/plivo/signature.ts';

const TOKEN = '12345678901234567890123456789012';
const BASE = 'https://bridge.example.com/answer';
const form = (fields: Record<string, string>) => new URLSearchParams(fields);

const VECTORS: [SignedPlivoRequest, string][] = [
  [{ method: 'GET', url: `${BASE}?b=2&a=1`, nonce: 'nonce-1' }, 'NWIQPfeElyMA8idJX8MdJKkk31ZYXnp0yMg8yBOVkU0='],
  [
    { method: 'POST', url: BASE, form: form({ To: '1416', From: '1415' }), nonce: 'nonce-1' },
    'SZLLkKRaSw/X0MTQdJdIeh+yodZ72xYjn9lCcoLB1wc=',
  ],
  [
    { method: 'GET', url: 'wss://bridge.example.com/plivo', nonce: 'nonce-1' },
    'K1paqDdTEP2Gz6nrk1g69QG9c7OQ/2FWDVxJQ8cjuU8=',
  ],
  [
    { method: 'POST', url: `${BASE}?b=2&a=1`, form: form({ To: '1416', From: '1415', A: 'x y' }), nonce: 'nonce-1' },
    'kq+FAaVmSOVaZsoGJmak+8kYzX05V3B0UdiUw2ychx8=',
  ],
  [{ method: 'POST', url: BASE, form: form({}), nonce: 'nonce-1' }, 'XdcJH66HIS8zYTaejqF5bJH9ixyw1grM966A1IwaQg8='],
  [
    { method: 'POST', url: `${BASE}?tenant=a%20b`, form: form({ X: 'é ü', Empty: '' }), nonce: 'nonce-1' },
    'Yoj1g+LjrhGNu7rZCY+AhUkyTHX5HHCZwP3pj8m61/A=',
  ],
  [
    { method: 'GET', url: 'wss://voice.example.com/plivo/media/0a1b2c', nonce: 'nonce-1' },
    '13j+sOa37H/XZ4JL7oRyg+OSZeAInZylB+OhbE9ciQs=',
  ],
];

test.each(VECTORS)('%j is signed as `validateV3Signature` of plivo 4.79 has it', (request, signature) => {
  expect(signPlivo(request, TOKEN)).toBe(signature);
  expect(verifyPlivo(request, [signature], TOKEN)).toBe(true);
  expect(verifyPlivo({ ...request, nonce: 'nonce-2' }, [signature], TOKEN)).toBe(false);
  expect(verifyPlivo(request, [signature], 'another')).toBe(false);
});

test('a header may hold several, and the other header one of its own: any that matches will do (additions 4)', () => {
  const [[request, signature]] = VECTORS as [(typeof VECTORS)[number]];
  expect(verifyPlivo(request, [`AAAA,${signature}`], TOKEN)).toBe(true);
  expect(verifyPlivo(request, ['AAAA', `BBBB, ${signature}`], TOKEN)).toBe(true);
  expect(verifyPlivo(request, ['AAAA', ''], TOKEN)).toBe(false);
  expect(verifyPlivo(request, [], TOKEN)).toBe(false);
});
