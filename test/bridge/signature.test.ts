import { expect, test } from 'vitest';
import { signRequest, verifySignature } from '../../src/bridge/signature.ts';

test('as `RestClient.validateRequest` of @signalwire/compatibility-api 3.2.0 has it', () => {
  const url = 'https://bridge.example.com/signalwire/voice?x=1';
  const fields = { To: '+14155550101', CallSid: '11111111-2222-3333-4444-555555555555', From: '+14155550100' };
  const form = new URLSearchParams(fields);
  const key = '12345678901234567890123456789012';
  expect(signRequest(key, url, form)).toBe('nHSesTYEPUsEwuBE3rWeqgr57Ec=');
  expect(verifySignature({ url, form, authTokens: [key], signature: 'nHSesTYEPUsEwuBE3rWeqgr57Ec=' })).toBe(true);
  expect(verifySignature({ url, form, authTokens: ['other'], signature: 'nHSesTYEPUsEwuBE3rWeqgr57Ec=' })).toBe(false);
});
