/**
 * What a caller hears while somebody is rung for them: a WAV file of one's own, mixed down to one voice, over and over, a message
 * at a time as it sounds. It goes out beside the agent's words, which are none then.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bytesOf, FRAME_MS, type AudioFormat } from '../audio/contract.ts';
import { createConverter } from '../audio/convert.ts';
import type { FrameClock } from '../audio/frame-clock.ts';
import { readWav } from '../audio/wav.ts';
import type { AudioCapabilities, AudioLine } from '../bridge/contract.ts';
import type { Log } from '../lib/log.ts';

export interface WaitSoundOptions {
  /** A path, or a `file:` address. */
  file: string;
  line: Pick<AudioLine, 'sendAudio' | 'clear'>;
  capabilities: Pick<AudioCapabilities, 'outFormat' | 'feed' | 'clear'>;
  frameClock: FrameClock;
  log: Log;
}

/** Of one message: a beat each would be many. */
const MESSAGE_MS = 100;

/** Until the returned function is called. A file that cannot be read is silence, and a line in the log. */
export function playWaitSound({ file, line, capabilities, frameClock, log }: WaitSoundOptions): () => void {
  const { outFormat, feed, clear } = capabilities;
  let isOver = false;
  let stop = () => {};
  if (feed.pacing === 'us') return stop; // its beat is the agent's: it has silence from there
  soundOf(file, outFormat).then(
    (sound) => {
      if (!isOver && sound.length > 0)
        stop = loop(sound, { line, messageBytes: messageOf(feed, outFormat), frameClock, outFormat });
    },
    (error: unknown) => log.warn({ file, err: error }, 'what callers are to hear while they wait cannot be played'),
  );
  return () => {
    if (isOver) return;
    isOver = true;
    stop();
    if (clear) line.clear();
  };
}

interface Loop extends Pick<WaitSoundOptions, 'line' | 'frameClock'> {
  messageBytes: number;
  outFormat: AudioFormat;
}

/** Each message is sent when the one before has sounded. */
function loop(sound: Uint8Array, { line, messageBytes, frameClock, outFormat }: Loop): () => void {
  const frameBytes = bytesOf(FRAME_MS, outFormat);
  let at = 0;
  let owedBytes = messageBytes;
  return frameClock.subscribe(() => {
    owedBytes += frameBytes;
    if (owedBytes < messageBytes) return;
    owedBytes -= messageBytes;
    line.sendAudio(partOf(sound, at, messageBytes));
    at = (at + messageBytes) % sound.length;
  });
}

/** Around the end. */
function partOf(sound: Uint8Array, at: number, bytes: number): Uint8Array {
  const part = new Uint8Array(bytes);
  for (let done = 0; done < bytes;) {
    const piece = sound.subarray((at + done) % sound.length).subarray(0, bytes - done);
    part.set(piece, done);
    done += piece.length;
  }
  return part;
}

/** As the line takes it. */
function messageOf({ leastBytes, mostBytes, multipleOfBytes }: AudioCapabilities['feed'], format: AudioFormat): number {
  const wanted = Math.min(Math.max(leastBytes, bytesOf(MESSAGE_MS, format)), mostBytes);
  return Math.max(multipleOfBytes, Math.floor(wanted / multipleOfBytes) * multipleOfBytes);
}

/** Files are read once in a process, and made into each format once. */
const sounds = new Map<string, Promise<Uint8Array>>();

function soundOf(file: string, format: AudioFormat): Promise<Uint8Array> {
  const key = `${format.encoding} ${format.sampleRateHz} ${file}`;
  const known = sounds.get(key) ?? readSound(file, format);
  sounds.set(key, known);
  known.catch(() => sounds.delete(key)); // it may be there next time
  return known;
}

async function readSound(file: string, format: AudioFormat): Promise<Uint8Array> {
  const { channels, sampleRateHz } = readWav(await readFile(file.startsWith('file:') ? fileURLToPath(file) : file));
  const mono = Int16Array.from({ length: channels[0]?.length ?? 0 }, (_, at) =>
    Math.round(channels.reduce((sum, channel) => sum + (channel[at] ?? 0), 0) / channels.length),
  );
  const converter = createConverter({ encoding: 'linear16', sampleRateHz }, format);
  const bytes = new Uint8Array(mono.buffer, mono.byteOffset, mono.byteLength);
  const converted = Buffer.concat([Buffer.from(converter.convert(bytes)), converter.flush()]);
  converter.free();
  return converted;
}
