/** What every bridge promises, whatever it speaks on the wire: `src/bridge/contract.ts`, clause by clause. */
import { afterEach, describe, expect, test } from 'vitest';
import type { BridgeCall, BridgeEvent } from '../../src/bridge/contract.ts';
import { bytesPerSample, FRAME_MS, type AudioFormat } from '../../src/audio/contract.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { until } from '../helpers/until.ts';

/** What the peer was told, whatever its wire calls it. */
export type PeerMessage =
  | { type: 'audio'; audio: Uint8Array }
  | { type: 'text'; text: string; isLast: boolean }
  | { type: 'mark'; name: string }
  | { type: 'clear' }
  | { type: 'digits'; digits: string }
  | { type: 'end' };

export interface PeerWire {
  /** One stream of bytes: it has no pings and no close codes. Default false: a WebSocket. */
  isStream?: boolean;
  /** The caller's audio may come before the peer has said who it is. */
  hasEarlyAudio?: boolean;
  /** It knows no pauses between keys, and perhaps one key a message: we make the pauses. Default false. */
  cannotPause?: boolean;
  /** We hang up by a message, which the peer is sent as its last. */
  endsInband?: boolean;
  /** Ten frames that nobody can read. */
  malformed: readonly (string | Buffer)[];
  /** An event that came into the world after the bridge was written. */
  unknown(number: number): string | Buffer;
}

/** The other end of a line, played by a test over a real socket. */
export interface BridgePeer {
  /** What the suite has to know of the wire. */
  wire: PeerWire;
  /** Takes over our end. */
  accept(): Promise<BridgeCall>;
  /** Says who is calling: `CA1`, from `+14155550100` to `+14155550101`, with a parameter `tenant` = `acme`. */
  start(): void;
  /** The same, but for all that a call can do without, which is `odd`. */
  startWith(odd: unknown): void;
  /** The caller: three of them in an order that has to be kept. */
  say(words: string): void;
  press(digit: string): void;
  /** Says that it has played a mark. Only when the bridge has marks. */
  played(name: string): void;
  /** Says how many samples were played in all, and perhaps that the others were cleared. Only when it counts them. */
  counted(what: 'played' | 'cleared', samples: number): void;
  sendRaw(frame: string | Buffer): void;
  received(): PeerMessage[];
  /** Everything sent so far, by either side, has arrived. */
  settle(): Promise<void>;
  /** The caller hangs up, as the protocol says it. */
  hangUp(): void;
  /** What we send stays in the cable... */
  stopReading(): void;
  /** ...until it is read after all. */
  readOn(): void;
  /** The cable is cut. */
  drop(): void;
  /** The peer's socket is gone. A stream has no codes. */
  closed: Promise<{ code: number | undefined }>;
  /** Handlers, timers and sockets that our end still holds. */
  leftovers(): { handlers: number; timers: number; isSocketOpen: boolean };
  cleanUp(): Promise<void>;
}

/** The time that the bridge goes by, standing still unless a test moves it. */
export type OpenPeer = (options: {
  clock: VirtualClock;
  answersPings?: boolean;
  onBadFrame?: () => void;
}) => Promise<BridgePeer>;

/** Writes down what a listener is told, in order. */
export class Diary {
  readonly lines: string[] = [];
  /** Of the bytes of the caller; whoever tests with more than words may do something else with them. */
  onAudio = (audio: Uint8Array): void => void this.lines.push(`said ${Buffer.from(audio).toString()}`);

  readonly hear = (event: BridgeEvent): void => {
    if (event.type === 'audio') this.onAudio(event.audio);
    else this.lines.push(lineOf(event));
  };
}

function lineOf(event: Exclude<BridgeEvent, { type: 'audio' }>): string {
  switch (event.type) {
    case 'prompt':
      return event.isFinal ? `said ${event.text}` : `saying ${event.text}`;
    case 'interrupt':
      return `interrupt ${event.heard}`;
    case 'mark':
      return `mark ${event.name}`;
    case 'played':
    case 'cleared':
      return `${event.type} ${event.samples}`;
    case 'digit':
      return `digit ${event.digit}`;
    case 'backpressure':
      return event.isFull ? 'full' : 'room';
    case 'spoken':
      return `spoken ${event.text}`;
    case 'speaking':
      return `${event.who} ${event.isSpeaking ? 'begins' : 'ends'}`;
    case 'closed':
      return `closed ${event.reason}`;
  }
}

