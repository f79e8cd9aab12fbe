/** What every synthesizer promises, whoever speaks for it: `src/speak/contract.ts`, clause by clause. */
import { afterEach, describe, expect, test } from 'vitest';
import { bytesPerSample, type AudioFormat } from '../../src/audio/contract.ts';
import { until } from '../helpers/until.ts';
import { ProviderError } from '../../src/lib/errors.ts';
import type {
  Resumption,
  Synthesis,
  SynthesisLine,
  SynthesisListener,
  Synthesizer,
  VoiceOptions,
} from '../../src/speak/contract.ts';

/** A synthesizer, and what its vendor does as a test asks. */
export interface VoiceWorld {
  synthesizer: Synthesizer;
  /** With word times, if it knows any. */
  voice: VoiceOptions;
  /** What a listener understands of the audio. */
  understand(audio: Uint8Array, format: AudioFormat): string;
  /** The next `times` syntheses are cut off, each after so much audio. */
  cut(afterMs: number, times?: number): void;
  /** The next `times` syntheses are called complete, each after so much audio, as if all had been spoken. */
  mute(afterMs: number, times?: number): void;
  /** From now on nobody is let in, for their key. */
  refuse(): void;
  /** Timers of this end that are set. */
  timers(): number;
  /** Others may be asked before the one who speaks: what is counted follows from how they fail. Default false. */
  isList?: boolean;
  close(): Promise<void>;
}

/** One utterance, and what was told of it. */
class Utterance implements SynthesisListener {
  readonly log: ('audio' | 'word' | 'done' | 'failed')[] = [];
  readonly words: { word: string; startMs: number; endMs: number }[] = [];
  readonly errors: ProviderError[] = [];
  readonly clauses: string[] = [];
  chunks: Uint8Array[] = [];
  synthesis: Synthesis | undefined;
  readonly #world: VoiceWorld;
  readonly #format: AudioFormat;
  /** Called with each piece of audio, before it is noted. */
  heard: () => void = () => {};

  constructor(world: VoiceWorld, format: AudioFormat) {
    this.#world = world;
    this.#format = format;
  }

