/** The other end of a line of binary messages, for the contract of bridges: one real socket, and the clock standing still. */
import type { AudioLine } from '../../../../src/bridge/contract.ts';
import type { BinaryLineOptions } from '../../../../src/bridge/binary/line.ts';
import type { LineFormats } from '../../../../src/bridge/binary/wire.ts';
import { VirtualClock } from '../../../../src/lib/clock.ts';
import type { OpenSocket } from '../../../../src/lib/open-socket.ts';
import type { PhoneDialect, PhoneSpeech } from '../../../../src/simulate/phone/dialect.ts';
import type { PhoneData } from '../../../../src/simulate/phone/link.ts';
import { MALFORMED_JSON, type BridgePeer, type PeerMessage, type PeerWire } from '../../../contracts/bridge.suite.ts';
import { openSockets, webSocketPeer } from '../../../helpers/sockets.ts';

export interface BinaryPeer extends BridgePeer {
  accept(): Promise<AudioLine>;
  /** What the peer was sent: texts, and the lengths of binary messages. */
  sent: (string | number)[];
  speech: PhoneSpeech;
}

export interface BinaryPeerOptions extends Partial<BinaryLineOptions> {
  clock?: VirtualClock;
  answersPings?: boolean;
}

const LINEAR_16: LineFormats['inFormat'] = { encoding: 'linear16', sampleRateHz: 16_000 };
export const SIXTEEN: LineFormats = { inFormat: LINEAR_16, outFormat: LINEAR_16 };
export const NUMBERS = { from: '+14155550100', to: '+14155550101' };

export interface PeerFacts {
  /** What the call is given beside its numbers. */
  parameters: Record<string, string>;
  /** A start of which all that a call can do without is odd. */
  odd: (value: unknown) => object;
  /** What it says at once to a text of ours. Default: nothing. */
  answers?: (text: string, speech: PhoneSpeech) => PhoneData | undefined;
  wire: Pick<PeerWire, 'unknown' | 'endsInband'> & { malformed: string };
}

export function binaryPeerOf(
  accept: (socket: OpenSocket, options: BinaryLineOptions) => Promise<AudioLine>,
  phone: PhoneDialect,
  { parameters, odd, wire, answers }: PeerFacts,
): (options?: BinaryPeerOptions) => Promise<BinaryPeer> {
  return async ({ clock = new VirtualClock(), answersPings = true, formats = SIXTEEN, ...options } = {}) => {
    const sockets = await openSockets({ autoPong: answersPings });
    const ids = { callId: 'CA1', streamId: 'ST1', accountId: 'AC1' };
    const speech = phone.speech({ ...ids, ...NUMBERS, parameters, formats });
    const received: PeerMessage[] = [];
    const sent: (string | number)[] = [];
    const send = (data: PhoneData | undefined): void => {
      if (data !== undefined) sockets.peer.send(data);
    };
    sockets.peer.on('message', (data: Buffer, isBinary: boolean) => {
      sent.push(isBinary ? data.length : data.toString());
      if (isBinary) received.push({ type: 'audio', audio: data });
      else
        received.push(
          ...speech.read(data, false).map((one): PeerMessage => {
            if (one.type === 'when-played') throw new Error('Expected nothing that is answered later');
            return one.type === 'stop' ? { type: 'end' } : one;
          }),
        );
      if (!isBinary) send(answers?.(data.toString(), speech));
    });
    return {
      ...webSocketPeer(sockets, clock),
      ...{ speech, sent },
      wire: { hasEarlyAudio: true, ...wire, malformed: [...MALFORMED_JSON, wire.malformed] },
      accept: () => accept(sockets.socket, { ...options, formats, clock }),
      start: () => speech.begin().forEach(send),
      startWith: (value) => send(JSON.stringify(odd(value))),
      say: (words) => send(Buffer.from(words)),
      press: (digit) => send(speech.digit(digit)),
      played: (name) => send(speech.mark(name, { isCleared: false })),
      counted() {
        throw new Error('Expected marks: this peer does not count samples');
      },
      hangUp() {
        send(speech.end());
        sockets.peer.close(1000);
      },
      received: () => [...received],
    };
  };
}
