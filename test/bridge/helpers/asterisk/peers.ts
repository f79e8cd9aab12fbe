/** Asterisk's end of either of its lines, for the contract of bridges: one real socket, and the clock standing still. */
import { acceptAudioSocket, type AudioSocketOptions } from '../../../../src/bridge/asterisk/audiosocket/line.ts';
import {
  AudioSocketReader,
  KINDS,
  packetOf,
  uuidPacketOf,
  type AudioSocketPacket,
} from '../../../../src/bridge/asterisk/audiosocket/wire.ts';
import { acceptAsteriskLine, type AsteriskLineOptions } from '../../../../src/bridge/asterisk/websocket/line.ts';
import { readCommand, writeEvent, type ControlFormat } from '../../../../src/bridge/asterisk/websocket/wire.ts';
import type { AudioLine } from '../../../../src/bridge/contract.ts';
import { VirtualClock } from '../../../../src/lib/clock.ts';
import type { BridgePeer, PeerMessage } from '../../../contracts/bridge.suite.ts';
import { openSockets, openTcpSockets, tcpPeer, webSocketPeer } from '../../../helpers/sockets.ts';

export const UUID = '40325ec2-5efd-4bd3-805f-53576e581d13';
const NUMBERS = { from: '+14155550100', to: '+14155550101' };
const KNOWN = { token: 'a-token', ...NUMBERS, parameters: { tenant: 'acme', channel: 'CA1' } };

export interface AudioSocketPeer extends BridgePeer {
  accept(): Promise<AudioLine>;
  /** All that was sent, packet by packet. */
  packets(): AudioSocketPacket[];
  /** The same byte for byte. */
  bytes(): Buffer;
  send(kind: number, payload?: Uint8Array): void;
  clock: VirtualClock;
}

export async function openAudioSocketPeer({
  clock = new VirtualClock(),
  ...options
}: AudioSocketOptions & { clock?: VirtualClock; answersPings?: boolean } = {}): Promise<AudioSocketPeer> {
  const sockets = await openTcpSockets();
  const send = (kind: number, payload?: Uint8Array): void => void sockets.peer.write(packetOf(kind, payload));
  const start = (): void => {
    sockets.peer.write(uuidPacketOf(UUID));
    send(0x10); // of no length: it says the rate
  };
  const packets = (): AudioSocketPacket[] => packetsOf(sockets.received());
  return {
    ...tcpPeer(sockets, clock),
    clock,
    send,
    packets,
    bytes: () => sockets.received(),
    wire: {
      isStream: true,
      endsInband: true,
      malformed: [
        ...[0, 15, 17].map((length) => packetOf(KINDS.uuid, new Uint8Array(length))),
        ...['', '12', 'x', 'E', '\u0000'].map((digit) => packetOf(KINDS.digit, Buffer.from(digit))),
        ...[1, 5].map((length) => packetOf(KINDS.hangUp, new Uint8Array(length))),
      ],
      unknown: (number) => packetOf(0x20 + number, Buffer.from('later')),
    },
    accept: () => acceptAudioSocket(sockets.socket, { recall: () => KNOWN, ...options, clock }),
    start,
    /** A UUID says nothing besides; what can be odd is what comes with it. */
    startWith(odd) {
      sockets.peer.write(uuidPacketOf(UUID));
      send(KINDS.digit, Buffer.from(`odd: ${JSON.stringify(odd)}`));
      send(0x10);
    },
    say: (words) => send(0x10, Buffer.from(words)),
    press: (digit) => send(KINDS.digit, Buffer.from(digit)),
    played: notHere,
    counted: notHere,
    hangUp: () => sockets.peer.end(),
    received: () => packets().map(messageOf),
  };
}

function notHere(): never {
  throw new Error('Expected something that AudioSocket has');
}

export function packetsOf(bytes: Buffer): AudioSocketPacket[] {
  const reader = new AudioSocketReader();
  reader.push(bytes);
  const packets: AudioSocketPacket[] = [];
  for (let next = reader.next(); next; next = reader.next()) packets.push(next);
  return packets;
}

function messageOf(packet: AudioSocketPacket): PeerMessage {
  if (packet.type === 'audio') return { type: 'audio', audio: packet.audio };
  if (packet.type === 'hang-up') return { type: 'end' };
  throw new Error(`Expected nothing of type ${packet.type}`);
}

