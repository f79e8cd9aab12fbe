import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WaveFile } from 'wavefile';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from '../../src/audio/g711.ts';
import { readWav, writeWav } from '../../src/audio/wav.ts';
import { VoiceError } from '../../src/lib/errors.ts';

const left = Int16Array.of(0, 1_000, -1_000, 32_767, -32_768);
const right = Int16Array.of(5, 6, 7, 8, 9);

test('mono and stereo come back as they were written, at any rate', () => {
  for (const sampleRateHz of [8_000, 22_050, 44_100]) {
    expect(readWav(writeWav({ sampleRateHz, channels: [left] }))).toEqual({ sampleRateHz, channels: [left] });
    const stereo = { sampleRateHz, channels: [left, right] };
    expect(readWav(writeWav(stereo))).toEqual(stereo);
  }
});

test('mu-law and A-law files hold what the codec makes of the samples', () => {
  const wav = { sampleRateHz: 8_000, channels: [left, right] };
  expect(readWav(writeWav(wav, 'mulaw')).channels[0]).toEqual(decodeMulaw(encodeMulaw(left)));
  expect(readWav(writeWav(wav, 'alaw')).channels[1]).toEqual(decodeAlaw(encodeAlaw(right)));
});

test('an independent library reads our files', () => {
  const theirs = new WaveFile(writeWav({ sampleRateHz: 16_000, channels: [left, right] }));
  expect(theirs.fmt).toMatchObject({ numChannels: 2, sampleRate: 16_000, bitsPerSample: 16, byteRate: 64_000 });
  expect(Array.from({ length: 5 }, (_, i) => theirs.getSample(i * 2))).toBeDefined();
  expect(Buffer.from(theirs.toBuffer()).equals(writeWav({ sampleRateHz: 16_000, channels: [left, right] }))).toBe(true);
});

test.each(['8', '16', '24', '32', '32f'])('files of depth %s by an independent library are read', (depth) => {
  const scale = { '8': 1 / 256, '16': 1, '24': 256, '32': 65_536, '32f': 1 / 32_768 }[depth]!;
  const offset = depth === '8' ? 128 : 0;
  const theirs = new WaveFile();
  theirs.fromScratch(
    1,
    8_000,
    depth,
    [...left]
      .map((sample) => (depth === '32f' ? sample * scale : Math.round(sample * scale) + offset))
      .map(clampTo8(depth)),
  );
  const read = readWav(theirs.toBuffer()).channels[0]!;
  expect(read).toHaveLength(5);
  read.forEach((sample, i) => expect(Math.abs(sample - left[i]!)).toBeLessThanOrEqual(depth === '8' ? 256 : 1));
});

function clampTo8(depth: string): (value: number) => number {
  return (value) => (depth === '8' ? Math.max(0, Math.min(255, value)) : value);
}

test('other chunks, odd lengths and sizes that a stream could not know do no harm', () => {
  const file = writeWav({ sampleRateHz: 8_000, channels: [left] });
  const list = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1');
  const withList = Buffer.concat([file.subarray(0, 36), list, file.subarray(36)]);
  expect(readWav(withList).channels[0]).toEqual(left);
  for (const size of [0xffffffff, 0x7fffffff]) {
    const streamed = Buffer.from(file);
    streamed.writeUInt32LE(size, 40);
    expect(readWav(streamed).channels[0]).toEqual(left);
  }
  expect(readWav(file.subarray(0, file.length - 3)).channels[0]).toEqual(left.subarray(0, 3));
});

test('a file of another kind is refused with what was expected', () => {
  expect(() => readWav(Buffer.from('ID3 some mp3 bytes'))).toThrow('WAV: Expected a WAV file');
  const opus = Buffer.from(writeWav({ sampleRateHz: 8_000, channels: [left] }));
  opus.writeUInt16LE(0x704f, 20);
  expect(() => readWav(opus)).toThrow('got format 28751 of 16 bits');
});

test('whatever bytes come, there is a recording or a VoiceError', () => {
  const file = writeWav({ sampleRateHz: 8_000, channels: [left, right] });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(70),
      (edits, cut) => {
        const broken = Uint8Array.from(file);
        for (const [at, value] of edits) broken[at] = value;
        try {
          readWav(broken.subarray(0, cut));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(VoiceError);
        }
      },
    ),
    { numRuns: 500 },
  );
});
