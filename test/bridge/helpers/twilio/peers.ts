/** Twilio's end of either protocol, for the contract of bridges: one real socket, and the clock standing still. */
import { acceptMedia, type MediaOptions } from '../../../../src/bridge/twilio/media/bridge.ts';
import { readMediaCommand, TWILIO_PEER } from '../../../../src/bridge/twilio/media/wire.ts';
import { EventWriter } from '../../../../src/bridge/json/peer/wire.ts';
import { acceptRelay, type RelayCall, type RelayOptions } from '../../../../src/bridge/twilio/relay/bridge.ts';
import { readRelayCommand, writeRelayEvent, type RelayEvent } from '../../../../src/bridge/twilio/relay/wire.ts';
import type { AudioLine, BridgeCall } from '../../../../src/bridge/contract.ts';
import { VirtualClock } from '../../../../src/lib/clock.ts';
import { MALFORMED_JSON, type BridgePeer, type PeerMessage, type PeerWire } from '../../../contracts/bridge.suite.ts';
import { openSockets, webSocketPeer } from '../../../helpers/sockets.ts';

interface PeerOptions {
  clock?: VirtualClock;
  answersPings?: boolean;
}

export interface TwilioPeer<Call extends BridgeCall> extends BridgePeer {
  accept(): Promise<Call>;
  /** What Twilio would have been sent, frame by frame. */
  frames: string[];
}

const WIRE: PeerWire = {
  malformed: [...MALFORMED_JSON, Buffer.from([1, 2, 3])],
  unknown: (number) => `{"event":"new-${number}","type":"new-${number}","streamSid":"MZ1"}`,
};

function noCounts(): never {
  throw new Error('Expected marks: Twilio does not count samples');
}

export async function openMediaPeer({
  clock = new VirtualClock(),
  answersPings = true,
  ...options
}: PeerOptions & MediaOptions = {}): Promise<TwilioPeer<AudioLine>> {
  const sockets = await openSockets({ autoPong: answersPings });
  const write = new EventWriter(TWILIO_PEER, {
    ...{ streamId: 'MZ1', callId: 'CA1', accountId: 'AC1', encoding: 'audio/x-mulaw', sampleRateHz: 8_000 },
    parameters: { From: '+14155550100', To: '+14155550101', tenant: 'acme' },
  });
  return {
    ...webSocketPeer(sockets, clock),
    wire: WIRE,
    counted: noCounts,
    accept: () => acceptMedia(sockets.socket, { ...options, clock }),
    start() {
      sockets.peer.send(write.connected() ?? '');
      sockets.peer.send(write.start());
    },
    startWith(odd) {
      const start = { streamSid: odd, callSid: 'CA1', accountSid: odd, tracks: odd, customParameters: odd };
      const mediaFormat = typeof odd === 'object' ? odd : { encoding: [odd], sampleRate: [odd] };
      sockets.peer.send(JSON.stringify({ event: 'start', streamSid: 'MZ1', start: { ...start, mediaFormat } }));
    },
    say: (words) => sockets.peer.send(write.audio(Buffer.from(words), 20)),
    press: (digit) => sockets.peer.send(write.digit(digit)),
    played: (name) => sockets.peer.send(write.mark(name)),
    hangUp() {
      sockets.peer.send(write.stop() ?? '');
      sockets.peer.close(1000);
    },
    received: () =>
      sockets.frames.map((frame): PeerMessage => {
        const { streamId, ...command } = readMediaCommand(frame);
        if (streamId !== 'MZ1') throw new Error(`Expected stream MZ1, got ${streamId}`);
        return command.type === 'stop' ? { type: 'end' } : command;
      }),
  };
}

export async function openRelayPeer({
  clock = new VirtualClock(),
  answersPings = true,
  ...options
}: PeerOptions & RelayOptions = {}): Promise<TwilioPeer<RelayCall> & { send(event: RelayEvent): void }> {
  const sockets = await openSockets({ autoPong: answersPings });
  const send = (event: RelayEvent): void => sockets.peer.send(writeRelayEvent(event));
  return {
    ...webSocketPeer(sockets, clock),
    wire: { ...WIRE, endsInband: options.rest === undefined },
    counted: noCounts,
    send,
    accept: () => acceptRelay(sockets.socket, { ...options, clock }),
    start: () =>
      send({
        type: 'setup',
        sessionId: 'VX1',
        callSid: 'CA1',
        accountSid: 'AC1',
        from: '+14155550100',
        to: '+14155550101',
        facts: { callType: 'PSTN', direction: 'inbound' },
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
