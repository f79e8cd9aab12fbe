import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { isPublicAddress, PrivateAddress, publicLookup } from '../../../src/tool/http/addresses.ts';

test.each([
  ...[
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
  ],
  ...['100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '192.0.2.1', '203.0.113.9'],
  ...[
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2001::1',
  ],
  ...[
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::FFFF:169.254.169.254',
    '::127.0.0.1',
    '64:ff9b::10.0.0.1',
  ],
  ...['64:ff9b:1::1', 'localhost', '', '1.2.3', '0177.0.0.1', '2130706433'],
])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '2a00:1450:4001::1',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

type Found = { error: Error | null; addresses: unknown };

function look(addresses: LookupAddress[], options: { all?: boolean } = { all: true }): Found {
  let found: Found = { error: null, addresses: undefined };
  const lookup = publicLookup((_host, _options, done) => done(null, addresses));
  lookup('orders.example.com', options, (error, all) => (found = { error, addresses: all }));
  return found;
}

test('a name that leads to private addresses alone is refused, whatever it is called', () => {
  const { error } = look([
    { address: '10.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
  expect(error).toBeInstanceOf(PrivateAddress);
  expect(error?.message).toContain('`orders.example.com` is an address of this machine or of its network');
});

test('of a name that leads to both, the public ones are asked alone', () => {
  const both = [
    { address: '127.0.0.1', family: 4 },
    { address: '8.8.8.8', family: 4 },
  ];
  expect(look(both).addresses).toEqual([{ address: '8.8.8.8', family: 4 }]);
  expect(look(both, {}).addresses).toBe('8.8.8.8');
});
