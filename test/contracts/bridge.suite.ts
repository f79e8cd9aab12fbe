/** What every bridge promises, whatever it speaks on the wire: `src/bridge/contract.ts`, clause by clause. */
import { afterEach, describe, expect, test } from 'vitest';
import type { BridgeCall, BridgeListener } from '../../src/bridge/contract.ts';
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

/** The other end of a line, played by a test over a real socket. */
export interface BridgePeer {
  /** Takes over our end. */
  accept(): Promise<BridgeCall>;
  /** Says who is calling: `CA1`, from `+14155550100` to `+14155550101`, with a parameter `tenant` = `acme`. */
  start(): void;
  /** The caller: three of them in an order that has to be kept. */
  say(words: string): void;
  press(digit: string): void;
  /** Says that it has played a mark. Only when the bridge has marks. */
  played(name: string): void;
  sendRaw(frame: string | Buffer): void;
  received(): PeerMessage[];
  /** Everything sent so far, by either side, has arrived. */
  settle(): Promise<void>;
  /** The caller hangs up, as the protocol says it. */
  hangUp(): void;
  /** What we send stays in the cable. */
  stopReading(): void;
  /** The cable is cut. */
  drop(): void;
  /** The peer's socket is gone. */
  closed: Promise<{ code: number }>;
  /** Handlers, timers and sockets that our end still holds. */
  leftovers(): { handlers: number; timers: number; isSocketOpen: boolean };
  cleanUp(): Promise<void>;
}

/** The time that the bridge goes by, standing still unless a test moves it. */
export type OpenPeer = (options: { clock: VirtualClock; answersPings?: boolean }) => Promise<BridgePeer>;

