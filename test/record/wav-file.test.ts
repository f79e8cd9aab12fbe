/** A disk that is full: what the header says is what is there, wherever it ran out. */
import { expect, test } from 'vitest';
import { readWav } from '../../src/audio/wav.ts';
import { WavFile, type FileOfBytes } from '../../src/record/wav-file.ts';

const FORMAT = { sampleRateHz: 8_000, channels: 2 };
const HEADER_BYTES = 44;

/** A file on a disk with so much room: the last write takes what fits, the next one fails. Written again is no new room. */
class SmallDisk {
  bytes = Buffer.alloc(0);
  isClosed = false;
  readonly #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  get file(): FileOfBytes {
    return {
      write: (data: Uint8Array, offset: number, length: number, position: number) => {
        const fits = Math.min(length, this.#room - position);
        if (fits <= 0) return Promise.reject(new Error('ENOSPC'));
        const until = Math.max(this.bytes.length, position + fits);
        this.bytes = Buffer.concat([this.bytes, Buffer.alloc(until - this.bytes.length)]);
        this.bytes.set(data.subarray(offset, offset + fits), position);
        return Promise.resolve({ bytesWritten: fits, buffer: data });
      },
      truncate: (length: number) => {
        this.bytes = this.bytes.subarray(0, length);
        return Promise.resolve();
      },
      close: () => {
        this.isClosed = true;
        return Promise.resolve();
      },
    } as FileOfBytes;
  }
}

const moments = (count: number, value: number): Buffer => {
  const samples = new Int16Array(count * FORMAT.channels).fill(value);
  return Buffer.from(samples.buffer);
};

test.each([0, 1, 3, 4, 5, 399, 400, 401, 799])(
  'call.wav on a disk with room for %i bytes of sound: the header counts what is there, whole moments only',
  async (room) => {
    const disk = new SmallDisk(HEADER_BYTES + room);
    const wav = await WavFile.over(disk.file, FORMAT);
    const putAll = async () => {
      await wav.put(moments(100, 1), 0);
      await wav.put(moments(100, 2), 100);
    };
    await expect(putAll()).rejects.toThrow('ENOSPC');
    const whole = Math.floor(room / 4);
    expect(disk.bytes.length).toBe(HEADER_BYTES + whole * 4);
    expect(disk.bytes.readUInt32LE(4)).toBe(disk.bytes.length - 8);
    expect(disk.bytes.readUInt32LE(40)).toBe(whole * 4);
    const { channels } = readWav(disk.bytes);
    expect(channels.map((samples) => samples.length)).toEqual([whole, whole]);
    expect([...channels[0]!].every((sample, index) => sample === (index < 100 ? 1 : 2))).toBe(true);
    expect(disk.isClosed).toBe(true);
  },
);

test('what is put over older sound when the disk is full takes nothing from what is behind it', async () => {
  const disk = new SmallDisk(HEADER_BYTES + 400);
  const wav = await WavFile.over(disk.file, FORMAT);
  await wav.put(moments(100, 1), 0);
  await wav.put(moments(10, 2), 50);
  await expect(wav.put(moments(60, 3), 60)).rejects.toThrow('ENOSPC');
  const [left] = readWav(disk.bytes).channels;
  expect([left!.length, left![49], left![55], left![99]]).toEqual([100, 1, 2, 3]);
});

test('a disk on which not even the header fits is told of, and the file is closed', async () => {
  const disk = new SmallDisk(20);
  await expect(WavFile.over(disk.file, FORMAT)).rejects.toThrow('ENOSPC');
  expect(disk.isClosed).toBe(true);
});
