/** The other end of the carriers that exist in tests only: one real socket, and the clock standing still. */
import type { AudioFormat } from '../../../src/audio/contract.ts';
import type { AudioLine } from '../../../src/bridge/contract.ts';
import type { LineOptions } from '../../../src/bridge/socket-line.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { MALFORMED_JSON, type BridgePeer, type PeerMessage } from '../../contracts/bridge.suite.ts';
import { openSockets, openTcpSockets, tcpPeer, webSocketPeer } from '../sockets.ts';
import { acceptBinary } from './binary.ts';
import { acceptJson } from './json.ts';
import { acceptTcp, KINDS, packet, PacketStream } from './tcp.ts';

export interface CarrierPeer extends BridgePeer {
  accept(): Promise<AudioLine>;
  /** The caller's audio, as its bytes. */
  speak(audio: Uint8Array): void;
}

export interface PeerOptions extends LineOptions {
  clock?: VirtualClock;
  answersPings?: boolean;
}

const FACTS = { id: 'CA1', from: '+14155550100', to: '+14155550101' };
const ALAW_8: AudioFormat = { encoding: 'alaw', sampleRateHz: 8_000 };
const LINEAR_16: AudioFormat = { encoding: 'linear16', sampleRateHz: 16_000 };

function notHere(): never {
  throw new Error('Expected something that this carrier has');
}

/** The caller speaks A-law at 8 kHz and hears 16-bit samples at 16 kHz. */
export async function openJsonPeer(
  options: PeerOptions = {},
): Promise<CarrierPeer & { setFull(isFull: boolean): void }> {
  const { clock = new VirtualClock(), answersPings = true, ...line } = options;
  const sockets = await openSockets({ autoPong: answersPings });
  const send = (frame: object): void => sockets.peer.send(JSON.stringify(frame));
  const speak = (audio: Uint8Array): void => send({ event: 'audio', payload: Buffer.from(audio).toString('base64') });
  return {
    ...webSocketPeer(sockets, clock),
    wire: {
      hasEarlyAudio: true,
      malformed: [...MALFORMED_JSON, Buffer.from([1, 2, 3])],
      unknown: (number) => `{"event":"new-${number}"}`,
    },
    accept: () => acceptJson(sockets.socket, { ...line, clock }),
    start: () =>
      send({ event: 'start', call: { ...FACTS, facts: { tenant: 'acme' } }, says: ALAW_8, hears: LINEAR_16 }),
    startWith: (odd) =>
      send({ event: 'start', call: { id: 'CA1', from: odd, to: odd, facts: odd }, says: ALAW_8, hears: LINEAR_16 }),
    speak,
    say: (words) => speak(Buffer.from(words)),
    press: (digit) => send({ event: 'digit', digit }),
    played: (name) => send({ event: 'mark', name }),
    counted: notHere,
    setFull: (isFull) => send({ event: 'queue', isFull }),
    hangUp() {
      send({ event: 'stop' });
      sockets.peer.close(1000);
    },
    received: () => sockets.frames.map(jsonMessage),
  };
}

function jsonMessage(text: string): PeerMessage {
  const { event, payload = '', name = '', digits = '' } = JSON.parse(text) as Record<string, string>;
  switch (event) {
    case 'audio':
      return { type: 'audio', audio: Buffer.from(payload, 'base64') };
    case 'mark':
      return { type: 'mark', name };
    case 'clear':
      return { type: 'clear' };
    case 'digits':
      return { type: 'digits', digits };
    default:
      throw new Error(`Expected nothing like ${event}`);
  }
}

/** 16-bit samples at 16 kHz, both ways. */
export async function openBinaryPeer(options: PeerOptions = {}): Promise<CarrierPeer> {
  const { clock = new VirtualClock(), answersPings = true, ...line } = options;
  const sockets = await openSockets({ autoPong: answersPings });
  const received: PeerMessage[] = [];
  sockets.peer.on('message', (data: Buffer, isBinary: boolean) =>
    received.push(isBinary ? { type: 'audio', audio: data } : (JSON.parse(data.toString()) as PeerMessage)),
  );
  const send = (frame: object): void => sockets.peer.send(JSON.stringify(frame));
  const speak = (audio: Uint8Array): void => sockets.peer.send(audio);
  return {
    ...webSocketPeer(sockets, clock),
    wire: {
      hasEarlyAudio: true,
      malformed: [...MALFORMED_JSON, '{"type":"key"}'],
      unknown: (number) => `{"type":"new-${number}"}`,
    },
    accept: () => acceptBinary(sockets.socket, { ...line, clock }),
    start: () => send({ type: 'hello', ...FACTS, tenant: 'acme', rate: 16_000 }),
    startWith: (odd) => send({ type: 'hello', id: 'CA1', from: odd, to: odd, tenant: odd, rate: 16_000 }),
    speak,
    say: (words) => speak(Buffer.from(words)),
    press: (digit) => send({ type: 'key', digit }),
    played: notHere,
    counted: (what, samples) => send({ type: what, samples }),
    hangUp() {
      send({ type: 'bye' });
      sockets.peer.close(1000);
    },
    received: () => [...received],
  };
}

/** 16-bit samples at 8 kHz, both ways. Hangs up as Asterisk does: without a word. */
export async function openTcpPeer({ clock = new VirtualClock(), ...line }: PeerOptions = {}): Promise<CarrierPeer> {
  const sockets = await openTcpSockets();
  const send = (kind: number, payload?: Uint8Array): void => void sockets.peer.write(packet(kind, payload));
  const speak = (audio: Uint8Array): void => send(KINDS.audio, audio);
  return {
    ...tcpPeer(sockets, clock),
    wire: {
      isStream: true,
      hasEarlyAudio: true,
      endsInband: true,
      malformed: Array.from({ length: 10 }, (_, i) => packet(i % 2 === 0 ? KINDS.audio : KINDS.digit)),
      unknown: (number) => packet(0x20 + number, Buffer.from('later')),
    },
    accept: () => acceptTcp(sockets.socket, { ...line, clock }),
    start: () => send(KINDS.start, Buffer.from(JSON.stringify({ ...FACTS, tenant: 'acme' }))),
    startWith: (odd) =>
      send(KINDS.start, Buffer.from(JSON.stringify({ id: 'CA1', from: 'nobody', to: odd, tenant: odd }))),
    speak,
    say: (words) => speak(Buffer.from(words)),
    press: (digit) => send(KINDS.digit, Buffer.from(digit)),
    played: notHere,
    counted: notHere,
    hangUp: () => sockets.peer.end(),
    received: () => packetsOf(sockets.received()).map(tcpMessage),
  };
}

function packetsOf(bytes: Buffer): { kind: number; payload: Buffer }[] {
  const stream = new PacketStream();
  stream.push(bytes);
  const packets = [];
  for (let next = stream.next(); next; next = stream.next()) packets.push(next);
  return packets;
}

function tcpMessage({ kind, payload }: { kind: number; payload: Buffer }): PeerMessage {
  if (kind === KINDS.end) return { type: 'end' };
  if (kind !== KINDS.audio) throw new Error(`Expected nothing of kind ${kind}`);
  return { type: 'audio', audio: payload };
}