/** Writes down what a listener is told, in order. */
export class Diary implements BridgeListener {
  readonly lines: string[] = [];
  audio(audio: Uint8Array): void {
    this.lines.push(`said ${Buffer.from(audio).toString()}`);
  }
  prompt(text: string, isFinal: boolean): void {
    this.lines.push(isFinal ? `said ${text}` : `saying ${text}`);
  }
  interrupt(heard: string): void {
    this.lines.push(`interrupt ${heard}`);
  }
  mark(name: string): void {
    this.lines.push(`mark ${name}`);
  }
  digit(digit: string): void {
    this.lines.push(`digit ${digit}`);
  }
  spoken(text: string): void {
    this.lines.push(`spoken ${text}`);
  }
  speaking(who: string, isSpeaking: boolean): void {
    this.lines.push(`${who} ${isSpeaking ? 'begins' : 'ends'}`);
  }
  closed(reason: string): void {
    this.lines.push(`closed ${reason}`);
  }
}

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
      call.listen(diary);
      const closed = () => until(() => expect(diary.lines.at(-1)).toMatch(/^closed/));
      return { peer, clock, call, diary, closed };
    }

    test('it is handed over with who calls whom and what it can do', async () => {
      const { call } = await startCall();
      expect(call.name).toBe(name);
      expect(call.caller).toMatchObject({ bridgeCallId: 'CA1', from: '+14155550100', to: '+14155550101' });
      expect(call.caller.parameters).toMatchObject({ tenant: 'acme' });
      const { kind, inFormat, outFormat } = call.capabilities;
      expect([inFormat !== undefined, outFormat !== undefined]).toEqual([kind === 'audio', kind === 'audio']);
    });

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
      call.listen(diary);
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
      call.listen(diary);
      expect(diary.lines).toEqual(['said one', 'closed caller-hung-up']);
    });

    test('a second listener is refused', async () => {
      const { call } = await startCall();
      expect(() => call.listen(new Diary())).toThrow(/Expected one listener/);
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
      if (call.capabilities.kind === 'audio') {
        const audio = Uint8Array.from({ length: 80_000 }, (_, i) => i % 251);
        call.sendAudio(audio.subarray(0, 160));
        call.sendAudio(audio.subarray(160, 161));
        call.sendAudio(audio.subarray(161));
        call.sendAudio(new Uint8Array(0));
        await peer.settle();
        const parts = peer.received().map((message) => (message.type === 'audio' ? message.audio : new Uint8Array(0)));
        expect(Buffer.concat(parts).equals(audio)).toBe(true);
        expect(parts.every((part) => part.length > 0)).toBe(true);
      } else {
        for (const token of ['Hello, ', 'you "there"\n', '\u{1f600}']) call.sendText(token, false);
        call.sendText('', true);
        await peer.settle();
        const texts = peer.received().map((message) => (message.type === 'text' ? message.text : '?'));
        expect(texts.join('')).toBe('Hello, you "there"\n\u{1f600}');
        expect(peer.received().at(-1)).toEqual({ type: 'text', text: '', isLast: true });
      }
    });

    test('it refuses what it cannot carry', async () => {
      const { call } = await startCall();
      const wrong =
        call.capabilities.kind === 'audio'
          ? () => call.sendText('hi', true)
          : () => call.sendAudio(new Uint8Array(160));
      expect(wrong).toThrow(expect.objectContaining({ code: 'request-invalid' }) as Error);
    });

    test('marks go out between the audio and come back by name, where there are marks', async () => {
      const { peer, call, diary } = await startCall();
      call.sendMark('u1:1');
      if (!call.capabilities.marks) {
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
      if (call.capabilities.clear) call.sendAudio(new Uint8Array(160));
      await peer.settle();
      expect(peer.received().map(({ type }) => type)).toEqual(call.capabilities.clear ? ['clear', 'audio'] : []);
    });

    test('digits and transfers are done, or refused with a code', async () => {
      const { peer, call } = await startCall();
      if (call.capabilities.dtmfOut === 'inband') {
        await call.sendDigits('1w2#');
        await peer.settle();
        expect(peer.received()).toEqual([{ type: 'digits', digits: '1w2#' }]);
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
      if (call.capabilities.hangUp === 'inband') expect(peer.received().at(-1)).toEqual({ type: 'end' });
    });

    test('after the end nothing is told and nothing is sent', async () => {
      const { peer, call, diary } = await startCall();
      const done = call.hangUp();
      peer.say('too late');
      peer.press('1');
      await done;
      const sent = peer.received().length;
      if (call.capabilities.kind === 'audio') call.sendAudio(new Uint8Array(160));
      else call.sendText('anybody there?', true);
      call.sendMark('late');
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
      const garbage = [
        '',
        'null',
        '[]',
        '{',
        '{}',
        '"x"',
        '{"event":7,"type":7}',
        '\u0000',
        '1e999',
        Buffer.from([1, 2, 3]),
      ];
      garbage.forEach((frame) => peer.sendRaw(frame));
      peer.say('still here');
      await peer.settle();
      expect(diary.lines).toEqual(['said still here']);
      for (let i = 0; i < 11; i++) peer.sendRaw('{');
      peer.say('gone');
      await closed();
      expect(diary.lines).toEqual(['said still here', 'closed protocol-error']);
      expect((await peer.closed).code).toBe(1007);
    });

    test('events that came into the world later are ignored', async () => {
      const { peer, diary } = await startCall();
      for (let i = 0; i < 50; i++) peer.sendRaw(`{"event":"new-${i}","type":"new-${i}","streamSid":"MZ1"}`);
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
      expect(call.caller.bridgeCallId).toBe('CA1');
    });

    test('a peer that does not say who it is within 10 s is let go', async () => {
      const { peer, clock } = await openPeer();
      const refusal = expect(peer.accept()).rejects.toMatchObject({ code: 'connect-timeout' });
      peer.say('hello?');
      await peer.settle();
      clock.advanceBy(10_000);
      await refusal;
      expect((await peer.closed).code).toBe(1008);
    });

    test('a peer that sends only rubbish before it starts is let go', async () => {
      const { peer } = await openPeer();
      const refusal = expect(peer.accept()).rejects.toMatchObject({ code: 'frame-invalid' });
      for (let i = 0; i < 11; i++) peer.sendRaw('rubbish');
      await refusal;
      expect((await peer.closed).code).toBe(1007);
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

    test('a peer that answers pings may be silent for ever', async () => {
      const { peer, clock, diary } = await startCall();
      for (let i = 0; i < 8; i++) {
        clock.advanceBy(25_000);
        await peer.settle();
      }
      expect(diary.lines).toEqual([]);
    });

    test('a peer that does not read is gone before it fills the memory', async () => {
      const { peer, call, diary } = await startCall();
      peer.stopReading();
      const piece = 'x'.repeat(64_000);
      let sent = 0;
      for (; diary.lines.length === 0 && sent < 1_000; sent++) {
        if (call.capabilities.kind === 'audio') call.sendAudio(Buffer.from(piece));
        else call.sendText(piece, false);
        await new Promise(setImmediate);
      }
      expect(diary.lines).toEqual(['closed socket-lost']);
      expect(sent).toBeLessThan(1_000);
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
      call.listen({ audio: fail, prompt: fail, closed: (reason) => reasons.push(reason) });
      peer.say('hello');
      expect((await peer.closed).code).toBe(1011);
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
