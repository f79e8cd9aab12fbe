/** Asterisk's WebSocket channel: what each release has, what it is sent, and how a call ends on it. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { acceptAsteriskLine } from '../../../src/bridge/asterisk/websocket/line.ts';
import { readControl, writeCommand, type ControlFormat } from '../../../src/bridge/asterisk/websocket/wire.ts';
import { chanWebsocket } from '../../../src/simulate/asterisk/chan-websocket.ts';
import { Playback } from '../../../src/speak/playback.ts';
import { Diary } from '../../contracts/bridge.suite.ts';
import { openWebSocketPeer, type WebSocketPeerOptions } from '../helpers/asterisk/peers.ts';
import { openPlaying } from '../helpers/playing.ts';

async function open(options: WebSocketPeerOptions = {}) {
  const peer = await openWebSocketPeer(options);
  onTestFinished(() => peer.cleanUp());
  return peer;
}

async function call(options: WebSocketPeerOptions = {}) {
  const peer = await open(options);
  const accepting = peer.accept();
  peer.start();
  await peer.settle();
  if (options.hasMarks === false) peer.clock.advanceBy(150);
  const line = await accepting;
  const diary = new Diary();
  line.listen(diary.hear);
  return { peer, line, diary };
}

const CONTROLS: ControlFormat[] = ['json', 'plain-text'];

// ---- what each release has ------------------------------------------------------------------------------------------

test.each([
  ['JSON, which came with them (20.18, 22.8, 23.2)', { control: 'json' }, 'marks'],
  ['words, of a release that answers a mark', { control: 'plain-text' }, 'marks'],
  ['words, of a release that has none: then our clock counts', { control: 'plain-text', hasMarks: false }, 'nothing'],
] as const)('marks: control in %s', async (_, options, reports) => {
  const { line } = await call(options);
  expect(line.capabilities).toMatchObject({ reports, clear: true, feed: { pacing: 'peer' } });
});

test('a first release does not say its channel: the call has no id, and what it said is enough (20.16, 22.6, 23.0)', async () => {
  const peer = await open({ control: 'plain-text', hasMarks: false, recall: () => undefined });
  const accepting = peer.accept();
  peer.sendRaw('MEDIA_START connection_id:agent_ws format:ulaw optimal_frame_size:160');
  await peer.settle();
  peer.clock.advanceBy(150);
  expect((await accepting).caller).toMatchObject({ carrierCallId: '', from: undefined });
});

test.each([
  ['ulaw', 'mulaw', 8_000],
  ['alaw', 'alaw', 8_000],
  ['slin', 'linear16', 8_000],
  ['slin12', 'linear16', 12_000],
  ['slin16', 'linear16', 16_000],
  ['slin24', 'linear16', 24_000],
  ['slin32', 'linear16', 32_000],
  ['slin44', 'linear16', 44_100],
  ['slin48', 'linear16', 48_000],
  ['slin96', 'linear16', 96_000],
  ['slin192', 'linear16', 192_000],
])(
  'the format %s is %s at %i Hz, and its messages hold whole frames, 8,000 bytes at most',
  async (format, encoding, rateHz) => {
    const bytes = Math.floor(rateHz / 50) * (encoding === 'linear16' ? 2 : 1);
    const { line } = await call({ start: { format, optimal_frame_size: bytes } });
    const { inFormat, outFormat, feed } = line.capabilities;
    expect([inFormat, outFormat]).toEqual([{ encoding, sampleRateHz: rateHz }, inFormat]);
    expect(feed).toMatchObject({ multipleOfBytes: bytes, tail: 'pad' });
    expect([feed.mostBytes % bytes, feed.mostBytes <= 8_000]).toEqual([0, true]);
  },
);

test.each(['opus', 'g722', 'slin7', ''])(
  'the format `%s` is refused, in words that say what to set',
  async (format) => {
    const peer = await open({ start: { format } });
    const refused = expect(peer.accept()).rejects.toMatchObject({ code: 'frame-invalid' });
    for (let i = 0; i < 11; i++) peer.start();
    await refused;
    expect(() => readControl(`{"event":"MEDIA_START","format":"opus"}`)).toThrow(/ulaw, alaw or one of slin.*c\(\)/);
  },
);

test.each([
  ['30 ms', 240, 240],
  ['none of whole samples', 7, 160],
  ['far too long', 65_000, 160],
])('an optimal frame size of %s', async (_, said, expected) => {
  const { line } = await call({ start: { optimal_frame_size: said } });
  expect(line.capabilities.feed.multipleOfBytes).toBe(expected);
  const options = { sink: line, capabilities: line.capabilities, leadMs: 300 };
  expect(() => new Playback(options, { started: () => {}, ended: () => {} })).not.toThrow();
});

test.each([{ passthrough: 'true' }, { unbuffered: 'true' }, { optimal_frame_size: 0 }])(
  'where it neither cuts nor times what it is sent (%o), we pace, and send it none of the commands about its queue (PR #2120)',
  async (start) => {
    const { peer, line } = await call({ start });
    expect(line.capabilities).toMatchObject({
      clear: false,
      reports: 'nothing',
      feed: { pacing: 'us', mostBytes: 160 },
    });
    line.sendAudio(new Uint8Array(160));
    line.sendMark('u1:1');
    line.clear();
    await Promise.all([line.hangUp(), peer.closed]);
    expect(peer.told).toEqual([160, '{"command":"HANGUP"}']);
  },
);

// ---- what goes there and back ---------------------------------------------------------------------------------------

test('audio that comes before MEDIA_START is held, and is no bad frame, however much there is (asterisk#1712)', async () => {
  let badFrames = 0;
  const peer = await open({ onBadFrame: () => badFrames++ });
  const accepting = peer.accept();
  for (let i = 0; i < 60; i++) peer.say(`early ${i} `);
  peer.start();
  peer.say('in time');
  const line = await accepting;
  await peer.settle();
  const diary = new Diary();
  line.listen(diary.hear);
  expect([badFrames, diary.lines.length, diary.lines[0]]).toEqual([0, 61, 'said early 0 ']);
});

describe.each(CONTROLS)('control in %s', (control) => {
  test('the queue that is full is backpressure, and room again', async () => {
    const { peer, diary } = await call({ control });
    peer.tell('MEDIA_XOFF', {}, '');
    peer.tell('MEDIA_XON', {}, '');
    peer.tell('STATUS', { queue_length: 3 });
    peer.tell('MEDIA_BUFFERING_COMPLETED', { correlation_id: 'x' }, 'x');
    peer.tell('ERROR', { error_text: 'what?' });
    await peer.settle();
    expect(diary.lines).toEqual(['full', 'room']);
  });

  test('an error of Asterisk is in the log, and the call goes on', async () => {
    const warn = vi.fn();
    const log = { warn, debug: () => {}, info: () => {}, error: () => {}, child: () => log };
    const { peer, diary } = await call({ control, log: log as never });
    peer.tell('ERROR', { error_text: 'Unable to parse JSON command' });
    await peer.settle();
    expect(JSON.stringify(warn.mock.calls)).toContain('Unable to parse JSON command');
    expect(diary.lines).toEqual([]);
  });

  test('no command is longer than the 128 bytes beyond which it is passed over', () => {
    const command = { command: 'MARK_MEDIA', correlationId: 'u'.repeat(60) } as const;
    expect(Buffer.byteLength(writeCommand(command, control))).toBeLessThanOrEqual(128);
  });

  test('we hang up once Asterisk has played what it holds, and the far buffer too', async () => {
    const { peer, line } = await call({ control, drains: false });
    line.sendAudio(new Uint8Array(1_600));
    const done = line.hangUp();
    line.sendAudio(new Uint8Array(160));
    await peer.settle();
    const commands = () => peer.told.map(String).filter((one) => /[A-Z]/.test(one) && !one.includes('parley'));
    expect(commands()).toEqual([writeCommand({ command: 'REPORT_QUEUE_DRAINED' }, control)]);
    peer.tell('QUEUE_DRAINED', {}, '');
    await peer.settle();
    expect(commands()).toHaveLength(1);
    peer.clock.advanceBy(500);
    await done;
    await peer.closed;
    expect(commands().at(-1)).toBe(writeCommand({ command: 'HANGUP' }, control));
    expect(peer.told.filter((one) => typeof one === 'number')).toEqual([1_600]);
  });

  test('a queue that does not drain is waited for 2 s, no longer', async () => {
    const { peer, line, diary } = await call({ control, drains: false });
    line.sendAudio(new Uint8Array(1_600));
    const done = line.hangUp();
    await peer.settle();
    peer.clock.advanceBy(1_999);
    await peer.settle();
    expect(diary.lines).toEqual([]);
    peer.clock.advanceBy(1);
    await peer.settle();
    peer.clock.advanceBy(500);
    await done;
    expect(diary.lines).toEqual(['closed hung-up']);
  });

  test('what was flushed is not waited for', async () => {
    const { peer, line } = await call({ control });
    line.sendAudio(new Uint8Array(1_600));
    line.clear();
    await Promise.all([line.hangUp(), peer.closed]);
    expect(peer.told.map(String)).not.toContain(writeCommand({ command: 'REPORT_QUEUE_DRAINED' }, control));
  });
});

test('a goodbye that the caller does not wait for ends the call once', async () => {
  const { peer, line, diary } = await call({ drains: false });
  line.sendAudio(new Uint8Array(1_600));
  const done = line.hangUp();
  peer.hangUp();
  await done;
  expect(diary.lines).toEqual(['closed hung-up']);
});

// ---- what was heard -------------------------------------------------------------------------------------------------

describe.each([
  { control: 'json', hasMarks: true },
  { control: 'plain-text', hasMarks: true },
  { control: 'plain-text', hasMarks: false },
] as const)('cut in 3 s into 10, $control, marks: $hasMarks', ({ control, hasMarks }) => {
  test('FLUSH_MEDIA in the same tick, nothing of it behind, heard within 100 ms of the truth', async () => {
    const { clock, sockets, caller, step, playback } = await openPlaying(acceptAsteriskLine, {
      ...{ from: '1', to: '2', dialect: chanWebsocket({ control, hasMarks }) },
    });
    playback.open(1);
    playback.push(1, new Uint8Array(80_000).fill(0x20), clock.nowMs());
    await step(3_000);
    const cutMs = clock.nowMs();
    playback.pause(clock.nowMs());
    const heardMs = playback.heardMs(1, clock.nowMs());
    playback.clear(clock.nowMs());
    await sockets.settle();
    await step(1_000);
    const audio = caller.events.flatMap((event) => (event.type === 'audio' ? [event] : []));
    const [clear] = caller.events.filter(({ type }) => type === 'clear');
    expect(clear?.arrivedMs).toBe(cutMs);
    expect(audio.every(({ arrivedMs }) => arrivedMs <= cutMs)).toBe(true);
    const truthMs = audio.reduce((sum, { heardSamples }) => sum + heardSamples, 0) / 8;
    expect(Math.abs(heardMs - truthMs)).toBeLessThanOrEqual(100);
    expect(truthMs).toBeGreaterThan(2_800);
    expect(caller.stats().badFrames).toBe(0);
  });
});
