/** A playback with a peer behind it, in virtual time: what one sends the other hears, and what that one tells comes back. */
import { bytesPerSample, type AudioFormat } from '../../../src/audio/contract.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { SinkCapabilities } from '../../../src/speak/feeder.ts';
import { Playback } from '../../../src/speak/playback.ts';
import { BUFFERED, SimulatedPeer, type PeerOptions } from '../../helpers/peer.ts';

export const MULAW: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };

const BUFFERING: SinkCapabilities = { outFormat: MULAW, feed: BUFFERED, clear: true, reports: 'marks' };

export function openPlayback(
  capabilities: Partial<SinkCapabilities> = {},
  peerOptions: PeerOptions = {},
  lineDelayMs = 0,
) {
  const clock = new VirtualClock();
  const all = { ...BUFFERING, ...capabilities };
  const peer = new SimulatedPeer(clock, { format: all.outFormat, ...peerOptions });
  const told: string[] = [];
  const playback = new Playback(
    { sink: peer, capabilities: all, leadMs: 300, lineDelayMs },
    {
      started: (track) => told.push(`started ${track} at ${clock.nowMs()}`),
      ended: (track) => told.push(`ended ${track} at ${clock.nowMs()}`),
    },
  );
  peer.onMark = (name) => playback.mark(name, clock.nowMs());
  peer.onPlayed = (samples) => playback.played(samples, clock.nowMs());
  peer.onCleared = (samples) => playback.cleared(samples, clock.nowMs());
  const beat = () => {
    playback.beat(clock.nowMs());
    clock.after(20, beat);
  };
  clock.after(20, beat);
  return { clock, peer, playback, told };
}

/** So much sound of which no byte is silent in any encoding, in pieces as a synthesizer yields them. */
export function crumbs(format: AudioFormat, ms: number, seed = 1): Uint8Array[] {
  const sampleBytes = bytesPerSample(format);
  const length = Math.round((ms * format.sampleRateHz) / 1_000) * sampleBytes;
  const sound = new Uint8Array(length);
  for (let i = 0; i < length; i++) sound[i] = 1 + ((i * 7 + seed * 31) % 200);
  const pieces: Uint8Array[] = [];
  for (let at = 0, step = 463; at < length; at += step * sampleBytes, step = (step * 5) % 1_121) {
    pieces.push(sound.subarray(at, at + step * sampleBytes));
  }
  return pieces;
}

/** What sounds in it, silence left out. */
export function soundIn(bytes: Uint8Array, { encoding }: AudioFormat): Buffer {
  const silence = { linear16: 0, mulaw: 0xff, alaw: 0xd5 }[encoding];
  const sound = Buffer.alloc(bytes.length);
  let length = 0;
  for (const byte of bytes) if (byte !== silence) sound[length++] = byte;
  return sound.subarray(0, length);
}
