/** What a model writes that is not for the caller's ears is neither said nor remembered, on any line and by any model. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createAgent, type AgentInput } from '../../src/call/agent.ts';
import type { CallEvent } from '../../src/call/events.ts';
import type { CallMedium } from '../../src/call/medium.ts';
import { LONGEST_SPEECH } from '../../src/lib/speech-length.ts';
import type { FinishReason, LanguageModel, ModelEvent, StepEnd, StepRequest } from '../../src/model/contract.ts';
import type { SpeakerListener } from '../../src/speak/contract.ts';
import { defineTool, say, type ToolContext } from '../../src/tool/define.ts';
import { createParley } from '../../src/worker/create-parley.ts';
import { ofType } from '../helpers/world.ts';

/** A step of the model: its text in pieces, and the tool that it calls behind them. */
interface Script {
  pieces: readonly string[];
  calls?: string;
  finishReason?: FinishReason;
}

const end = (finishReason: FinishReason): StepEnd => ({
  finishReason,
  isTruncated: false,
  usage: undefined,
  requestId: undefined,
  firstTokenMs: 1,
  queueMs: 0,
  attempts: 1,
});

function eventsOf({ pieces, calls, finishReason }: Script): ModelEvent[] {
  return [
    ...pieces.map((delta): ModelEvent => ({ type: 'text-delta', delta })),
    ...(calls
      ? ([{ type: 'tool-call-start' }, { type: 'tool-call', call: { id: 'a', name: calls, arguments: '{}' } }] as const)
      : []),
    { type: 'step-end', end: end(finishReason ?? (calls ? 'tool_calls' : 'stop')) },
  ];
}

/** A call with a model that answers by these scripts, one after the other, and what came of it. */
async function callWith(scripts: Script[], options: Partial<AgentInput> = {}, medium?: CallMedium) {
  const requests: StepRequest[] = [];
  let handed = 0;
  const model: LanguageModel = {
    name: 'scripted',
    prewarm: () => Promise.resolve(),
    close: () => Promise.resolve(),
    startStep(request, listener) {
      requests.push(request);
      let isAborted = false;
      const events = eventsOf(scripts.shift() ?? { pieces: ['No more.'] });
      setImmediate(() => {
        for (const event of events) {
          if (isAborted) return;
          handed++;
          listener(event);
        }
      });
      return { abort: () => void (isAborted = true) };
    },
  };
  const phrases = { recovery: 'Say that again?' };
  const agent = await createAgent({ name: 'test', instructions: 'You are a test.', phrases, ...options });
  const parley = createParley({ model });
  const open = () => {
    const events: CallEvent[] = [];
    const call = parley.startCall(agent, {
      listen: (started) => started.on('event', (event) => events.push(event)),
      ...(medium && { medium }),
    });
    const said = () =>
      ofType(events, 'text-delta')
        .map(({ delta }) => delta)
        .join('');
    return { call, events, said };
  };
  return { ...open(), open, requests, handed: () => handed, parley };
}

const tool = (run: (input: object, context: ToolContext) => unknown, name = 'look') =>
  defineTool({ name, description: 'Looks.', input: z.object({}), effect: 'read', run });

const ROWS: [written: string, said: string][] = [
  [
    '<think>\nThe caller wants a table. I must not tell them that we are full.\n</think>\n\nYour table is booked for two.',
    'Your table is booked for two.',
  ],
  ['Let me look. <tool_call>\n{"name": "lookup", "arguments": {"id": "B7"}}\n</tool_call>', 'Let me look.'],
  ['Hello. <think>Hm.</think> How are you?', 'Hello. How are you?'],
];

test.each(ROWS)('%j, cut anywhere: said, and in the history, is %j', async (written, said) => {
  const cuts = Array.from({ length: written.length }, (_, at) => [written.slice(0, at), written.slice(at)]);
  for (const pieces of [[written], ...cuts, [...written]]) {
    const { call, events, said: words } = await callWith([{ pieces }]);
    expect(await call.say('A table for two.')).toMatchObject({ outcome: 'replied', heard: said });
    expect(words().trimEnd()).toBe(said);
    expect(call.messages.at(-1)).toEqual({ role: 'assistant', content: said });
    expect(JSON.stringify(events)).not.toMatch(/think|full|tool_call/);
  }
});

test.each([['<think>I wonder, and I wonder'], ['<tool_call>{"name": "look"}'], ['[TOOL_CALLS][{"name":"look"}]']])(
  '%j never closes: nothing of it is said, and the caller is asked to say it again (R7)',
  async (written) => {
    const { call, said } = await callWith([{ pieces: [...written] }]);
    expect(await call.say('Hello?')).toMatchObject({ outcome: 'failed', heard: 'Say that again?' });
    expect(said()).toBe('Say that again?');
    expect(JSON.stringify(call.messages)).not.toMatch(/wonder|TOOL|tool_call/);
  },
);

test('words before a call with leaked markup are its filler, and the call runs', async () => {
  const looks = tool(() => ({ found: 1 }));
  const pieces = ['Let me look.\n', '<tool_call>\n', '<function=look'];
  const { call, said } = await callWith([{ pieces, calls: 'look' }, { pieces: ['Here it is.'] }], { tools: [looks] });
  expect(await call.say('look')).toMatchObject({ outcome: 'replied', heard: 'Let me look. Here it is.' });
  expect(said().replace(/\s+/g, ' ')).toMatch(/^Let me look\. ?Here it is\.$/);
});

