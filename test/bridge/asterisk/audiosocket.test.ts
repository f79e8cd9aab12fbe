/** AudioSocket: packets however they are cut, every rate, who is calling, and a pace that nothing drifts from. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FrameClock } from '../../../src/audio/frame-clock.ts';
import { acceptAudioSocket, type AudioSocketOptions } from '../../../src/bridge/asterisk/audiosocket/line.ts';
import {
  AUDIO_KINDS,
  AudioSocketReader,
  KINDS,
  packetOf,
  uuidPacketOf,
  type AudioSocketPacket,
} from '../../../src/bridge/asterisk/audiosocket/wire.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { Playback } from '../../../src/speak/playback.ts';
import { Diary } from '../../contracts/bridge.suite.ts';
import { openTcpSockets } from '../../helpers/sockets.ts';
import { openAudioSocketPeer, packetsOf, UUID } from '../helpers/asterisk/peers.ts';

async function open(options: Parameters<typeof openAudioSocketPeer>[0] = {}) {
  const peer = await openAudioSocketPeer(options);
  onTestFinished(() => peer.cleanUp());
  return peer;
}

/** A call whose writes are seen one by one. */
async function openSeen(rateHz: number, options: AudioSocketOptions = {}) {
  const clock = new VirtualClock();
  const sockets = await openTcpSockets();
  onTestFinished(() => sockets.close());
  const write = vi.spyOn(sockets.socket, 'write');
  const accepting = acceptAudioSocket(sockets.socket, { ...options, clock });
  sockets.peer.write(uuidPacketOf(UUID));
  sockets.peer.write(packetOf(AUDIO_KINDS.get(rateHz) ?? 0));
  const line = await accepting;
  const diary = new Diary();
  line.listen(diary.hear);
  return { clock, sockets, line, write, diary };
}

// ---- the wire -------------------------------------------------------------------------------------------------------

const PACKETS = [
  uuidPacketOf(UUID),
  packetOf(
    0x10,
    Uint8Array.from({ length: 320 }, (_, i) => i),
  ),
  packetOf(KINDS.digit, Buffer.from('#')),
  packetOf(0x42, Buffer.from('from the future')),
  packetOf(0x12),
  packetOf(0x18, Buffer.alloc(7_680, 7)),
  packetOf(KINDS.error, Buffer.from([4])),
  packetOf(KINDS.hangUp),
];

test('a UUID comes in the order in which it is written', () => {
  const bytes = '01 00 10 40 32 5e c2 5e fd 4b d3 80 5f 53 57 6e 58 1d 13';
  expect(uuidPacketOf(UUID)).toEqual(Buffer.from(bytes.replaceAll(' ', ''), 'hex'));
  expect(packetsOf(uuidPacketOf(UUID))).toEqual([{ type: 'uuid', uuid: '40325ec2-5efd-4bd3-805f-53576e581d13' }]);
});

test('packets are the same wherever the stream is cut, header and payload alike (res_audiosocket.c)', () => {
  const whole = Buffer.concat(PACKETS);
  const expected = packetsOf(whole);
  expect(expected.map(({ type }) => type)).toEqual(['uuid', 'audio', 'digit', 'audio', 'audio', 'error', 'hang-up']);
  const read = (pieces: Buffer[]): AudioSocketPacket[] => {
    const reader = new AudioSocketReader();
    return pieces.flatMap((piece) => {
      reader.push(piece);
      const packets: AudioSocketPacket[] = [];
      for (let next = reader.next(); next; next = reader.next()) packets.push(next);
      return packets;
    });
  };
  for (let at = 0; at <= whole.length; at++) {
    const packets = read([whole.subarray(0, at), whole.subarray(at)]);
    if (packets.length !== expected.length || at % 97 === 0) expect([at, packets]).toEqual([at, expected]);
  }
  expect(read(Array.from(whole, (_, at) => whole.subarray(at, at + 1)))).toEqual(expected);
});

// ---- rates ----------------------------------------------------------------------------------------------------------

test.each([...AUDIO_KINDS])(
  'sound at %i Hz goes both ways in packets of kind %i (asterisk 20.17, 22.7, 23.1)',
  async (rateHz, kind) => {
    const peer = await open();
    const accepting = peer.accept();
    peer.sendRaw(uuidPacketOf(UUID));
    const frame = Buffer.alloc(Math.floor(rateHz / 50) * 2, 1);
    peer.send(kind, frame);
    const line = await accepting;
    expect(line.capabilities).toMatchObject({
      inFormat: { encoding: 'linear16', sampleRateHz: rateHz },
      outFormat: { encoding: 'linear16', sampleRateHz: rateHz },
      feed: { pacing: 'us', leastBytes: frame.length, mostBytes: frame.length, tail: 'pad' },
    });
    line.sendAudio(frame);
    await peer.settle();
    expect(peer.bytes()).toEqual(packetOf(kind, frame));
  },
);

test('where no sound comes, as from a muted channel, the rate is 8 kHz, which every release has', async () => {
  const peer = await open();
  const accepting = peer.accept();
  peer.sendRaw(uuidPacketOf(UUID));
  peer.press('1');
  await peer.settle();
  peer.clock.advanceBy(200);
  const line = await accepting;
  expect(line.capabilities.inFormat.sampleRateHz).toBe(8_000);
  const diary = new Diary();
  line.listen(diary.hear);
  expect(diary.lines).toEqual(['digit 1']);
});

