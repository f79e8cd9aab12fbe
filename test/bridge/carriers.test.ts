/** The contract of a line, kept on every kind of wire: text messages, binary messages, and one stream of bytes. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { SocketLine } from '../../src/bridge/socket-line.ts';
import { TcpTransport } from '../../src/bridge/tcp-socket.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { bridgeContract, Diary } from '../contracts/bridge.suite.ts';
import { acceptJson } from '../helpers/carriers/json.ts';
import { openBinaryPeer, openJsonPeer, openTcpPeer } from '../helpers/carriers/peers.ts';
import { KINDS, packet } from '../helpers/carriers/tcp.ts';
import { openSockets, openTcpSockets } from '../helpers/sockets.ts';
import { until } from '../helpers/until.ts';
import { startedCall } from './helpers/started.ts';

bridgeContract('json-carrier', openJsonPeer);
bridgeContract('binary-carrier', openBinaryPeer);
bridgeContract('tcp-carrier', openTcpPeer);

test('what a line carries is known once the peer has said it', async () => {
  const json = await startedCall(await openJsonPeer());
  expect(json.call.capabilities).toMatchObject({
    inFormat: { encoding: 'alaw', sampleRateHz: 8_000 },
    outFormat: { encoding: 'linear16', sampleRateHz: 16_000 },
  });
  const binary = await startedCall(await openBinaryPeer());
  expect(binary.call.capabilities.feed).toMatchObject({ leastBytes: 640, mostBytes: 640 });
});

test('a peer that says that it is full is told of, and so is its socket, but only as one', async () => {
  const { peer, diary } = await startedCall(await openJsonPeer());
  for (const isFull of [true, true, false, false]) peer.setFull(isFull);
  await peer.settle();
  expect(diary.lines).toEqual(['full', 'room']);
});

test.each(['ping', 'pong'] as const)(
  'a flood of %ss costs its peer the line; one now and then does not',
  async (kind) => {
    const clock = new VirtualClock();
    const sockets = await openSockets();
    onTestFinished(() => sockets.close());
    const accepting = acceptJson(sockets.socket, { clock, messagesPerSecond: 10 });
    const format = { encoding: 'alaw', sampleRateHz: 8_000 };
    const call = { id: 'CA1', from: '+1', to: '+2', facts: {} };
    sockets.peer.send(JSON.stringify({ event: 'start', call, says: format, hears: format }));
    const diary = new Diary();
    (await accepting).listen(diary.hear);
    const send20 = async () => {
      for (let i = 0; i < 20; i++) sockets.peer[kind]();
      await Promise.race([sockets.settle(), until('its end', () => diary.lines.length > 0)]);
    };
    for (let i = 0; i < 8; i++) {
      await send20();
      clock.advanceBy(5_000);
    }
    expect(diary.lines).toEqual([]);
    for (let i = 0; i < 10; i++) await send20();
    expect(diary.lines).toEqual(['closed flooded']);
  },
);

test('a stream in which there is no frame is ended once it is longer than any', async () => {
  const sockets = await openTcpSockets();
  onTestFinished(() => sockets.close());
  const endless = { name: 'endless', stream: { push: () => {}, next: () => undefined }, handle: () => {} };
  const line = new SocketLine(new TcpTransport(sockets.socket), endless, { clock: new VirtualClock() });
  const diary = new Diary();
  line.start();
  line.listen(diary.hear);
  sockets.peer.write(Buffer.alloc(1_048_576));
  await sockets.settle();
  expect(diary.lines).toEqual([]);
  sockets.peer.write('x');
  await until(() => expect(diary.lines).toEqual(['closed protocol-error']));
});

describe('a stream', () => {
  const digits = (text: string) => [...text].map((digit) => packet(KINDS.digit, Buffer.from(digit)));

  test('may be cut anywhere: byte by byte, and many packets in one piece', async () => {
    const { peer, diary } = await startedCall(await openTcpPeer());
    for (const byte of Buffer.concat([packet(KINDS.audio, Buffer.from('hello')), ...digits('12')])) {
      peer.sendRaw(Buffer.from([byte]));
      await peer.settle();
    }
    peer.sendRaw(Buffer.concat(digits('3456')));
    await peer.settle();
    expect(diary.lines).toEqual(['said hello', ...[...'123456'].map((digit) => `digit ${digit}`)]);
  });

  test('goes on behind a packet that cannot be read, in the same piece', async () => {
    const { peer, diary } = await startedCall(await openTcpPeer());
    peer.sendRaw(Buffer.concat([...digits('1'), packet(KINDS.digit), ...digits('2')]));
    await peer.settle();
    expect(diary.lines).toEqual(['digit 1', 'digit 2']);
  });

  test('is counted by its packets, not by its pieces: slow is no flood, but many packets at once are', async () => {
    const { peer, diary } = await startedCall(await openTcpPeer({ messagesPerSecond: 10 }));
    const long = packet(KINDS.audio, Buffer.from('x'.repeat(400)));
    for (const byte of long) {
      peer.sendRaw(Buffer.from([byte]));
      await peer.settle();
    }
    expect(diary.lines).toHaveLength(1);
    peer.sendRaw(Buffer.concat(Array.from({ length: 200 }, () => digits('7')[0]!)));
    await peer.closed;
    expect(diary.lines.at(-1)).toBe('closed flooded');
    expect(diary.lines.length).toBeLessThan(160);
  });

  test('whose peer ends its half without a word is over in that tick, whatever we still had to send', async () => {
    const { peer, call, diary } = await startedCall(await openTcpPeer());
    peer.stopReading();
    while (!diary.lines.includes('full')) {
      call.sendAudio(Buffer.alloc(64_000));
      await new Promise(setImmediate);
    }
    peer.hangUp();
    await until(() => expect(diary.lines.at(-1)).toBe('closed caller-hung-up'));
  });
});
