/** jambonz's control socket: the contract, and what its pages, its code and its own packages say of it. */
import { createRequire } from 'node:module';
import { Session } from '@jambonz/sdk/websocket';
import { expect, test } from 'vitest';
import { acceptControl } from '../../../src/bridge/jambonz/control/line.ts';
import {
  ack,
  controlEvents as events,
  readControlCommand,
  readControlEvent,
  TALK,
  type ControlCommand,
} from '../../../src/bridge/jambonz/control/wire.ts';
import type { TextLine } from '../../../src/bridge/contract.ts';
import type { LineOptions } from '../../../src/bridge/socket-line.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { bridgeContract, MALFORMED_JSON, type BridgePeer, type PeerMessage } from '../../contracts/bridge.suite.ts';
import { openSockets, webSocketPeer } from '../../helpers/sockets.ts';
import { startedCall } from '../helpers/started.ts';

interface ControlPeer extends BridgePeer {
  accept(): Promise<TextLine>;
  commands: ControlCommand[];
  frames: string[];
}
interface ControlPeerOptions extends LineOptions {
  clock?: VirtualClock;
  answersPings?: boolean;
  /** Why a piece of text is not taken; `silent`: nothing is said of it. Default: it is. */
  judge?: (tokens: string) => string | undefined;
}

const CALL = { msgid: 'm0', callSid: 'CA1', from: '+14155550100', to: '+14155550101', parameters: { tenant: 'acme' } };

async function open({
  clock = new VirtualClock(),
  answersPings = true,
  judge = () => undefined,
  ...options
}: ControlPeerOptions = {}): Promise<ControlPeer> {
  const sockets = await openSockets({ autoPong: answersPings });
  const commands: ControlCommand[] = [];
  let asked = 0;
  const ask = (write: (msgid: string, text: string) => string, text: string) =>
    sockets.peer.send(write(`m${++asked}`, text));
  sockets.peer.on('message', (data: Buffer) => {
    const command = readControlCommand(data.toString());
    commands.push(command);
    const reason = command.type === 'tokens' ? judge(command.tokens) : 'silent';
    if (command.type === 'tokens' && reason !== 'silent') sockets.peer.send(events.tokensResult(command.id, reason));
  });
  return {
    ...webSocketPeer(sockets, clock),
    commands,
    wire: {
      ...{ endsInband: true, cannotPause: true },
      malformed: [...MALFORMED_JSON, Buffer.from([1, 2, 3])],
      unknown: (number) => JSON.stringify({ type: `new-${number}`, data: {} }),
    },
    accept: () => acceptControl(sockets.socket, { ...options, clock }),
    start: () => sockets.peer.send(events.start(CALL)),
    startWith: (odd) =>
      sockets.peer.send(
        JSON.stringify({
          type: 'session:new',
          msgid: 'm0',
          data: { call_sid: 'CA1', from: odd, to: odd, env_vars: odd },
        }),
      ),
    say: (words) => ask(events.heard, words),
    press: (digit) => ask(events.digits, digit),
    played: () => undefined,
    counted: () => undefined,
    async settle() {
      for (let turn = 0; turn < 4; turn++) await sockets.settle(); // a piece, what became of it, and the next
    },
    hangUp() {
      sockets.peer.send(events.status('completed'));
      sockets.peer.close(1000);
    },
    received: () => commands.flatMap(messageOf),
  };
}

function messageOf(command: ControlCommand): PeerMessage[] {
  switch (command.type) {
    case 'tokens':
      return [{ type: 'text', text: command.tokens, isLast: false }];
    case 'flush':
      return [{ type: 'text', text: '', isLast: true }];
    case 'clear':
      return [{ type: 'clear' }];
    case 'digit':
      return [{ type: 'digits', digits: command.digit }];
    case 'hang-up':
      return [{ type: 'end' }];
    default:
      return [];
  }
}

bridgeContract('jambonz-control', open);

const startCall = async (options: ControlPeerOptions = {}) => startedCall(await open(options));
const read = (frame: object) => readControlEvent(JSON.stringify(frame));
const spoken = (peer: ControlPeer) => peer.commands.flatMap((one) => (one.type === 'tokens' ? [one.tokens] : []));
const acked = (peer: ControlPeer) => peer.commands.flatMap((one) => (one.type === 'ack' ? [one.msgid] : []));

