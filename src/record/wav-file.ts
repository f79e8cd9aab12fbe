/**
 * A WAV file that grows, and whose header counts what is in it at every instant: samples go first, then the header. A disk
 * that is full takes a part of what it is given, or nothing; then the file ends with the last whole moment, and says so.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WAV_HEADER_BYTES, wavHeader } from '../audio/wav.ts';
import { makeFolders } from '../lib/folders.ts';
import { OWNER_ONLY, OWNER_ONLY_FOLDER, WRITE_NO_LINK } from './folder.ts';

export interface WavFileFormat {
  sampleRateHz: number;
  channels: number;
}

/** What is needed of an open file. */
export type FileOfBytes = Pick<FileHandle, 'write' | 'truncate' | 'close'>;

const BYTES_PER_SAMPLE = 2;

export class WavFile {
  readonly #file: FileOfBytes;
  readonly #format: WavFileFormat;
  /** Samples of each channel that the header counts. */
  #moments = 0;

  private constructor(file: FileOfBytes, format: WavFileFormat) {
    this.#file = file;
    this.#format = format;
  }

  /** Makes the file, and the folders on the way. An older one is replaced, a link is not followed. Rejects with the disk's error. */
  static async create(path: string, format: WavFileFormat): Promise<WavFile> {
    makeFolders(dirname(path), OWNER_ONLY_FOLDER);
    return WavFile.over(await open(path, WRITE_NO_LINK, OWNER_ONLY), format);
  }

  /** The same over a file that is open and empty. */
  static async over(file: FileOfBytes, format: WavFileFormat): Promise<WavFile> {
    const wav = new WavFile(file, format);
    try {
      await wav.#count(0);
      return wav;
    } catch (error) {
      await file.close().catch(() => {});
      throw error;
    }
  }

  /**
   * Puts 16-bit samples, interleaved, at moment `from`: behind the last one, or over older ones. When it rejects, with the
   * disk's error, the file holds what could be written, its header is right, and it is closed.
   */
  async put(bytes: Uint8Array, from: number): Promise<void> {
    const written = { bytes: 0 };
    try {
      await this.#writeAll(bytes, WAV_HEADER_BYTES + from * this.#bytesPerMoment, written);
      await this.#count(Math.max(this.#moments, from + bytes.length / this.#bytesPerMoment));
    } catch (error) {
      await this.#endWith(from + Math.floor(written.bytes / this.#bytesPerMoment));
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  get #bytesPerMoment(): number {
    return BYTES_PER_SAMPLE * this.#format.channels;
  }

  /** A disk may take less than it is given, without an error. */
  async #writeAll(bytes: Uint8Array, position: number, written: { bytes: number }): Promise<void> {
    while (written.bytes < bytes.length) {
      const rest = bytes.length - written.bytes;
      const { bytesWritten } = await this.#file.write(bytes, written.bytes, rest, position + written.bytes);
      if (bytesWritten === 0) throw new Error('the disk took nothing');
      written.bytes += bytesWritten;
    }
  }

  async #count(moments: number): Promise<void> {
    const dataBytes = moments * this.#bytesPerMoment;
    const header = wavHeader({ encoding: 'linear16', ...this.#format, dataBytes });
    await this.#writeAll(header, 0, { bytes: 0 });
    this.#moments = moments;
  }

  /** `until`: what was just written reaches so far. What lies behind the last whole moment goes, which needs no room. */
  async #endWith(until: number): Promise<void> {
    const moments = Math.max(this.#moments, until);
    try {
      await this.#file.truncate(WAV_HEADER_BYTES + moments * this.#bytesPerMoment);
      await this.#count(moments);
    } catch {
      // the header that stands there counts less than there is, and is right about that
    }
    await this.#file.close().catch(() => {});
  }
}
