/** Twilio's end of either protocol, for the contract of bridges: one real socket, and the clock standing still. */
import { acceptMedia, type MediaOptions } from '../../../../src/bridge/twilio/media/bridge.ts';
import { acceptRelay, type RelayCall, type RelayOptions } from '../../../../src/bridge/twilio/relay.ts';
import { readRelayCommand, writeRelayEvent, type RelayEvent } from '../../../../src/bridge/relay/wire.ts';
import { VirtualClock } from '../../../../src/lib/clock.ts';
import { TWILIO_AUDIO } from '../../../../src/simulate/twilio/media.ts';
import { MALFORMED_JSON, type BridgePeer, type PeerMessage } from '../../../contracts/bridge.suite.ts';
import { oddTwilioStart, peerOf, type JsonPeer } from '../json/peers.ts';
import { openSockets, webSocketPeer } from '../../../helpers/sockets.ts';

interface PeerOptions {
  clock?: VirtualClock;
  answersPings?: boolean;
}

export interface RelayPeer extends BridgePeer {
  accept(): Promise<RelayCall>;
  /** What Twilio would have been sent, frame by frame. */
  frames: string[];
  send(event: RelayEvent): void;
}

export const openMediaPeer = ({ rest, afterDigits, ...options }: PeerOptions & MediaOptions = {}): Promise<JsonPeer> =>
  peerOf((socket, line) => acceptMedia(socket, { ...line, rest, afterDigits }), TWILIO_AUDIO, oddTwilioStart)(options);

export const openRelayPeer = (options: PeerOptions & RelayOptions = {}): Promise<RelayPeer> =>
  openRelayPeerOf(acceptRelay, options);

/** Of any carrier's ConversationRelay. `ids`: what its setup says besides. */
export async function openRelayPeerOf(
  accept: typeof acceptRelay,
  { clock = new VirtualClock(), answersPings = true, ...options }: PeerOptions & RelayOptions = {},
  ids: Record<string, string> = {},
): Promise<RelayPeer> {
  const sockets = await openSockets({ autoPong: answersPings });
  const send = (event: RelayEvent): void => sockets.peer.send(writeRelayEvent(event));
  return {
    ...webSocketPeer(sockets, clock),
    wire: {
      malformed: [...MALFORMED_JSON, Buffer.from([1, 2, 3])],
      unknown: (number) => `{"type":"new-${number}"}`,
      endsInband: options.rest === undefined,
    },
    counted() {
      throw new Error('Expected text: it has no samples to count');
    },
    send,
    accept: () => accept(sockets.socket, { ...options, clock }),
    start: () =>
      send({
        type: 'setup',
        sessionId: 'VX1',
        callSid: 'CA1',
        accountSid: 'AC1',
        from: '+14155550100',
        to: '+14155550101',
        facts: { callType: 'PSTN', direction: 'inbound', ...ids },
        parameters: { tenant: 'acme' },
      }),
    startWith(odd) {
      const numbers = { from: odd, to: odd, accountSid: odd, sessionId: odd, callerName: odd, callType: odd };
      sockets.peer.send(JSON.stringify({ type: 'setup', callSid: 'CA1', ...numbers, customParameters: odd }));
    },
    say: (text: string) => send({ type: 'prompt', text, language: 'en-US', isLast: true }),
    press: (digit: string) => send({ type: 'digit', digit }),
    played: (text: string) => send({ type: 'played', text }),
    hangUp: () => sockets.peer.close(1000),
    received: () => sockets.frames.map(relayMessage),
  };
}

function relayMessage(frame: string): PeerMessage {
  const command = readRelayCommand(frame);
  switch (command.type) {
    case 'text':
      return { type: 'text', text: command.token, isLast: command.last ?? false };
    case 'sendDigits':
      return { type: 'digits', digits: command.digits };
    case 'end':
      return { type: 'end' };
    default:
      throw new Error(`Expected nothing of type ${command.type}`);
  }
}
