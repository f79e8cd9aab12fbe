/** What every language model promises, whoever answers for it: `src/model/contract.ts`, clause by clause. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ProviderError } from '../../src/lib/errors.ts';
import type { LanguageModel, ModelEvent, ModelStep, StepRequest } from '../../src/model/contract.ts';

/** What comes of a request, and what goes wrong with it; as `ScriptedReply` has it. */
export interface ModelReply {
  say?: string;
  calls?: { name: string; arguments: string }[];
  fault?: 'busy' | 'unauthorized' | 'hang' | 'cut' | 'cut-in-arguments';
}

/** A language model, and what its vendor answers as a test asks. */
export interface ModelWorld {
  model: LanguageModel;
  /** What comes of the next request of a caller who has just said so. */
  reply(caller: string, reply: ModelReply): void;
  /** Timers of this end that are set. */
  timers(): number;
  /** Others may be asked before the one who answers: how often it was sent follows from how they fail. Default false. */
  isList?: boolean;
  close(): Promise<void>;
}

const tool = (name: string) => ({
  type: 'function',
  function: { name, description: 'A tool.', parameters: { type: 'object', properties: { what: { type: 'string' } } } },
});
const TOOLS = JSON.stringify([tool('look_up'), tool('write_down')]);

/** One step, and what was told of it. */
interface Asked {
  step: ModelStep;
  events: ModelEvent[];
  types: () => string[];
  text: () => string;
  ended: () => Promise<Extract<ModelEvent, { type: 'step-end' | 'step-failed' }>>;
}

const until = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 10_000 });
const isEnding = (event: ModelEvent | undefined) => event?.type === 'step-end' || event?.type === 'step-failed';

