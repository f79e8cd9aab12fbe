/** A carrier's end of a JSON line, for the contract of bridges: one real socket, and the clock standing still. */
import type { AudioFormat } from '../../../../src/audio/contract.ts';
import type { AudioLine } from '../../../../src/bridge/contract.ts';
import type { JsonLineOptions } from '../../../../src/bridge/json/line.ts';
import { EventWriter, type JsonCommand } from '../../../../src/bridge/json/peer/wire.ts';
import { VirtualClock } from '../../../../src/lib/clock.ts';
import type { OpenSocket } from '../../../../src/lib/open-socket.ts';
import type { AudioDialect } from '../../../../src/simulate/phone/dialect.ts';
import { MALFORMED_JSON, type BridgePeer, type PeerMessage } from '../../../contracts/bridge.suite.ts';
import { openSockets, webSocketPeer } from '../../../helpers/sockets.ts';

export interface JsonPeer extends BridgePeer {
  accept(): Promise<AudioLine>;
  /** What the carrier was sent, frame by frame. */
  frames: string[];
  /** Writes the carrier's frames. */
  write: EventWriter;
}

export interface JsonPeerOptions extends JsonLineOptions {
  clock?: VirtualClock;
  answersPings?: boolean;
  /** Of the caller's audio. Default: mu-law at 8 kHz. */
  format?: AudioFormat;
}

/** `odd`: a start of which all that a call can do without is odd. */
export function peerOf(
  accept: (socket: OpenSocket, options: JsonLineOptions) => Promise<AudioLine>,
  carrier: AudioDialect,
  odd: (value: unknown) => object,
): (options?: JsonPeerOptions) => Promise<JsonPeer> {
  return async ({ clock = new VirtualClock(), answersPings = true, format, ...options } = {}) => {
    const sockets = await openSockets({ autoPong: answersPings });
    const inFormat: AudioFormat = format ?? { encoding: 'mulaw', sampleRateHz: 8_000 };
    const numbers = { from: '+14155550100', to: '+14155550101' };
    const write = new EventWriter(carrier.wire, {
      ...{ streamId: 'MZ1', callId: 'CA1', accountId: 'AC1', ...numbers },
      parameters: { tenant: 'acme', ...(!carrier.saysNumbers && { From: numbers.from, To: numbers.to }) },
      ...{ encoding: carrier.encodingOf(inFormat), sampleRateHz: inFormat.sampleRateHz },
    });
    const send = (frame: string | undefined) => frame !== undefined && sockets.peer.send(frame);
    return {
      ...webSocketPeer(sockets, clock),
      write,
      wire: {
        malformed: [...MALFORMED_JSON, Buffer.from([1, 2, 3])],
        unknown: (number) => `{"event":"new-${number}","streamSid":"MZ1"}`,
        cannotPause: true,
      },
      accept: () => accept(sockets.socket, { ...options, clock }),
      start() {
        send(write.connected());
        send(write.start());
      },
      startWith: (value) => send(JSON.stringify(odd(value))),
      say: (words) => send(write.audio(Buffer.from(words), 20)),
      press: (digit) => send(write.digit(digit)),
      played: (name) => send(write.mark(name)),
      counted() {
        throw new Error('Expected marks: this carrier does not count samples');
      },
      hangUp() {
        send(write.stop());
        sockets.peer.close(1000);
      },
      received: () => sockets.frames.map((frame) => messageOf(carrier.readCommand(frame))),
    };
  };
}

/** The same of a carrier whose frames are Twilio's. */
export const oddTwilioStart = (odd: unknown): object => ({
  event: 'start',
  streamSid: 'MZ1',
  start: {
    ...{ streamSid: odd, callSid: 'CA1', accountSid: odd, tracks: odd, customParameters: odd },
    mediaFormat: oddFormat(odd),
  },
});

/** Its parts cannot be text or numbers: these would be believed. */
export const oddFormat = (odd: unknown, rate = 'sampleRate'): unknown =>
  typeof odd === 'object' ? odd : { encoding: [odd], [rate]: [odd] };

function messageOf({ streamId, ...command }: JsonCommand): PeerMessage {
  if (streamId !== undefined && streamId !== 'MZ1') throw new Error(`Expected stream MZ1, got ${streamId}`);
  return command.type === 'stop' ? { type: 'end' } : command;
}