test('the first ack carries the verbs that answer, hear and speak, which @jambonz/schema takes for an application', async () => {
  const { peer } = await startCall();
  await peer.settle();
  expect(peer.commands).toEqual([{ type: 'ack', msgid: 'm0', verbs: TALK }]);
  const { validateApp } = createRequire(createRequire(import.meta.url).resolve('@jambonz/sdk'))('@jambonz/schema') as {
    validateApp: (verbs: unknown) => object;
  };
  expect(JSON.stringify(validateApp(TALK))).toMatch(/true/);
});

test('what jambonz asks is acknowledged at once, though nobody listens and no model answers (wire/telephony 6.1, 15.9)', async () => {
  const peer = await open();
  const accepting = peer.accept();
  peer.start();
  peer.say('where is my order?');
  peer.press('5');
  peer.sendRaw('{"type":"verb:hook","msgid":"h1","hook":"/x","data":{"reason":"timeout"}}');
  peer.sendRaw('{"type":"dial:confirm","msgid":"h2","data":{}}');
  peer.sendRaw('{"type":"verb:hook","msgid":"h3","data":"odd"}');
  await accepting;
  await peer.settle();
  expect(acked(peer)).toEqual(['m0', 'm1', 'm2', 'h1', 'h2', 'h3']);
  await peer.cleanUp();
});

test.each(['session:new', 'session:reconnect', 'session:redirect', 'session:adulting'])(
  '%s begins a line on a new socket, and is acknowledged on an old one (additions 8)',
  async (type) => {
    const { peer, call, diary } = await startedCall({
      ...(await open()),
    });
    peer.sendRaw(events.start({ ...CALL, msgid: 'm9', callSid: 'other' }, type));
    peer.say('go on');
    await peer.settle();
    expect(acked(peer)).toContain('m9');
    expect([call.caller.carrierCallId, diary.lines]).toEqual(['CA1', ['said go on']]);
    expect(read({ ...(JSON.parse(events.start(CALL, type)) as object) })).toMatchObject({
      type: 'start',
      callSid: 'CA1',
    });
  },
);

test('one piece of text is on its way at a time, and what came meanwhile goes as one (wire/telephony 6.1)', async () => {
  let isSilent = true;
  const { peer, call } = await startCall({ judge: () => (isSilent ? 'silent' : undefined) });
  for (const word of ['One ', 'two ', 'three.']) call.sendText(word, false);
  call.sendText('', true);
  await peer.settle();
  expect(spoken(peer)).toEqual(['One ']);
  isSilent = false;
  peer.sendRaw(events.tokensResult(1));
  await peer.settle();
  expect(spoken(peer)).toEqual(['One ', 'two three.']);
  expect(peer.commands.at(-1)).toEqual({ type: 'flush' });
});

test('what is refused since its buffer is full is sent again once it goes on, in order (wire/telephony 6.1)', async () => {
  let isFull = true;
  const { peer, call } = await startCall({ judge: () => (isFull ? 'full' : undefined) });
  call.sendText('One. ', false);
  call.sendText('Two.', true);
  await peer.settle();
  expect(spoken(peer)).toEqual(['One. ']);
  isFull = false;
  peer.sendRaw(events.stream('stream_resumed'));
  await peer.settle();
  expect(spoken(peer)).toEqual(['One. ', 'One. ', 'Two.']);
  expect(peer.commands.at(-1)).toEqual({ type: 'flush' });
});

test('while it says that it is paused nothing is sent; long text goes in pieces of half its buffer, cut between words', async () => {
  const { peer, call } = await startCall();
  peer.sendRaw(events.stream('stream_paused'));
  await peer.settle();
  const text = 'word '.repeat(300).trim();
  call.sendText(text, false);
  await peer.settle();
  expect(spoken(peer)).toEqual([]);
  peer.sendRaw(events.stream('stream_resumed'));
  await peer.settle();
  expect(spoken(peer).join('')).toBe(text);
  expect(spoken(peer).every((piece) => piece.length <= 500 && /^word.*(word ?)$/.test(piece))).toBe(true);
});

test('white space alone, which is not taken, waits for a word (additions 8)', async () => {
  const { peer, call } = await startCall();
  call.sendText(' ', false);
  await peer.settle();
  expect(spoken(peer)).toEqual([]);
  call.sendText('word', false);
  call.sendText(' \n', true);
  await peer.settle();
  expect(spoken(peer)).toEqual([' word']);
  expect(peer.commands.at(-1)).toEqual({ type: 'flush' });
});