test('sound that changes its rate in a call is heard at that of the start', async () => {
  const peer = await open();
  const accepting = peer.accept();
  peer.start();
  const line = await accepting;
  let bytes = 0;
  line.listen((event) => (event.type === 'audio' ? (bytes += event.audio.length) : undefined));
  for (let i = 0; i < 50; i++) peer.send(0x12, Buffer.alloc(640));
  await peer.settle();
  expect(bytes).toBeGreaterThan(15_000);
  expect(bytes).toBeLessThanOrEqual(16_000);
});

// ---- ends -----------------------------------------------------------------------------------------------------------

test('a hang-up, which today is only a closed stream, ends the call as the caller has (res_audiosocket.c)', async () => {
  const { sockets, diary } = await openSeen(8_000);
  sockets.peer.write(packetOf(KINDS.error, Buffer.from([1])));
  await sockets.settle();
  expect(diary.lines).toEqual([]);
  sockets.peer.write(packetOf(KINDS.hangUp));
  await sockets.settle();
  expect(diary.lines).toEqual(['closed caller-hung-up']);
});

test('we read on whatever becomes of what we send, and when we are leaving (res/res_audiosocket.c)', async () => {
  const { sockets, line, diary } = await openSeen(8_000);
  const pause = vi.spyOn(sockets.socket, 'pause');
  sockets.peer.pause();
  for (let i = 0; i < 1_000 && !diary.lines.includes('full'); i++) {
    line.sendAudio(new Uint8Array(64_000));
    await new Promise(setImmediate);
  }
  sockets.peer.write(packetOf(KINDS.digit, Buffer.from('5')));
  await vi.waitFor(() => expect(diary.lines).toEqual(['full', 'digit 5']));
  void line.hangUp();
  sockets.peer.write(packetOf(0x10, new Uint8Array(320)));
  sockets.peer.resume();
  await line.hangUp();
  expect(pause).not.toHaveBeenCalled();
});

// ---- the pace -------------------------------------------------------------------------------------------------------

const isSilent = (audio: Uint8Array): boolean => audio.every((byte) => byte === 0);

async function openPlaying() {
  const seen = await openSeen(8_000);
  const { clock, line, sockets, write } = seen;
  const playback = new Playback(
    { sink: line, capabilities: line.capabilities, leadMs: 300 },
    { started: () => {}, ended: () => {} },
  );
  const frameClock = new FrameClock(clock);
  const beat = () => playback.beat(clock.nowMs());
  const frames = () => packetsOf(sockets.received()).flatMap((one) => (one.type === 'audio' ? [one.audio] : []));
  return { ...seen, playback, frameClock, beat, frames, writes: () => write.mock.calls.length };
}

/** 16-bit samples at 8 kHz, none of them silent. */
const sound = (ms: number): Uint8Array => new Uint8Array(ms * 16).fill(1);

describe('the pace is ours', () => {
  test('for 60 s a frame each 20 ms goes out, one write each, without drift, with silence where nothing is said', async () => {
    const { clock, sockets, playback, frameClock, beat, frames, writes } = await openPlaying();
    onTestFinished(frameClock.subscribe(beat));
    for (let track = 0; track < 6; track++) {
      playback.open(track);
      playback.push(track, sound(3_010), clock.nowMs());
      playback.end(track, clock.nowMs());
      for (let ms = 0; ms < 10_000; ms += 500) {
        clock.advanceBy(500);
        await sockets.settle();
      }
    }
    expect(writes()).toBe(3_000);
    expect(frames()).toHaveLength(3_000);
    expect(new Set(frames().map((frame) => frame.length))).toEqual(new Set([320]));
    const loud = frames().map((frame) => !isSilent(frame));
    expect(loud.filter(Boolean)).toHaveLength(6 * 151);
    for (let track = 0; track < 6; track++) expect([loud[track * 500], loud[track * 500 + 151]]).toEqual([true, false]);
  });

  test('after it stood still at most three frames go out at once, and then one each 20 ms again', async () => {
    const { clock, sockets, beat, writes } = await openPlaying();
    beat();
    const before = writes();
    clock.advanceBy(700);
    beat();
    expect(writes() - before).toBe(3);
    for (let i = 0; i < 50; i++) {
      clock.advanceBy(20);
      beat();
    }
    expect(writes() - before).toBe(53);
    await sockets.settle();
  });

  test('cut in 3 s into 10: silence in the same tick, nothing of it behind, and heard to the frame', async () => {
    const { clock, sockets, playback, frameClock, beat, frames } = await openPlaying();
    onTestFinished(frameClock.subscribe(beat));
    playback.open(1);
    playback.push(1, sound(10_000), clock.nowMs());
    clock.advanceBy(3_000);
    playback.pause(clock.nowMs());
    const heardMs = playback.heardMs(1, clock.nowMs());
    playback.clear(clock.nowMs());
    clock.advanceBy(1_000);
    await sockets.settle();
    const loud = frames().map((frame) => !isSilent(frame));
    const count = loud.filter(Boolean).length;
    expect(loud.lastIndexOf(true)).toBe(count - 1);
    expect(frames()).toHaveLength(200);
    expect(Math.abs(heardMs - count * 20)).toBeLessThanOrEqual(20);
    expect(Math.abs(heardMs - 3_000)).toBeLessThanOrEqual(20);
  });
});
