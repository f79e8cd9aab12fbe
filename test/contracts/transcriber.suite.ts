/** What every transcriber promises, whoever it asks: `src/listen/contract.ts`, clause by clause. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { bytesPerSample, type AudioFormat } from '../../src/audio/contract.ts';
import { ProviderError } from '../../src/lib/errors.ts';
import type {
  HeardWord,
  ListenOptions,
  Transcriber,
  TranscriptionLine,
  TranscriptListener,
} from '../../src/listen/contract.ts';

/** A transcriber, and what its vendor does as a test asks. */
export interface EarWorld {
  transcriber: Transcriber;
  /** Of the callers' audio. */
  format: AudioFormat;
  listen: ListenOptions;
  /** It tells what it understands while a stretch of speech still lasts, however short. Default true. */
  hasInterims?: boolean;
  /** What it cannot hear. */
  unheard: { format: AudioFormat; listen: ListenOptions };
  /** Audio of someone who says `words` and is silent behind them. `atMs`: how much audio of this call there was before. */
  audioOf(callId: string, words: string, options: { atMs: number; silenceMs: number }): Uint8Array;
  /** Connections that are open break; others may be opened. */
  lose(): void;
  /** From now on nobody is let in, for their key. */
  refuse(): void;
  /** From now on nothing is answered on what is open. */
  mute(): void;
  /** Timers of this end that are set. */
  timers(): number;
  /** Others may be asked before the one who hears: what is counted follows from how they fail. Default false. */
  isList?: boolean;
  close(): Promise<void>;
}

/** What one caller's line has told, in order: `up 0`, `lost`, `start`, `end`, `i:` interims, `f:` finals, `failed code`. */
class Call implements TranscriptListener {
  readonly log: string[] = [];
  readonly words: HeardWord[] = [];
  readonly errors: ProviderError[] = [];
  line: TranscriptionLine | undefined;
  audioMs = 0;
  readonly #world: EarWorld;
  readonly #callId: string;

  constructor(world: EarWorld, callId: string) {
    this.#world = world;
    this.#callId = callId;
  }

  transcript(text: string, isFinal: boolean, words: readonly HeardWord[] = []): void {
    this.log.push(`${isFinal ? 'f' : 'i'}:${text.trim()}`);
    if (isFinal) this.words.push(...words);
  }
  speech(phase: string): void {
    this.log.push(phase);
  }
  failed(error: ProviderError): void {
    this.log.push(`failed ${error.code}`);
    this.errors.push(error);
  }
  lost(): void {
    this.log.push('lost');
  }
  connected(reconnects: number): void {
    this.log.push(`up ${reconnects}`);
  }

  get finals(): string[] {
    return this.log.filter((entry) => entry.startsWith('f:')).map((entry) => entry.slice(2));
  }

  /** All that was understood for good. */
  get understood(): string {
    return this.finals.filter((text) => text !== '').join(' ');
  }

  /** The caller speaks, in frames of `frameBytes`. */
  say(words: string, { silenceMs = 600, frameBytes = 160 } = {}): void {
    const audio = this.#world.audioOf(this.#callId, words, { atMs: this.audioMs, silenceMs });
    const { format } = this.#world;
    this.audioMs += (audio.length * 1_000) / (format.sampleRateHz * bytesPerSample(format));
    for (let at = 0; at < audio.length; at += frameBytes) this.line!.push(audio.subarray(at, at + frameBytes));
  }
}

const until = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 10_000 });