  audio(audio: Uint8Array): void {
    this.heard();
    this.log.push('audio');
    this.chunks.push(audio.slice());
  }
  word(word: string, startMs: number, endMs: number): void {
    this.log.push('word');
    this.words.push({ word, startMs, endMs });
  }
  done(): void {
    this.log.push('done');
  }
  failed(error: ProviderError): void {
    this.log.push('failed');
    this.errors.push(error);
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  get audioMs(): number {
    return (this.bytes.length * 1_000) / (this.#format.sampleRateHz * bytesPerSample(this.#format));
  }

  get understood(): string {
    return this.#world.understand(Uint8Array.from(this.bytes), this.#format);
  }

  get ending(): 'done' | 'failed' | undefined {
    const last = this.log.at(-1);
    return last === 'done' || last === 'failed' ? last : undefined;
  }

  async ended(): Promise<'done' | 'failed'> {
    await until(() => expect(this.ending).toBeDefined());
    return this.ending!;
  }
}

/** The same, by somebody who can tell what is still to be spoken when it is cut off. */
class ResumableUtterance extends Utterance {
  /** What is answered when it is asked. Default: all of it, and nothing is kept. */
  rest: (utterance: Utterance) => Resumption | undefined = () => ({ clauses: [...this.clauses], keptMs: 0 });
  asked = 0;

  resume(): Resumption | undefined {
    this.asked++;
    const rest = this.rest(this);
    if (rest?.keptMs === 0) this.chunks = [];
    return rest;
  }
}

const linear = (sampleRateHz: number): AudioFormat => ({ encoding: 'linear16', sampleRateHz });

export function synthesizerContract(name: string, openWorld: () => Promise<VoiceWorld>): void {
  describe(`${name} keeps the contract of a synthesizer`, () => {
    const worlds: VoiceWorld[] = [];
    afterEach(async () => {
      for (const world of worlds.splice(0)) {
        await world.synthesizer.close();
        expect({ timers: world.timers(), sockets: world.synthesizer.figures?.().sockets }).toEqual({
          timers: 0,
          sockets: 0,
        });
        await world.close();
      }
    });

    async function setUp() {
      const world = await openWorld();
      worlds.push(world);
      const { synthesizer, voice } = world;
      let calls = 0;
      const open = (sampleRateHz?: number) =>
        synthesizer.open({
          callId: `call-${++calls}`,
          voice,
          ...(sampleRateHz ? { wanted: linear(sampleRateHz) } : {}),
        });
      const formatOf = (line: SynthesisLine) => line.format ?? synthesizer.format;
      const begin = <T extends Utterance>(line: SynthesisLine, utterance: T, clauses: string[], isEnded = true): T => {
        utterance.synthesis = line.begin(utterance);
        for (const clause of clauses) {
          utterance.clauses.push(clause);
          utterance.synthesis.speak(clause);
        }
        if (isEnded) utterance.synthesis.end();
        return utterance;
      };
      const speak = (line: SynthesisLine, ...clauses: string[]) =>
        begin(line, new Utterance(world, formatOf(line)), clauses);
      const leaveOpen = (line: SynthesisLine, ...clauses: string[]) =>
        begin(line, new Utterance(world, formatOf(line)), clauses, false);
      const speakAgain = (line: SynthesisLine, ...clauses: string[]) =>
        begin(line, new ResumableUtterance(world, formatOf(line)), clauses);
      /** How often something was tried again. */
      const again = (times: number): unknown => (world.isList ? expect.any(Number) : times);
      return { world, synthesizer, voice, open, formatOf, speak, leaveOpen, speakAgain, again };
    }

    test('an utterance is spoken whole, clause by clause, and done once, after all of its audio', async () => {
      const { open, speak } = await setUp();
      const line = open();
      line.prewarm();
      const utterance = speak(line, 'Let me check ', 'that flight.');
      expect(utterance.log).toEqual([]); // nothing is told from inside of a call
      expect(await utterance.ended()).toBe('done');
      expect(utterance.understood).toBe('Let me check that flight.');
      expect(utterance.log.filter((entry) => entry === 'done')).toHaveLength(1);
      expect(await speak(line, 'And on.').ended()).toBe('done');
      expect(utterance.log.at(-1)).toBe('done');
    });

    test('what is said later comes behind what was said before', async () => {
      const { open, leaveOpen } = await setUp();
      const utterance = leaveOpen(open(), 'One moment. ');
      await until(() => expect(utterance.log).toContain('audio'));
      utterance.synthesis!.speak('Here it is.');
      utterance.synthesis!.end();
      expect(await utterance.ended()).toBe('done');
      expect(utterance.understood).toBe('One moment. Here it is.');
    });

    test('utterances are spoken one after the other, in the order in which they were begun', async () => {
      const { open, speak } = await setUp();
      const line = open();
      const order: string[] = [];
      const texts = ['First.', 'Second.', 'Third.'];
      const utterances = texts.map((text, i) => {
        const utterance = speak(line, text);
        utterance.heard = () => {
          order.push(text);
          for (const before of utterances.slice(0, i)) expect(before.ending).toBe('done');
        };
        return utterance;
      });
      for (const utterance of utterances) expect(await utterance.ended()).toBe('done');
      expect(utterances.map(({ understood }) => understood)).toEqual(texts);
      expect([...new Set(order)]).toEqual(texts);
    });

    test('audio comes in whole samples of the format that was told, at the rate that was asked for or above', async () => {
      const { open, formatOf, speak } = await setUp();
      const lengthsMs = new Set<number>();
      for (const rateHz of [undefined, 8_000, 16_000]) {
        const line = open(rateHz);
        const format = formatOf(line);
        if (format.encoding === 'linear16' && rateHz) expect(format.sampleRateHz).toBeGreaterThanOrEqual(rateHz);
        const utterance = speak(line, 'Hello there.');
        expect(await utterance.ended()).toBe('done');
        expect(utterance.understood).toBe('Hello there.');
        for (const chunk of utterance.chunks) expect(chunk.length % bytesPerSample(format)).toBe(0);
        lengthsMs.add(Math.round(utterance.audioMs / 100));
        line.close();
      }
      expect(lengthsMs.size).toBe(1); // a second is a second at any rate
    });

    test('words have their times from the first sample of the utterance, when they have any', async () => {
      const { open, speak } = await setUp();
      const line = open();
      await speak(line, 'Before it.').ended();
      const utterance = speak(line, 'Let me ', 'see it.');
      expect(await utterance.ended()).toBe('done');
      if (utterance.words.length > 0)
        expect(utterance.words.map(({ word }) => word)).toEqual(['Let', 'me', 'see', 'it.']);
      let lastMs = 0;
      for (const { startMs, endMs } of utterance.words) {
        expect(startMs).toBeGreaterThanOrEqual(lastMs);
        expect(endMs).toBeGreaterThan(startMs);
        lastMs = endMs;
      }
      expect(lastMs).toBeLessThanOrEqual(utterance.audioMs + 1);
    });

    test('an utterance without a word is done, later, and the next is spoken', async () => {
      const { open, speak } = await setUp();
      const line = open();
      const empty = speak(line);
      expect(empty.log).toEqual([]);
      const next = speak(line, 'After it.');
      expect([await empty.ended(), await next.ended()]).toEqual(['done', 'done']);
      expect(empty.log).toEqual(['done']);
    });

    test('what is said after the end is not spoken, and a second end is none', async () => {
      const { open, speak } = await setUp();
      const utterance = speak(open(), 'That is all.');
      utterance.synthesis!.speak('Or is it?');
      utterance.synthesis!.end();
      expect(await utterance.ended()).toBe('done');
      expect(utterance.understood).toBe('That is all.');
    });

    test.each(['at once', 'in the middle', 'from inside of its listener'])(
      'aborted %s it is silent from there on, and the next is spoken',
      async (when) => {
        const { open, speak } = await setUp();
        const line = open();
        const cut = speak(line, 'This is a long answer that will be cut off in the middle of it.');
        const abort = () => cut.synthesis!.abort();
        if (when === 'from inside of its listener') cut.heard = abort;
        if (when !== 'at once') await until(() => expect(cut.log).toContain('audio'));
        if (when !== 'from inside of its listener') abort();
        const told = cut.log.length;
        const next = speak(line, 'Yes?');
        expect(await next.ended()).toBe('done');
        expect(next.understood).toBe('Yes?');
        abort();
        expect(cut.log).toHaveLength(told);
        expect(cut.ending).toBeUndefined();
      },
    );

    test('aborted while it waits for its turn it is never spoken, and the one before is whole', async () => {
      const { open, speak } = await setUp();
      const line = open();
      const [first, second, third] = [speak(line, 'I stay.'), speak(line, 'I go.'), speak(line, 'I come.')];
      second.synthesis!.abort();
      second.synthesis!.speak('Still here?');
      second.synthesis!.end();
      expect([await first.ended(), await third.ended()]).toEqual(['done', 'done']);
      expect([first.understood, third.understood]).toEqual(['I stay.', 'I come.']);
      expect(second.log).toEqual([]);
    });

    test('an abort after the end changes nothing', async () => {
      const { open, speak } = await setUp();
      const line = open();
      const utterance = speak(line, 'Said.');
      await utterance.ended();
      utterance.synthesis!.abort();
      expect(await speak(line, 'Next.').ended()).toBe('done');
      expect(utterance.ending).toBe('done');
    });

    test('cut off before any audio it begins again by itself, and is heard once', async () => {
      const { world, synthesizer, open, speak, again } = await setUp();
      world.cut(0);
      const utterance = speak(open(), 'Hello there, ', 'caller.');
      expect(await utterance.ended()).toBe('done');
      expect(utterance.understood).toBe('Hello there, caller.');
      expect(synthesizer.figures?.()).toMatchObject({ resent: again(1), failed: 0, truncated: 0 });
    });

    test('cut off again and again it fails, once, with a code; what comes behind it is spoken', async () => {
      const { world, synthesizer, open, speak } = await setUp();
      world.cut(0, 2);
      const line = open();
      const [first, second] = [speak(line, 'Hello.'), speak(line, 'Sorry.')];
      expect([await first.ended(), await second.ended()]).toEqual(['failed', 'done']);
      expect(first.log).toEqual(['failed']);
      expect(first.errors[0]).toBeInstanceOf(ProviderError);
      expect(first.errors[0]).toMatchObject({ provider: synthesizer.name, code: 'stream-cut' });
      expect(first.errors[0]).toMatchObject({ phase: 'before-first-output' });
      expect(second.understood).toBe('Sorry.');
      expect(synthesizer.figures?.()).toMatchObject({ failed: 1, truncated: 0 });
    });

    test('cut off in the middle, and nobody can tell what is left: it fails, and what came stays good', async () => {
      const { world, synthesizer, open, speak, again } = await setUp();
      world.cut(700);
      const text = 'This sentence is cut off somewhere.';
      const utterance = speak(open(), text);
      expect(await utterance.ended()).toBe('failed');
      expect(utterance.errors).toMatchObject([{ code: 'stream-cut', phase: 'mid-stream' }]);
      expect(utterance.understood.length).toBeGreaterThan(3);
      expect(text.startsWith(utterance.understood)).toBe(true);
      expect(utterance.log.filter((entry) => entry === 'failed')).toHaveLength(1);
      expect(synthesizer.figures?.()).toMatchObject({ failed: 1, truncated: 1, resent: again(0) });
    });

    test('cut off in the middle, it goes on with what the listener says is left, behind the audio that is kept', async () => {
      const { world, open, formatOf, speakAgain } = await setUp();
      world.cut(1_000);
      const line = open();
      const utterance = speakAgain(line, 'One. ', 'Two. ', 'Three. ', 'Four.');
      let keptMs = 0;
      let chunksBefore = 0;
      let wordsBefore = 0;
      utterance.rest = ({ audioMs, chunks, words }) => {
        [keptMs, chunksBefore, wordsBefore] = [audioMs, chunks.length, words.length];
        return { clauses: ['Three. ', 'Four.'], keptMs };
      };
      expect(await utterance.ended()).toBe('done');
      expect(utterance.asked).toBe(1);
      expect(keptMs).toBeGreaterThan(500);
      const rest = Buffer.concat(utterance.chunks.slice(chunksBefore));
      expect(world.understand(Uint8Array.from(rest), formatOf(line))).toBe('Three. Four.');
      for (const { startMs } of utterance.words.slice(wordsBefore)) expect(startMs).toBeGreaterThanOrEqual(keptMs - 1);
      expect(utterance.log.filter((entry) => entry === 'done')).toHaveLength(1);
    });

    test('cut off in the middle with nothing kept, it begins again', async () => {
      const { world, open, speakAgain } = await setUp();
      world.cut(700);
      const utterance = speakAgain(open(), 'This sentence is cut off somewhere.');
      expect(await utterance.ended()).toBe('done');
      expect(utterance.understood).toBe('This sentence is cut off somewhere.');
    });

    test('cut off in the middle, and the listener says that nothing can be gone on with: it fails', async () => {
      const { world, open, speakAgain } = await setUp();
      world.cut(700);
      const utterance = speakAgain(open(), 'This sentence is cut off somewhere.');
      utterance.rest = () => undefined;
      expect(await utterance.ended()).toBe('failed');
      expect(utterance.asked).toBe(1);
    });

    test.each([0, 100])(
      'called complete after %d ms of audio, it is made once more: no word is taken for spoken that has no sound',
      async (afterMs) => {
        const { world, synthesizer, open, speakAgain, again } = await setUp();
        world.mute(afterMs);
        const utterance = speakAgain(open(), 'Hello there, ', 'dear caller, how may I help you today?');
        expect(await utterance.ended()).toBe('done');
        expect(utterance.understood).toBe('Hello there, dear caller, how may I help you today?');
        expect(synthesizer.figures?.()).toMatchObject({ failed: 0, truncated: 0, unspoken: again(1) });
      },
    );

    test('called complete without audio again and again, it fails, once, with a code; what comes behind it is spoken', async () => {
      const { world, synthesizer, open, speak, again } = await setUp();
      world.mute(0, 2);
      const line = open();
      const [first, second] = [speak(line, 'Hello there.'), speak(line, 'Sorry.')];
      expect([await first.ended(), await second.ended()]).toEqual(['failed', 'done']);
      expect(first.log).toEqual(['failed']);
      const phase = 'before-first-output';
      expect(first.errors).toMatchObject([{ provider: synthesizer.name, code: 'provider-failed', phase }]);
      expect(second.understood).toBe('Sorry.');
      expect(synthesizer.figures?.()).toMatchObject({ failed: 1, truncated: 0, unspoken: again(2) });
    });

    test('called complete far too early, and nobody can tell what is left: it fails, and what came stays good', async () => {
      const { world, synthesizer, open, speak, again } = await setUp();
      world.mute(100);
      const utterance = speak(open(), 'This sentence is not spoken to its end, which nobody says.');
      expect(await utterance.ended()).toBe('failed');
      expect(utterance.errors).toMatchObject([{ code: 'provider-failed', phase: 'mid-stream' }]);
      expect(utterance.audioMs).toBeGreaterThan(0);
      expect(synthesizer.figures?.()).toMatchObject({ failed: 1, truncated: 1, unspoken: again(1) });
    });

    test('refused for its key it fails, once, with that code, and is not tried again', async () => {
      const { world, synthesizer, open, speak, again } = await setUp();
      world.refuse();
      const utterance = speak(open(), 'Hello.');
      expect(await utterance.ended()).toBe('failed');
      expect(utterance.log).toEqual(['failed']);
      expect(utterance.errors[0]).toMatchObject({ provider: synthesizer.name, code: 'unauthorized' });
      expect(synthesizer.figures?.()).toMatchObject({ failed: 1, retried: again(0), resent: again(0) });
    });

    test('a line that is closed is silent, twice as well, and the others go on', async () => {
      const { open, speak } = await setUp();
      const [gone, stays] = [open(), open()];
      const cut = speak(gone, 'This is a long answer that will be cut off.');
      await until(() => expect(cut.log).toContain('audio'));
      const other = speak(stays, 'I stay.');
      gone.close();
      gone.close();
      const told = cut.log.length;
      const late = speak(gone, 'Too late.');
      gone.prewarm();
      cut.synthesis!.abort();
      expect(await other.ended()).toBe('done');
      expect(other.understood).toBe('I stay.');
      expect(cut.log).toHaveLength(told);
      expect(late.log).toEqual([]);
    });

    test('a phrase is rendered whole, in the format of a line of that rate, and is at hand afterwards', async () => {
      const { world, synthesizer, voice, open, formatOf } = await setUp();
      const { signal } = new AbortController();
      for (const rateHz of [8_000, 16_000]) {
        const line = open(rateHz);
        const wanted = linear(rateHz);
        const { audio, format } = await synthesizer.render('Good morning.', voice, signal, wanted);
        expect(format).toEqual(formatOf(line));
        expect(world.understand(Uint8Array.from(audio), format)).toBe('Good morning.');
        if (synthesizer.rendered) {
          const rendered = synthesizer.rendered('Good morning.', voice, wanted);
          expect(rendered?.format).toEqual(format);
          expect(Buffer.compare(rendered!.audio, audio)).toBe(0);
          expect(synthesizer.rendered('Good evening.', voice, wanted)).toBeUndefined();
        }
        line.close();
      }
    });

    test('a phrase that nobody wants any more is not rendered', async () => {
      const { synthesizer, voice } = await setUp();
      const reason = new Error('hung up');
      await expect(synthesizer.render('Hello.', voice, AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    test('closing the synthesizer is the end of every line, without a word; twice is as good', async () => {
      const { synthesizer, open, speak } = await setUp();
      const utterance = speak(open(), 'This is a long answer that will be cut off.');
      await until(() => expect(utterance.log).toContain('audio'));
      const closing = Promise.all([synthesizer.close(), synthesizer.close()]);
      const told = utterance.log.length;
      await closing;
      await synthesizer.close();
      expect(utterance.log).toHaveLength(told);
      expect(utterance.ending).toBeUndefined();
    });
  });
}
