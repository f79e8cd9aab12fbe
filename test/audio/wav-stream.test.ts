/** A WAV file that is still coming is read as the whole one is, wherever it has been cut. */
import { expect, test } from 'vitest';
import { WavStream } from '../../src/audio/wav-stream.ts';
import { readWav, writeWav } from '../../src/audio/wav.ts';
import type { Encoding } from '../../src/audio/contract.ts';

const SAMPLES = Int16Array.from({ length: 50 }, (_, at) => at * 600 - 15_000);

function readAll(pieces: readonly Uint8Array[]): { samples: number[]; rateHz: number | undefined } {
  const stream = new WavStream();
  const samples = pieces.flatMap((piece) => [...stream.push(piece)]);
  return { samples, rateHz: stream.sampleRateHz };
}

test.each<[Encoding, number]>([
  ['linear16', 1],
  ['linear16', 2],
  ['mulaw', 1],
  ['alaw', 2],
])('%s of %i channels, cut in two at every byte, and byte by byte', (encoding, count) => {
  const channels = Array.from({ length: count }, (_, at) => SAMPLES.map((sample) => sample >> at));
  const file = writeWav({ sampleRateHz: 22_050, channels }, encoding);
  const expected = { samples: [...readWav(file).channels[0]!], rateHz: 22_050 };
  for (let cut = 0; cut <= file.length; cut++)
    expect(readAll([file.subarray(0, cut), file.subarray(cut)])).toEqual(expected);
  expect(readAll([...file].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
});

test.each([0, 0x7fff_ff00, 0xffff_ffff])('a size that nobody knew (%i) is read up to the end', (size) => {
  const file = Buffer.from(writeWav({ sampleRateHz: 8_000, channels: [SAMPLES] }));
  file.writeUInt32LE(size, 40);
  expect(readAll([file]).samples).toEqual([...SAMPLES]);
});

test('chunks before the samples are passed over, and what stands behind them is no sound', () => {
  const plain = Buffer.from(writeWav({ sampleRateHz: 8_000, channels: [SAMPLES] }));
  const list = Buffer.from('LIST\x05\x00\x00\x00INFOx\x00', 'latin1');
  const file = Buffer.concat([plain.subarray(0, 36), list, plain.subarray(36), list]);
  for (let cut = 0; cut <= file.length; cut++)
    expect(readAll([file.subarray(0, cut), file.subarray(cut)]).samples).toEqual([...SAMPLES]);
});

test.each([
  ['no WAV file', Buffer.from('<html>no such page</html>'), /begins with `RIFF`/],
  ['a header that does not end', Buffer.from('RIFF\0\0\0\0WAVEjunk\xff\xff\xff\x7f', 'latin1'), /`data` chunk/],
  ['samples before their format', Buffer.from('RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd', 'latin1'), /`fmt ` chunk before/],
])('%s is refused', (_what, bytes, message) => {
  expect(() => new WavStream().push(bytes)).toThrow(message);
});