export interface WebSocketPeer extends BridgePeer {
  accept(): Promise<AudioLine>;
  /** Everything that Asterisk was sent, in order: commands as they came, sound as how long it is in bytes. */
  told: (string | number)[];
  tell(event: string, fields?: Record<string, string | number>, word?: string): void;
  clock: VirtualClock;
}

export interface WebSocketPeerOptions extends AsteriskLineOptions {
  clock?: VirtualClock;
  answersPings?: boolean;
  control?: ControlFormat;
  /** Of `MEDIA_START`. */
  start?: Record<string, string | number>;
  /** A release that has marks. Default true. */
  hasMarks?: boolean;
  /** Answers REPORT_QUEUE_DRAINED. Default true. */
  drains?: boolean;
}

export async function openWebSocketPeer({
  clock = new VirtualClock(),
  answersPings = true,
  control = 'json',
  start: more = {},
  hasMarks = true,
  drains = true,
  ...options
}: WebSocketPeerOptions = {}): Promise<WebSocketPeer> {
  const sockets = await openSockets({ autoPong: answersPings });
  const messages: PeerMessage[] = [];
  const told: (string | number)[] = [];
  const write = (event: string, fields: Parameters<typeof writeEvent>[1] = {}, word?: string): void =>
    sockets.peer.send(writeEvent(event, { channel_id: 'CA1', ...fields }, control, word));
  const mark = (name: string): void => write('MEDIA_MARK_PROCESSED', { correlation_id: name }, name);
  sockets.peer.on('message', (data: Buffer, isBinary: boolean) => {
    told.push(isBinary ? data.length : data.toString());
    if (isBinary) return void messages.push({ type: 'audio', audio: data });
    const { command, correlationId } = readCommand(data.toString(), control);
    if (command === 'REPORT_QUEUE_DRAINED') return drains && write('QUEUE_DRAINED', {}, '');
    if (command === 'MARK_MEDIA' && correlationId === 'parley') return hasMarks && mark('parley');
    messages.push(read(command, correlationId));
  });
  const begin = (variables: Record<string, string>): void =>
    write('MEDIA_START', {
      ...{ connection_id: 'agent_ws', channel: 'WebSocket/agent_ws/0x7f0638004770', format: 'ulaw' },
      ...{ optimal_frame_size: 160, ptime: 20, channel_variables: variables, ...more },
    });
  const { parameters, ...known } = KNOWN;
  return {
    ...webSocketPeer(sockets, clock),
    clock,
    told,
    tell: write,
    wire: {
      hasEarlyAudio: true,
      endsInband: true,
      malformed: ['{', '', 'null', '[]', '{}', '"x"', '{"event":7}', '\u0000', '1e999', 'DTMF_END digit:12'],
      unknown: (number) => (control === 'json' ? `{"event":"NEW_${number}"}` : `NEW_${number} channel_id:CA1`),
    },
    accept: () =>
      acceptAsteriskLine(sockets.socket, {
        recall: () => (control === 'json' ? undefined : { ...known, parameters }),
        ...options,
        clock,
      }),
    start: () => begin({ PARLEY_FROM: NUMBERS.from, __PARLEY_TO: NUMBERS.to, tenant: 'acme' }),
    startWith(odd) {
      const fields = { event: 'MEDIA_START', format: 'ulaw', channel_id: 'CA1' };
      sockets.peer.send(
        JSON.stringify({ ...fields, connection_id: odd, channel_variables: odd, optimal_frame_size: odd, ptime: odd }),
      );
    },
    say: (words) => sockets.peer.send(Buffer.from(words)),
    press: (digit) => write('DTMF_END', { digit }),
    played: mark,
    counted: notHere,
    hangUp: () => sockets.peer.close(1000),
    received: () => [...messages],
  };
}

function read(command: string, correlationId: string): PeerMessage {
  switch (command) {
    case 'MARK_MEDIA':
      return { type: 'mark', name: correlationId };
    case 'FLUSH_MEDIA':
      return { type: 'clear' };
    case 'HANGUP':
      return { type: 'end' };
    default:
      throw new Error(`Expected nothing like ${command}`);
  }
}
