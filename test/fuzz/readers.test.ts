/**
 * Whatever comes from outside is read or refused: never another error than a `VoiceError`, nothing left behind in the
 * prototypes that all objects share, and never much more time for twice the length.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { growthOf, survive } from './helpers/growth.ts';
import { BYTES_READERS, TEXT_READERS } from './helpers/readers.ts';
import { bytesLike, longTexts, RUNS, SEED, textLike } from './helpers/shapes.ts';

const prototypes = () =>
  [Object, Array, String, Function].map(({ prototype }) => Object.getOwnPropertyNames(prototype).length);
const before = prototypes();
afterEach(() => {
  expect(prototypes()).toEqual(before);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

describe(`${RUNS} inputs`, () => {
  test.each(TEXT_READERS)('$name', { timeout: 600_000 }, ({ samples, read }) => {
    for (const sample of samples) survive(() => read(sample));
    const property = fc.property(textLike(samples), (text) => survive(() => read(text)));
    fc.assert(property, { numRuns: RUNS, ...SEED });
  });

  test.each(BYTES_READERS)('$name', { timeout: 600_000 }, ({ samples, read }) => {
    const property = fc.property(bytesLike(samples), (pieces) => survive(() => read(pieces)));
    fc.assert(property, { numRuns: RUNS, ...SEED });
  });
});

describe('time grows as the length does', () => {
  test.each(TEXT_READERS)('$name', { timeout: 120_000 }, ({ samples, read }) => {
    const slow = longTexts(samples).flatMap(({ name, text }) => {
      const growth = growthOf(text, (input) => survive(() => read(input)));
      return growth === undefined ? [] : [`${name}: ${growth}`];
    });
    expect(slow).toEqual([]);
  });

  test.each(BYTES_READERS.flatMap((reader) => SIZES.map(([how, size, length]) => ({ ...reader, how, size, length }))))(
    '$name, $how',
    { timeout: 240_000 },
    ({ samples, read, size, length: most }) => {
      const slow = longTexts(size === 1 ? samples.slice(0, 1) : samples).flatMap(({ name, text }) => {
        const growth = growthOf(
          (length) => piecesOf(text(length), size),
          (pieces) => survive(() => read(pieces)),
          most,
        );
        return growth === undefined ? [] : [`${name}: ${growth}`];
      });
      expect(slow).toEqual([]);
    },
  );
});

/** The pieces of a network, and how long the whole is. */
const SIZES = [
  ['in one piece', Infinity, 256 * 1024],
  ['in small pieces', 64, 64 * 1024],
  ['by the byte', 1, 32 * 1024],
] as const;

function piecesOf(text: string, size: number): Uint8Array[] {
  const bytes = Buffer.from(text);
  if (size >= bytes.length) return [bytes];
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, i * size + size));
}

test('every wire format of the project is among the readers', () => {
  const source = resolve(import.meta.dirname, '../../src');
  const wires = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(^|\/)wire\.ts$/.test(file),
  );
  expect(wires.length).toBeGreaterThanOrEqual(6);
  const helpers = join(import.meta.dirname, 'helpers');
  const readers = readFileSync(join(helpers, 'readers.ts'), 'utf8');
  const unread = wires
    .filter((file) => /export (function|const) read/.test(readFileSync(join(source, file), 'utf8')))
    .filter((file) => !readers.includes(`'${relative(helpers, join(source, file))}'`));
  // what the protocols of a family share is read through each of them
  const shared = ['bridge/binary/drachtio-like/wire.ts', 'bridge/binary/vonage-like/wire.ts', 'bridge/json/wire.ts'];
  expect(unread.sort()).toEqual(shared);
});