export function modelContract(name: string, openWorld: () => Promise<ModelWorld>): void {
  describe(`${name} keeps the contract of a language model`, () => {
    const worlds: ModelWorld[] = [];
    afterEach(async () => {
      for (const world of worlds.splice(0)) {
        await world.model.close();
        expect(world.timers()).toBe(0);
        await world.close();
      }
    });

    async function setUp() {
      const world = await openWorld();
      worlds.push(world);
      const start = (caller: string, request: Partial<StepRequest>, listener: (event: ModelEvent) => void) =>
        world.model.startStep(
          {
            messages: [
              { role: 'system', content: 'You are a test.' },
              { role: 'user', content: caller },
            ],
            toolsJson: TOOLS,
            options: {},
            priority: 'answer',
            ...request,
          },
          listener,
        );
      const attempts = (times: number): unknown => (world.isList ? expect.any(Number) : times);
      const ask = (caller: string, reply?: ModelReply, request: Partial<StepRequest> = {}): Asked => {
        if (reply) world.reply(caller, reply);
        const events: ModelEvent[] = [];
        const step = start(caller, request, (event) => events.push(event));
        expect(events).toEqual([]); // nothing is told from inside of `startStep`
        return {
          step,
          events,
          types: () => events.map(({ type }) => type),
          text: () => events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join(''),
          async ended() {
            await until(() => expect(events.some(isEnding)).toBe(true));
            const last = events.at(-1)!;
            if (last.type !== 'step-end' && last.type !== 'step-failed') throw new Error('Expected the ending last');
            return last;
          },
        };
      };
      /** Whatever was to be told of other steps has been, once a step of its own has ended. */
      const settle = async () => {
        const last = await ask('settle', { say: 'Settled.' }).ended();
        expect(last.type).toBe('step-end');
      };
      return { world, model: world.model, start, ask, settle, attempts };
    }

    test('words come in order, then the end, once and last, with what is known of the step', async () => {
      const { ask, settle, attempts } = await setUp();
      const asked = ask('Hello?', { say: 'Good morning, how can I help?' });
      expect(await asked.ended()).toMatchObject({
        type: 'step-end',
        end: { finishReason: 'stop', isTruncated: false, attempts: attempts(1) },
      });
      await settle();
      expect(asked.text()).toBe('Good morning, how can I help?');
      expect(asked.events.filter(isEnding)).toHaveLength(1);
      expect(isEnding(asked.events.at(-1))).toBe(true);
      expect(
        asked
          .types()
          .slice(0, -1)
          .every((type) => type === 'text-delta'),
      ).toBe(true);
      const { end } = await asked.ended();
      expect(end.firstTokenMs).toBeGreaterThanOrEqual(0);
      expect(end.queueMs).toBeGreaterThanOrEqual(0);
    });

    test('before a tool call its words are whole; the call is complete, and told once', async () => {
      const { ask } = await setUp();
      const asked = ask('Look it up.', {
        say: 'Let me look.',
        calls: [{ name: 'look_up', arguments: '{"what":"an order"}' }],
      });
      expect(await asked.ended()).toMatchObject({ type: 'step-end', end: { finishReason: 'tool_calls' } });
      expect(asked.text().trim()).toBe('Let me look.');
      const types = asked.types().filter((type) => type !== 'text-delta');
      expect(types).toEqual(['tool-call-start', 'tool-call', 'step-end']);
      expect(asked.types().lastIndexOf('text-delta')).toBeLessThan(asked.types().indexOf('tool-call-start'));
      const call = asked.events.find((event) => event.type === 'tool-call')?.call;
      expect(call).toMatchObject({ name: 'look_up' });
      expect(JSON.parse(call!.arguments)).toEqual({ what: 'an order' });
    });

    test('several calls have ids of their own, and one start', async () => {
      const { ask } = await setUp();
      const asked = ask('Both.', {
        calls: [
          { name: 'look_up', arguments: '{"what":"one"}' },
          { name: 'write_down', arguments: '{"what":"two"}' },
          { name: 'look_up', arguments: '{"what":"three"}' },
        ],
      });
      await asked.ended();
      const calls = asked.events.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []));
      expect(calls.map(({ arguments: text }) => (JSON.parse(text) as { what: string }).what)).toEqual([
        'one',
        'two',
        'three',
      ]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
      expect(calls.every(({ id }) => id !== '')).toBe(true);
      expect(asked.types().filter((type) => type === 'tool-call-start')).toHaveLength(1);
    });

    test('arguments that came empty are an empty object', async () => {
      const { ask } = await setUp();
      const asked = ask('Now.', { calls: [{ name: 'look_up', arguments: '' }] });
      await asked.ended();
      expect(asked.events.find((event) => event.type === 'tool-call')?.call.arguments).toBe('{}');
    });

    test.each(['[1,2]', '"text"', '{"what": "cut'])('arguments such as %s are not run', async (text) => {
      const { ask } = await setUp();
      const asked = ask('Broken.', { calls: [{ name: 'look_up', arguments: text }] });
      await asked.ended();
      expect(asked.types()).not.toContain('tool-call');
      const failed = asked.events.find((event) => event.type === 'tool-call-failed');
      expect(failed).toMatchObject({ call: { name: 'look_up', arguments: '{}' } });
      expect(failed!.message).not.toBe('');
    });

    test('refused for a moment before anything was handed on, it asks again by itself', async () => {
      const { ask, attempts } = await setUp();
      const asked = ask('Hello?', { say: 'Here I am.', fault: 'busy' });
      expect(await asked.ended()).toMatchObject({
        type: 'step-end',
        end: { attempts: attempts(2), isTruncated: false },
      });
      expect(asked.text()).toBe('Here I am.');
    });

    test('refused for good it says so, once, with a code, in a later tick', async () => {
      const { model, ask, settle } = await setUp();
      const asked = ask('Hello?', { fault: 'unauthorized' });
      const last = await asked.ended();
      await settle();
      expect(asked.types()).toEqual(['step-failed']);
      if (last.type !== 'step-failed') throw new Error('Expected a failure');
      expect(last.error).toBeInstanceOf(ProviderError);
      expect(last.error).toMatchObject({ provider: model.name, code: 'unauthorized' });
      expect(last.end).toMatchObject({ finishReason: 'unknown', firstTokenMs: undefined });
    });

    test('a request that cannot be sent fails as any other: nothing is thrown', async () => {
      const { ask, attempts } = await setUp();
      const asked = ask('', undefined, { messages: [] });
      expect(await asked.ended()).toMatchObject({
        type: 'step-failed',
        error: { code: 'request-invalid' },
        end: { attempts: attempts(0) },
      });
      expect(asked.events).toHaveLength(1);
    });

    test('cut off in mid-answer it is not asked again: what was said stays good, and it fails once', async () => {
      const { ask, settle, attempts } = await setUp();
      const asked = ask('A story.', { say: 'Once upon a time there was a clinic.', fault: 'cut' });
      expect(await asked.ended()).toMatchObject({
        type: 'step-failed',
        error: { code: 'stream-cut', phase: 'mid-stream' },
        end: { isTruncated: true, attempts: attempts(1) },
      });
      await settle();
      expect(asked.text().length).toBeGreaterThan(0);
      expect('Once upon a time there was a clinic.'.startsWith(asked.text())).toBe(true);
      expect(asked.events.filter(isEnding)).toHaveLength(1);
    });

    test('a call that was cut off in its arguments is not run', async () => {
      const { ask } = await setUp();
      const asked = ask('Write.', {
        say: 'Writing.',
        calls: [{ name: 'write_down', arguments: '{"what":"a rather long note that is cut off in the middle"}' }],
        fault: 'cut-in-arguments',
      });
      expect(await asked.ended()).toMatchObject({ type: 'step-failed', end: { isTruncated: true } });
      expect(asked.types()).not.toContain('tool-call');
    });

    test('it ends by its deadline, whatever the service does', async () => {
      const { world, ask } = await setUp();
      const deadlineMs = world.isList ? 500 : 60; // whoever is asked first needs some of it
      const asked = ask('Hello?', { fault: 'hang' }, { deadlineMs });
      const last = await asked.ended();
      if (last.type !== 'step-failed') throw new Error('Expected a failure');
      expect(last.error.code).toMatch(/-timeout$/);
    });

    test.each(['at once', 'while nothing comes', 'from inside of its listener'])(
      'aborted %s it lets go in that tick, and nothing is told after it',
      async (when) => {
        const { world, start, settle } = await setUp();
        const isHanging = when === 'while nothing comes';
        world.reply('Go on.', isHanging ? { fault: 'hang' } : { say: 'One two three four five six seven.' });
        const events: ModelEvent[] = [];
        const step = start('Go on.', {}, (event) => {
          events.push(event);
          if (when === 'from inside of its listener') step.abort();
        });
        if (isHanging) await settle();
        if (when === 'from inside of its listener') await until(() => expect(events).toHaveLength(1));
        else step.abort();
        expect(world.timers()).toBe(0);
        const told = events.length;
        await settle();
        step.abort();
        expect(events).toHaveLength(told);
        expect(events.some(isEnding)).toBe(false);
      },
    );

    test('an abort after the end changes nothing', async () => {
      const { ask, settle } = await setUp();
      const asked = ask('Hello?', { say: 'Yes.' });
      await asked.ended();
      const told = asked.events.length;
      asked.step.abort();
      await settle();
      expect(asked.events).toHaveLength(told);
    });

    test('steps do not know each other', async () => {
      const { ask } = await setUp();
      const [one, two, gone] = [
        ask('One?', { say: 'I am one.' }),
        ask('Two?', { say: 'I am two.' }),
        ask('Gone?', { say: 'I am gone.' }),
      ];
      gone.step.abort();
      await Promise.all([one.ended(), two.ended()]);
      expect([one.text(), two.text(), gone.events]).toEqual(['I am one.', 'I am two.', []]);
    });

    test('warming up never throws, before, while and after', async () => {
      const { model, ask } = await setUp();
      await Promise.all([model.prewarm(), model.prewarm()]);
      expect((await ask('Hello?', { say: 'Yes.' }).ended()).type).toBe('step-end');
      await model.close();
      await expect(model.prewarm()).resolves.toBeUndefined();
    });

    test('closing ends what is under way, and what comes later, as closed; twice is as good', async () => {
      const { world, model, ask } = await setUp();
      const asked = ask('Hello?', { fault: 'hang' });
      await Promise.all([model.close(), model.close()]);
      await model.close();
      const late = ask('Anybody?', { say: 'No.' });
      for (const one of [asked, late]) {
        expect(await one.ended()).toMatchObject({ type: 'step-failed', error: { code: 'closed' } });
        expect(one.events).toHaveLength(1);
      }
      expect(world.timers()).toBe(0);
    });
  });
}