const frameBytes = (format: AudioFormat): number => (bytesPerSample(format) * format.sampleRateHz * FRAME_MS) / 1_000;

/** JSON of which nobody can make anything, and a binary frame. */
export const MALFORMED_JSON = ['{', '', 'null', '[]', '{}', '"x"', '{"event":7,"type":7}', '\u0000', '1e999'];

export function bridgeContract(name: string, open: OpenPeer): void {
  describe(`${name} keeps the contract of a bridge`, () => {
    const peers: BridgePeer[] = [];
    afterEach(async () => {
      await Promise.all(peers.splice(0).map((peer) => peer.cleanUp()));
    });

    async function openPeer(
      options: { answersPings?: boolean } = {},
    ): Promise<{ peer: BridgePeer; clock: VirtualClock }> {
      const clock = new VirtualClock();
      const peer = await open({ clock, ...options });
      peers.push(peer);
      return { peer, clock };
    }

    async function startCall(options: { answersPings?: boolean } = {}) {
      const { peer, clock } = await openPeer(options);
      const accepting = peer.accept();
      peer.start();
      const call = await accepting;
      const diary = new Diary();
      call.listen(diary.hear);
      const closed = () => until(() => expect(diary.lines.at(-1)).toMatch(/^closed/));
      return { peer, clock, call, diary, closed };
    }

    test('it is handed over with who calls whom and what it can do', async () => {
      const { call } = await startCall();
      expect(call.name).toBe(name);
      expect(call.caller).toMatchObject({ carrierCallId: 'CA1', from: '+14155550100', to: '+14155550101' });
      expect(call.caller.parameters).toMatchObject({ tenant: 'acme' });
      expect('inFormat' in call.capabilities).toBe(call.kind === 'audio');
      if (call.kind !== 'audio') return;
      const { inFormat, outFormat, feed } = call.capabilities;
      expect(inFormat.sampleRateHz).toBeGreaterThanOrEqual(8_000);
      expect(feed.mostBytes).toBeGreaterThanOrEqual(Math.max(feed.leastBytes, frameBytes(outFormat)));
      expect(feed.leastBytes % feed.multipleOfBytes).toBe(0);
      expect(feed.multipleOfBytes % bytesPerSample(outFormat)).toBe(0);
    });

    test.each([
      null,
      '',
      [[]],
      {},
      [[1]],
      7,
      false,
      'x'.repeat(5_000),
      { length: { toString: 0 } },
      { __proto__: null, a: null, b: { c: [] }, d: 'kept' },
      Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`wrong ${index}`, null])),
    ])(
      'a start of which all that a call can do without is odd (%#) is a start, and what is left out is counted',
      async (odd) => {
        let badFrames = 0;
        const clock = new VirtualClock();
        const peer = await open({ clock, onBadFrame: () => badFrames++ });
        peers.push(peer);
        const accepting = peer.accept();
        peer.startWith(odd);
        const call = await accepting;
        const { carrierCallId, from, to, parameters } = call.caller;
        expect(carrierCallId).toBe('CA1');
        for (const value of [from ?? '', to ?? '', ...Object.values(parameters)]) expect(value).toBeTypeOf('string');
        const mayBeOfUse = odd === null || odd === '' || typeof odd === 'number'; // as nothing, or as text
        expect(badFrames).toBeLessThanOrEqual(1);
        if (!mayBeOfUse) expect(badFrames).toBe(1);
        const diary = new Diary();
        call.listen(diary.hear);
        peer.say('one');
        await peer.settle();
        expect(diary.lines).toEqual(['said one']);
      },
    );

    test('what comes before anybody listens is kept, in order', async () => {
      const { peer } = await openPeer();
      const accepting = peer.accept();
      peer.start();
      peer.say('one');
      peer.press('5');
      peer.say('two');
      const call = await accepting;
      await peer.settle();
      const diary = new Diary();
      call.listen(diary.hear);
      expect(diary.lines).toEqual(['said one', 'digit 5', 'said two']);
    });

    test('even the end is kept for whoever listens too late', async () => {
      const { peer } = await openPeer();
      const accepting = peer.accept();
      peer.start();
      const call = await accepting;
      peer.say('one');
      peer.hangUp();
      await peer.closed;
      const diary = new Diary();
      call.listen(diary.hear);
      expect(diary.lines).toEqual(['said one', 'closed caller-hung-up']);
    });

    test('a second listener is refused', async () => {
      const { call } = await startCall();
      expect(() => call.listen(new Diary().hear)).toThrow(/Expected one listener/);
    });

    test('the caller is heard in order: words, keys, repeated keys', async () => {
      const { peer, diary } = await startCall();
      for (const word of ['one', 'two']) peer.say(word);
      for (const digit of '0*#99') peer.press(digit);
      peer.say('three');
      await peer.settle();
      expect(diary.lines).toEqual([
        ...['said one', 'said two', 'digit 0', 'digit *', 'digit #', 'digit 9', 'digit 9', 'said three'],
      ]);
    });

    test('what the agent says arrives in order and whole', async () => {
      const { peer, call } = await startCall();
      if (call.kind === 'audio') {
        const audio = Uint8Array.from({ length: 80_000 }, (_, i) => i % 251);
        call.sendAudio(audio.subarray(0, 160));
        call.sendAudio(audio.subarray(160, 161));
        call.sendAudio(audio.subarray(161));
        call.sendAudio(new Uint8Array(0));
        await peer.settle();
        const parts = peer.received().map((message) => (message.type === 'audio' ? message.audio : new Uint8Array(0)));
        expect(Buffer.concat(parts).equals(audio)).toBe(true);
        expect(parts.every((part) => part.length > 0)).toBe(true);
        expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(call.capabilities.feed.mostBytes);
      } else {
        for (const token of ['Hello, ', 'you "there"\n', '\u{1f600}']) call.sendText(token, false);
        call.sendText('', true);
        await peer.settle();
        const texts = peer.received().map((message) => (message.type === 'text' ? message.text : '?'));
        expect(texts.join('')).toBe('Hello, you "there"\n\u{1f600}');
        expect(peer.received().at(-1)).toEqual({ type: 'text', text: '', isLast: true });
      }
    });

    test('what it cannot carry it has no way to be given', async () => {
      const { call } = await startCall();
      expect(['sendAudio' in call, 'sendMark' in call, 'sendText' in call]).toEqual(
        call.kind === 'audio' ? [true, true, false] : [false, false, true],
      );
    });

    test('marks go out between the audio and come back by name, where there are marks', async () => {
      const { peer, call, diary } = await startCall();
      if (call.kind !== 'audio') return;
      call.sendMark('u1:1');
      if (call.capabilities.reports !== 'marks') {
        await peer.settle();
        expect(peer.received()).toEqual([]);
        return;
      }
      call.sendAudio(new Uint8Array(160));
      call.sendMark('u1:"2"');
      await peer.settle();
      expect(peer.received().map(({ type }) => type)).toEqual(['mark', 'audio', 'mark']);
      peer.played('u1:1');
      peer.played('u1:"2"');
      await peer.settle();
      expect(diary.lines).toEqual(['mark u1:1', 'mark u1:"2"']);
    });

    test('clear reaches the peer in its place, where there is a clear', async () => {
      const { peer, call } = await startCall();
      call.clear();
      const hasClear = call.kind === 'audio' && call.capabilities.clear;
      if (hasClear) call.sendAudio(new Uint8Array(160));
      await peer.settle();
      expect(peer.received().map(({ type }) => type)).toEqual(hasClear ? ['clear', 'audio'] : []);
    });

    test('what the peer counts of what was heard is told as it comes, where it counts', async () => {
      const { peer, call, diary } = await startCall();
      if (call.kind !== 'audio' || call.capabilities.reports !== 'samples') return;
      call.sendAudio(new Uint8Array(640));
      peer.counted('played', 160);
      call.clear();
      peer.counted('cleared', 200);
      await peer.settle();
      expect(diary.lines).toEqual(['played 160', 'cleared 200']);
    });

    test('digits and transfers are done, or refused with a code', async () => {
      const { peer, call, clock } = await startCall();
      if (call.capabilities.dtmfOut === 'inband') {
        const keys = () => peer.received().map((message) => (message.type === 'digits' ? message.digits : '?'));
        const pressing = call.sendDigits('1w2#');
        await peer.settle();
        if (peer.wire.cannotPause) expect(keys().join('')).toBe('1');
        clock.advanceBy(500);
        await pressing;
        await peer.settle();
        expect(keys().join('')).toBe(peer.wire.cannotPause ? '12#' : '1w2#');
        await expect(call.sendDigits('1;2')).rejects.toMatchObject({ code: 'request-invalid' });
      } else {
        await expect(call.sendDigits('1')).rejects.toMatchObject({ code: 'request-invalid' });
      }
      if (call.capabilities.transfer === 'none') {
        await expect(call.transfer('+14155550102')).rejects.toMatchObject({ code: 'request-invalid' });
      }
    });

    test('hanging up twice ends the call once', async () => {
      const { peer, call, diary } = await startCall();
      const [first, second] = [call.hangUp(), call.hangUp()];
      await Promise.all([first, second, peer.closed]);
      await call.hangUp();
      expect(diary.lines).toEqual(['closed hung-up']);
      if (peer.wire.endsInband) expect(peer.received().at(-1)).toEqual({ type: 'end' });
    });

    test('letting go of the line alone closes the socket, tells it, and sends nothing that ends the call', async () => {
      const { peer, call, diary } = await startCall();
      const sent = peer.received().filter(({ type }) => type !== 'end').length;
      await Promise.all([call.hangUp('line'), peer.closed]);
      expect(diary.lines).toEqual(['closed hung-up']);
      expect(peer.received()).toHaveLength(sent);
    });

    test('after the end nothing is told and nothing is sent', async () => {
      const { peer, call, diary } = await startCall();
      const done = call.hangUp();
      peer.say('too late');
      peer.press('1');
      await done;
      const sent = peer.received().length;
      if (call.kind === 'audio') {
        call.sendAudio(new Uint8Array(160));
        call.sendMark('late');
      } else call.sendText('anybody there?', true);
      call.clear();
      await expect(call.sendDigits('1')).rejects.toThrow();
      await expect(call.transfer('+1')).rejects.toThrow();
      await peer.closed;
      expect(peer.received()).toHaveLength(sent);
      expect(diary.lines).toEqual(['closed hung-up']);
    });

    test('the caller hanging up closes the call once, and the socket', async () => {
      const { peer, call, diary, closed } = await startCall();
      peer.say('bye');
      peer.hangUp();
      await closed();
      await peer.closed;
      await call.hangUp();
      expect(diary.lines).toEqual(['said bye', 'closed caller-hung-up']);
    });

    test('a lost socket closes the call once', async () => {
      const { peer, diary, closed } = await startCall();
      peer.drop();
      await closed();
      expect(diary.lines).toEqual(['closed socket-lost']);
    });

    test('ten malformed frames in a row are survived, the eleventh is not', async () => {
      const { peer, diary, closed } = await startCall();
      expect(peer.wire.malformed).toHaveLength(10);
      peer.wire.malformed.forEach((frame) => peer.sendRaw(frame));
      peer.say('still here');
      await peer.settle();
      expect(diary.lines).toEqual(['said still here']);
      for (let i = 0; i < 11; i++) peer.sendRaw(peer.wire.malformed[0]!);
      peer.say('gone');
      await closed();
      expect(diary.lines).toEqual(['said still here', 'closed protocol-error']);
      expect((await peer.closed).code).toBe(peer.wire.isStream ? undefined : 1007);
    });

    test('events that came into the world later are ignored', async () => {
      const { peer, diary } = await startCall();
      for (let i = 0; i < 50; i++) peer.sendRaw(peer.wire.unknown(i));
      peer.say('hello');
      await peer.settle();
      expect(diary.lines).toEqual(['said hello']);
    });

    test('a second start is a bad frame and changes nothing', async () => {
      const { peer, call, diary } = await startCall();
      peer.start();
      peer.say('hello');
      await peer.settle();
      expect(diary.lines).toEqual(['said hello']);
      expect(call.caller.carrierCallId).toBe('CA1');
    });

    test('a peer that does not say who it is within 10 s is let go', async () => {
      const { peer, clock } = await openPeer();
      const refusal = expect(peer.accept()).rejects.toMatchObject({ code: 'connect-timeout' });
      peer.say('hello?');
      await peer.settle();
      clock.advanceBy(10_000);
      await refusal;
      expect((await peer.closed).code).toBe(peer.wire.isStream ? undefined : 1008);
    });

    test('a peer that sends only rubbish before it starts is let go', async () => {
      const { peer } = await openPeer();
      const refusal = expect(peer.accept()).rejects.toMatchObject({ code: 'frame-invalid' });
      for (let i = 0; i < 11; i++) peer.sendRaw(peer.wire.malformed[0]!);
      await refusal;
      expect((await peer.closed).code).toBe(peer.wire.isStream ? undefined : 1007);
    });

    test('a peer whose first frame is longer than any start is let go, and nothing of it is read', async () => {
      const { peer } = await openPeer();
      const refusal = expect(peer.accept()).rejects.toMatchObject({
        code: 'frame-invalid',
        message: expect.stringMatching(/at most 65536 bytes before the start/) as string,
      });
      peer.sendRaw(Buffer.alloc(70_000, 0xff));
      await refusal;
      expect((await peer.closed).code).toBe(peer.wire.isStream ? undefined : 1007);
    });

    test('a socket that closes before the start is an error, not a call', async () => {
      const { peer } = await openPeer();
      const refusal = expect(peer.accept()).rejects.toMatchObject({ code: 'closed' });
      peer.drop();
      await refusal;
    });

    test('a peer that leaves two pings unanswered is gone', async () => {
      const { clock, diary, closed } = await startCall({ answersPings: false });
      clock.advanceBy(74_999);
      expect(diary.lines).toEqual([]);
      clock.advanceBy(1);
      await closed();
      expect(diary.lines).toEqual(['closed socket-lost']);
    });

    test('a peer that answers pings may be silent for ever; where there are none, it is heard of by what it sends', async () => {
      const { peer, clock, diary } = await startCall();
      for (let i = 0; i < 8; i++) {
        clock.advanceBy(25_000);
        if (peer.wire.isStream) peer.press('1');
        await peer.settle();
      }
      expect(diary.lines).toEqual(peer.wire.isStream ? Array.from({ length: 8 }, () => 'digit 1') : []);
    });

    const tooMuch = async (call: BridgeCall, isEnough: () => boolean): Promise<number> => {
      const piece = 'x'.repeat(64_000);
      let sent = 0;
      for (; !isEnough() && sent < 1_000; sent++) {
        if (call.kind === 'audio') call.sendAudio(Buffer.from(piece));
        else call.sendText(piece, false);
        await new Promise(setImmediate);
      }
      return sent;
    };

    test('a peer that does not read is gone before it fills the memory', async () => {
      const { peer, call, diary } = await startCall();
      peer.stopReading();
      const sent = await tooMuch(call, () => diary.lines.includes('closed socket-lost'));
      expect(diary.lines).toEqual(['full', 'closed socket-lost']);
      expect(sent).toBeLessThan(1_000);
    });

    test('a peer that does not read for a while has its line say that it is full, and that there is room again', async () => {
      const { peer, call, diary } = await startCall();
      peer.stopReading();
      await tooMuch(call, () => diary.lines.length > 0);
      expect(diary.lines).toEqual(['full']);
      peer.readOn();
      await until(() => expect(diary.lines).toEqual(['full', 'room']));
    });

    test('audio that comes before the start is told behind it, in order, of too much the last; else it is a bad frame', async () => {
      const { peer } = await openPeer();
      const accepting = peer.accept();
      const early = Array.from({ length: 10 }, (_, i) => String(i).repeat(8_000));
      for (const words of early) peer.say(words);
      peer.start();
      peer.say('in time');
      const call = await accepting;
      await peer.settle();
      const diary = new Diary();
      call.listen(diary.hear);
      const kept = peer.wire.hasEarlyAudio ? early.slice(2) : []; // 64 kB
      expect(diary.lines).toEqual([...kept, 'in time'].map((words) => `said ${words}`));
    });

    test('a listener that throws ends its own call and nothing else', async () => {
      const { peer } = await openPeer();
      const accepting = peer.accept();
      peer.start();
      const call = await accepting;
      const reasons: string[] = [];
      const fail = (): never => {
        throw new Error('broken listener');
      };
      call.listen((event: BridgeEvent) => (event.type === 'closed' ? reasons.push(event.reason) : fail()));
      peer.say('hello');
      expect((await peer.closed).code).toBe(peer.wire.isStream ? undefined : 1011);
      expect(reasons).toEqual(['internal-error']);
    });

    test.each(['we', 'the caller', 'the cable'])('nothing is left when %s ended the call', async (who) => {
      const { peer, call, closed } = await startCall();
      if (who === 'we') await call.hangUp();
      else if (who === 'the caller') peer.hangUp();
      else peer.drop();
      await closed();
      await until(() => expect(peer.leftovers()).toEqual({ handlers: 0, timers: 0, isSocketOpen: false }));
    });
  });
}