export function transcriberContract(name: string, openWorld: () => Promise<EarWorld>): void {
  describe(`${name} keeps the contract of a transcriber`, () => {
    const worlds: EarWorld[] = [];
    afterEach(async () => {
      for (const world of worlds.splice(0)) {
        await world.transcriber.close();
        expect({ timers: world.timers(), sockets: world.transcriber.stats?.openSockets }).toEqual({
          timers: 0,
          sockets: 0,
        });
        await world.close();
      }
    });

    async function setUp() {
      const world = await openWorld();
      worlds.push(world);
      let calls = 0;
      const open = (callId = `call-${++calls}`) => {
        const call = new Call(world, callId);
        call.line = world.transcriber.open({ callId, format: world.format, listen: world.listen }, call);
        return { call, line: call.line };
      };
      const up = async () => {
        const opened = open();
        await until(() => expect(opened.call.log).toContain('up 0'));
        return opened;
      };
      return { world, open, up };
    }

    /** An exchange on a line of its own is over: what was to be told elsewhere has been. */
    async function settle({ up }: Awaited<ReturnType<typeof setUp>>): Promise<void> {
      const { call, line } = await up();
      call.say('settled');
      await until(() => expect(call.understood).toBe('settled'));
      line.close();
    }

    test('nothing is told from inside of `open`; the first connection counts as 0', async () => {
      const { open } = await setUp();
      const { call } = open();
      expect(call.log).toEqual([]);
      await until(() => expect(call.log).toEqual(['up 0']));
    });

    test('audio from before the line is up is kept', async () => {
      const { open } = await setUp();
      const { call } = open();
      call.say('Early words.');
      expect(call.log).toEqual([]);
      await until(() => expect(call.understood).toBe('Early words.'));
    });

    test('an interim replaces the one before it, and the final of the segment comes behind them', async () => {
      const { world, up } = await setUp();
      const { call } = await up();
      call.say('One two three.');
      await until(() => expect(call.finals).toEqual(['One two three.']));
      const interims = call.log.filter((entry) => entry.startsWith('i:')).map((entry) => entry.slice(2));
      if (world.hasInterims ?? true) expect(interims.length).toBeGreaterThan(0);
      const letters = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
      for (const text of interims) expect(letters('One two three.').startsWith(letters(text))).toBe(true);
      expect(call.log.filter((entry) => /^[if]:/.test(entry)).at(-1)).toBe('f:One two three.');
    });

    test('segments come in the order in which they were said, each once', async () => {
      const { up } = await setUp();
      const { call } = await up();
      for (const text of ['First.', 'Second one.', 'Third.']) call.say(text);
      await until(() => expect(call.finals).toEqual(['First.', 'Second one.', 'Third.']));
    });

    test.each([1, 7, 100_000])('audio may come in pieces of %i bytes', async (frameBytes) => {
      const { up } = await setUp();
      const { call } = await up();
      call.say('Hello there.', { frameBytes });
      await until(() => expect(call.understood).toBe('Hello there.'));
    });

    test('`finalize` brings one answer: what was said so far, or nothing', async () => {
      const { up } = await setUp();
      const { call, line } = await up();
      call.say('Stop', { silenceMs: 40 });
      line.finalize();
      await until(() => expect(call.finals).toEqual(['Stop']));
      line.finalize();
      await until(() => expect(call.finals).toEqual(['Stop', '']));
      call.say('Go on.');
      await until(() => expect(call.finals).toEqual(['Stop', '', 'Go on.']));
    });

    test('`finalize` before the line is up is answered once it is', async () => {
      const { open } = await setUp();
      const { call, line } = open();
      call.say('Quick', { silenceMs: 40 });
      line.finalize();
      await until(() => expect(call.finals).toEqual(['Quick']));
    });

    test('words have their times in the audio that was pushed, when they have any', async () => {
      const { up } = await setUp();
      const { call } = await up();
      call.say('', { silenceMs: 1_000 });
      call.say('One two.');
      await until(() => expect(call.understood).toBe('One two.'));
      let lastMs = 950;
      for (const { startMs, endMs } of call.words) {
        expect(startMs).toBeGreaterThanOrEqual(lastMs);
        expect(endMs).toBeGreaterThan(startMs);
        lastMs = endMs;
      }
      expect(lastMs).toBeLessThanOrEqual(call.audioMs);
    });

    test('a connection that breaks is opened again: no word is lost, none comes twice, and times go on', async () => {
      const { world, up } = await setUp();
      const { call } = await up();
      call.say('First sentence.');
      await until(() => expect(call.finals).toEqual(['First sentence.']));
      call.say('The second is cut', { silenceMs: 0 });
      world.lose();
      await until(() => expect(call.log).toContain('up 1'));
      expect(call.log.indexOf('lost')).toBeLessThan(call.log.indexOf('up 1'));
      call.say(' in the middle.');
      await until(() => expect(call.understood).toBe('First sentence. The second is cut in the middle.'));
      expect(call.errors).toEqual([]);
      expect(call.log.filter((entry) => entry === 'lost')).toHaveLength(1);
      const startsMs = call.words.map(({ startMs }) => startMs);
      expect(startsMs).toEqual([...startsMs].sort((a, b) => a - b));
      const counted = (times: number): unknown => (world.isList ? expect.any(Number) : times);
      expect(world.transcriber.stats).toMatchObject({ openSockets: 1, reconnects: counted(1), failures: counted(1) });
    });

    test('what is said while there is no connection is kept', async () => {
      const { world, up } = await setUp();
      const { call, line } = await up();
      world.lose();
      call.say('Are you there', { silenceMs: 40 });
      line.finalize();
      await until(() => expect(call.understood).toBe('Are you there'));
    });

    test('gone for good it says so once, with a code, and nothing after it', async () => {
      const { world, up, open } = await setUp();
      const opened = await up();
      const { call, line } = opened;
      const close = vi.spyOn(call, 'failed').mockImplementation((error) => {
        call.errors.push(error);
        line.close(); // as whoever hears of it may do
      });
      world.refuse();
      world.lose();
      call.say('Are you there?'); // who asks for each stretch of speech notices only now
      await until(() => expect(close).toHaveBeenCalledTimes(1));
      const told = call.log.length;
      call.say('Anybody?');
      line.finalize();
      line.close();
      const other = open().call;
      await until(() => expect(other.errors).toHaveLength(1));
      for (const error of [...call.errors, ...other.errors]) {
        expect(error).toBeInstanceOf(ProviderError);
        expect(error).toMatchObject({ provider: world.transcriber.name, code: 'unauthorized', phase: 'connect' });
      }
      expect(call.log).toHaveLength(told);
      expect(other.log).toEqual(['failed unauthorized']);
      expect(close).toHaveBeenCalledTimes(1);
    });

    test('`close` asks for the last final, tells it, and lets go; a second one, and what comes after it, do nothing', async () => {
      const setting = await setUp();
      const { world, up } = setting;
      const { call, line } = await up();
      call.say('Good bye', { silenceMs: 40 });
      line.close();
      line.close();
      call.say('Too late.');
      line.finalize();
      await until(() => expect(call.finals).toEqual(['Good bye']));
      await until(() => expect(world.transcriber.stats?.openSockets).toBe(0));
      const told = call.log.length;
      await settle(setting);
      line.close();
      expect(call.log).toHaveLength(told);
      expect(call.finals).toEqual(['Good bye']);
      expect(call.errors).toEqual([]);
    });

    test('`close` lets go in its time when nobody answers, and says nothing of it', async () => {
      const { world, up } = await setUp();
      const { call, line } = await up();
      call.say('Hello', { silenceMs: 200 });
      const heard = () => call.log.map((entry) => entry.toLowerCase().replace('f:', 'i:'));
      await until(() => expect(heard()).toContain('i:hello'));
      world.mute();
      const told = call.log.length;
      line.close();
      await until(() => expect(world.transcriber.stats?.openSockets).toBe(0));
      expect(call.log).toHaveLength(told);
    });

    test('`close` before the line is up, and while it is down, is the end of it', async () => {
      const setting = await setUp();
      const early = setting.open();
      early.call.say('Never heard.');
      early.line.close();
      expect(setting.world.timers()).toBe(0);
      const late = await setting.up();
      const lost = vi.spyOn(late.call, 'lost').mockImplementation(() => late.line.close());
      setting.world.lose();
      late.call.say('Are you there?');
      await until(() => expect(lost).toHaveBeenCalled());
      await settle(setting);
      expect(early.call.log).toEqual([]);
      expect(late.call.log).toEqual(['up 0']);
    });

    test('lines do not know each other', async () => {
      const { up } = await setUp();
      const [one, two] = [await up(), await up()];
      one.call.say('I am one.');
      two.call.say('I am two.');
      await until(() => expect([one.call.understood, two.call.understood]).toEqual(['I am one.', 'I am two.']));
      one.line.close();
      two.call.say('Still here.');
      await until(() => expect(two.call.understood).toBe('I am two. Still here.'));
      expect(one.call.understood).toBe('I am one.');
    });

    test('closing the transcriber closes every line, and settles when they are gone; twice is as good', async () => {
      const { world, up, open } = await setUp();
      const { call } = await up();
      open();
      call.say('Last words', { silenceMs: 40 });
      await Promise.all([world.transcriber.close(), world.transcriber.close()]);
      await world.transcriber.close();
      expect(call.understood).toBe('Last words');
      expect(world.transcriber.stats?.openSockets).toBe(0);
      expect(world.timers()).toBe(0);
    });

    test('what it cannot hear is refused when a line is opened', async () => {
      const { world } = await setUp();
      const call = new Call(world, 'call-x');
      expect(() => world.transcriber.open({ callId: 'call-x', ...world.unheard }, call)).toThrow(
        expect.objectContaining({ code: 'options-invalid' }) as Error,
      );
    });
  });
}
