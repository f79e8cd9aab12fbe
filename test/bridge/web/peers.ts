/** A page at the other end of a line, for the contract of bridges: one real socket, and the clock standing still. */
import type { AudioLine, BridgeCall, CallerFacts, TextLine } from '../../../src/bridge/contract.ts';
import { acceptWeb, type WebLineOptions } from '../../../src/bridge/web/line.ts';
import { readPageCommand, writePageEvent, type PageEvent } from '../../../src/bridge/web/wire.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { MALFORMED_JSON, type BridgePeer, type PeerMessage } from '../../contracts/bridge.suite.ts';
import { openSockets, webSocketPeer } from '../../helpers/sockets.ts';

export interface WebPeer<Line extends BridgeCall = BridgeCall> extends BridgePeer {
  accept(): Promise<Line>;
  send(event: Exclude<PageEvent, { type: 'audio' }>): void;
  speak(audio: Uint8Array): void;
  /** Everything but sound, as it came. */
  told(): object[];
}

export interface WebPeerOptions extends WebLineOptions {
  clock?: VirtualClock;
  answersPings?: boolean;
  start?: object;
}

/** As it was announced. */
export const ANNOUNCED: CallerFacts = {
  ...{ carrierCallId: 'CA1', from: '+14155550100', to: '+14155550101', parameters: { tenant: 'acme' } },
};

const open =
  <Line extends BridgeCall>(kind: Line['kind']) =>
  async ({ clock = new VirtualClock(), answersPings = true, start, ...options }: WebPeerOptions = {}): Promise<
    WebPeer<Line>
  > => {
    const sockets = await openSockets({ autoPong: answersPings });
    const received: PeerMessage[] = [];
    const told: object[] = [];
    sockets.peer.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) return received.push({ type: 'audio', audio: data });
      const command = readPageCommand(data.toString());
      told.push(command);
      if (command.type === 'say') received.push({ type: 'text', text: command.text, isLast: command.isLast });
      if (command.type === 'clear') received.push({ type: 'clear' });
      if (command.type === 'ended') received.push({ type: 'end' });
    });
    const send = (event: object): void => sockets.peer.send(JSON.stringify(event));
    const speak = (audio: Uint8Array): void => sockets.peer.send(audio);
    return {
      ...webSocketPeer(sockets, clock),
      wire: {
        endsInband: true,
        malformed: kind === 'audio' ? [...MALFORMED_JSON, '{"type":"digit"}'] : [...MALFORMED_JSON, Buffer.from([1])],
        unknown: (number) => `{"type":"new-${number}"}`,
      },
      accept: () => acceptWeb(sockets.socket, { caller: ANNOUNCED, ...options, clock }) as Promise<Line>,
      start: () => send({ type: 'start', kind, ...start }),
      startWith: (odd) => send({ type: 'start', kind, inRateHz: oddRate(odd), outRateHz: oddRate(odd), more: odd }),
      send: (event) => sockets.peer.send(writePageEvent(event)),
      speak,
      say: (words) => (kind === 'audio' ? speak(Buffer.from(words)) : send({ type: 'prompt', text: words })),
      press: (digit) => send({ type: 'digit', digit }),
      played() {
        throw new Error('Expected samples: a page has no marks');
      },
      counted: (what, samples) => send({ type: what, samples }),
      hangUp() {
        send({ type: 'hangup' });
        sockets.peer.close(1000);
      },
      received: () => [...received],
      told: () => [...told],
    };
  };

/** Numbers and texts would be believed, and refused. */
const oddRate = (odd: unknown): unknown =>
  typeof odd === 'object' || odd === '' || typeof odd === 'boolean' ? odd : [odd];

export const openAudioPage = open<AudioLine>('audio');
export const openTextPage = open<TextLine>('text');