/** A line on which nothing has been heard yet. */
function silentLine(cleared: { count: number }): CallMedium {
  let listener: SpeakerListener | undefined;
  const open = new Set<number>();
  return {
    bridge: 'silent',
    heardBy: 'reported',
    speaker: (given) => {
      listener = given;
      return {
        say: (utterance) => void open.add(utterance),
        flush: (utterance) => {
          if (open.delete(utterance) && open.size === 0)
            setImmediate(() => {
              listener?.heard(utterance, Number.MAX_SAFE_INTEGER);
              listener?.idle();
            });
        },
        reportHeard() {},
        clear() {
          open.clear();
          cleared.count++;
        },
        pause() {},
        resume() {},
        close() {},
      };
    },
  };
}

test('thoughts that only `</think>` ends are taken back, and of this model are not said again', async () => {
  const cleared = { count: 0 };
  const thinks: Script = { pieces: ['They want a table. ', 'We are full.\n', '</think>', '\n\n', 'It is booked.'] };
  const world = await callWith(
    [thinks, thinks, { pieces: ['No ', 'thoughts.'] }, { pieces: ['At ', 'once.'] }],
    {},
    silentLine(cleared),
  );
  const { call, open } = world;
  expect(await call.say('A table?')).toMatchObject({ outcome: 'replied', heard: 'It is booked.' });
  expect(cleared.count).toBe(1);
  expect(call.messages.at(-1)).toEqual({ role: 'assistant', content: 'It is booked.' });
  expect(JSON.stringify(call.messages)).not.toContain('full');

  const next = open(); // another call, in the same process
  expect(await next.call.say('A table?')).toMatchObject({ outcome: 'replied', heard: 'It is booked.' });
  expect(next.said()).toBe('It is booked.');
  expect(await next.call.say('Sure?')).toMatchObject({ outcome: 'replied', heard: 'No thoughts.' });
  expect(ofType(next.events, 'text-delta').at(-1)?.delta).toBe('No thoughts.'); // at its end: it might have been some
  await next.call.say('Really?');
  expect(
    ofType(next.events, 'text-delta')
      .slice(-2)
      .map(({ delta }) => delta),
  ).toEqual(['At ', 'once.']);
});

test('in text, where it was shown, what was thought stays in the history', async () => {
  const { call } = await callWith([{ pieces: ['They want a table.', '</think>', 'It is booked.'] }]);
  expect(await call.say('A table?')).toMatchObject({ outcome: 'replied' });
  expect(call.messages.at(-1)?.content).toContain('It is booked.');
});

test.each([
  ['in one line of 2 MB', ['word '.repeat(400_000)]],
  ['300,000 full stops', Array.from({ length: 300_000 }, () => '.')],
  ['100,000 "-" one by one', Array.from({ length: 100_000 }, () => '-')],
  ['100,000 white spaces behind a word', ['Yes', ...Array.from({ length: 100_000 }, () => ' ')]],
])('an answer has a longest length, and ends as `length` does: %s', async (_name, pieces) => {
  const { call, said, handed } = await callWith([{ pieces }, { pieces: ['I am here.'] }]);
  expect(await call.say('Tell me everything.')).toMatchObject({ outcome: 'cut' });
  expect(said().length).toBeLessThanOrEqual(LONGEST_SPEECH);
  expect(said().length).toBeGreaterThan(LONGEST_SPEECH - 200);
  expect(handed()).toBeLessThanOrEqual(LONGEST_SPEECH + 2); // the rest is not waited for
  expect(await call.say('Are you there?')).toMatchObject({ outcome: 'replied', heard: 'I am here.' });
});

test('thoughts have no longest length: they are not said', async () => {
  const { call } = await callWith([
    { pieces: ['<think>', ...Array.from({ length: 20_000 }, () => 'hm '), '</think>', 'Yes.'] },
  ]);
  expect(await call.say('Well?')).toMatchObject({ outcome: 'replied', heard: 'Yes.' });
});

test('`say()` of a tool of 5 MB is said for as long as an answer, and the turn is cut', async () => {
  const talks = tool(() => say('word '.repeat(1_000_000)));
  const { call, said } = await callWith([{ pieces: [], calls: 'look' }], { tools: [talks] });
  expect(await call.say('read it')).toMatchObject({ outcome: 'cut' });
  expect(said().length).toBeLessThanOrEqual(LONGEST_SPEECH);
  expect(said().length).toBeGreaterThan(LONGEST_SPEECH - 200);
});

test('`progress()` 20,000 times is told a few times', async () => {
  const tells = tool((_input, context) => {
    for (let i = 0; i < 20_000; i++) context.progress(`Step ${i}.`);
    return new Promise((resolve) => setImmediate(() => resolve('done')));
  });
  const { call, events } = await callWith([{ pieces: ['Wait.'], calls: 'look' }, { pieces: ['Done.'] }], {
    tools: [tells],
  });
  expect(await call.say('do it')).toMatchObject({ outcome: 'replied' });
  expect(ofType(events, 'tool-progress').map(({ text }) => text)).toEqual(
    Array.from({ length: 10 }, (_, i) => `Step ${i}.`),
  );
});