test('text that is refused for good is said to be, and the next is sent', async () => {
  const { peer, call } = await startCall({ judge: (tokens) => (tokens.includes('bad') ? 'invalid' : undefined) });
  call.sendText('bad', false);
  await peer.settle();
  call.sendText('good', true);
  await peer.settle();
  expect(spoken(peer)).toEqual(['bad', 'good']);
});

test('the caller cuts in: what waits is dropped in that tick, `tts:clear` goes out, and nothing of it comes behind (wire/telephony 6.1)', async () => {
  const { peer, call, diary } = await startCall({ judge: () => 'silent' });
  call.sendText('A long story. ', false);
  call.sendText('Nobody hears this.', true);
  peer.sendRaw(events.stream('user_interruption'));
  peer.say('stop');
  await peer.settle();
  expect(diary.lines).toEqual(['interrupt undefined', 'said stop']);
  call.clear();
  peer.sendRaw(events.tokensResult(1)); // of what was cleared
  await peer.settle();
  call.sendText('All right.', true);
  await peer.settle();
  const types = peer.commands.map(({ type }) => type);
  expect(types.filter((type) => type !== 'ack')).toEqual(['tokens', 'clear', 'tokens']);
  expect(spoken(peer)).toEqual(['A long story. ', 'All right.']);
});

test('a hand-over redirects what runs; a hang-up completes the call; messages stay under 24 KiB (wire/telephony 6.1)', async () => {
  const { peer, call, diary } = await startCall();
  call.sendText('x'.repeat(100_000), false);
  await call.transfer('sip:desk@example.com');
  await peer.settle();
  expect(peer.commands.at(-1)?.type).toMatch(/redirect|tokens/);
  expect(peer.commands.find(({ type }) => type === 'redirect')).toEqual({
    ...{ type: 'redirect', verbs: [{ verb: 'dial', target: [{ type: 'sip', sipUri: 'sip:desk@example.com' }] }] },
  });
  expect(Math.max(...peer.frames.map((frame) => frame.length))).toBeLessThan(24_576);
  peer.hangUp();
  await peer.closed;
  expect(diary.lines.at(-1)).toBe('closed transferred');
});

test('an interim is one, the first alternative counts, and an end of the call is told by its status', () => {
  const alternatives = [{ transcript: 'where is' }, { transcript: 'wear is' }];
  expect(read({ type: 'verb:hook', msgid: 'm', data: { speech: { is_final: false, alternatives } } })).toEqual({
    ...{ type: 'heard', msgid: 'm', text: 'where is', isFinal: false },
  });
  for (const call_status of ['completed', 'failed', 'busy', 'no-answer'])
    expect(readControlEvent(events.status(call_status))).toEqual({ type: 'over' });
  expect(readControlEvent(events.status('in-progress'))).toBeUndefined();
  expect(read({ type: 'verb:hook', msgid: 'm', data: { digits: 12 } })).toMatchObject({ type: 'digits', digits: '12' });
});

test('a binary message is a bad one, and ends nothing; `jambonz:error` is for the log (additions 1)', async () => {
  const { peer, diary } = await startCall();
  peer.sendRaw(Buffer.from([1]));
  peer.sendRaw('{"type":"jambonz:error","data":{"message":"no such verb"}}');
  peer.say('still here');
  await peer.settle();
  expect(diary.lines).toEqual(['said still here']);
});

test('what we tell is what `Session` of @jambonz/sdk 0.10 tells', () => {
  const sent: unknown[] = [];
  const ws = {
    readyState: 1,
    send: (text: string) => sent.push(JSON.parse(text)),
    on: () => ws,
    removeListener: () => ws,
  };
  const msg = { type: 'session:new', msgid: 'm0', call_sid: 'CA1', data: { call_sid: 'CA1' } };
  const session = Reflect.construct(Session, [{ ws, msg, logger: { info() {}, debug() {}, error() {} } }]) as Session;
  void session.sendTtsTokens('Hello');
  session.clearTtsTokens();
  session.flushTtsTokens();
  const commands = sent.map((one) => readControlCommand(JSON.stringify(one)));
  expect(commands).toEqual([{ type: 'tokens', id: 1, tokens: 'Hello' }, { type: 'clear' }, { type: 'flush' }]);
  expect(JSON.parse(ack('m1'))).toEqual({ type: 'ack', msgid: 'm1', data: [] });
});
