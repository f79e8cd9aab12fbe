/**
 * A line that hears and speaks by itself (ConversationRelay), in virtual time, with a stand-in's voice: whatever the order
 * in which it tells what the caller did, the history is what they heard, and the agent goes on.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentInput } from '../../src/call/agent.ts';
import { createAgent } from '../../src/call/agent.ts';
import { Call } from '../../src/call/call.ts';
import { answerText } from '../../src/call/text-line.ts';
import type { CallEvent } from '../../src/call/events.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { StepRequest } from '../../src/model/contract.ts';
import { collectDigits } from '../../src/tool/builtin/index.ts';
import { ScriptedModel, type Script } from '../helpers/scripted-model.ts';
import { BEAT_MS, TalkingLine, type Report, type TalkingLineOptions } from './helpers/talking-line.ts';

const GREETING = 'Hello, this is the harbour office. How can I help you today?';
const ANSWER = 'Sure, I can book a table for two persons by the window, and there is still room on the terrace.';
/** No two answers begin alike: which of them a report of a first word is about, nobody could tell. */
const WORDS = [
  'Gladly',
  'Indeed',
  'Right',
  'Well',
  'Fine',
  'Yes',
  'Good',
  'Okay',
  'Certainly',
  'Perfect',
  'Lovely',
  'There',
];
const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
const saidIn = (messages: StepRequest['messages']): string[] =>
  messages.flatMap(({ role, content }) => (role === 'assistant' && content ? [content] : []));

interface WorldOptions extends TalkingLineOptions {
  script?: Script;
  agent?: Partial<AgentInput>;
  /** Between the words of an answer. Default 10 ms. */
  paceMs?: number;
}

async function open({ script = () => ({ say: ANSWER }), agent: fields, paceMs = 10, ...voice }: WorldOptions = {}) {
  const agent = await createAgent({ name: 'desk', instructions: 'Be kind.', greeting: GREETING, ...fields });
  const clock = new VirtualClock();
  const line = new TalkingLine(clock, voice);
  const model = new ScriptedModel(script, { clock, paceMs });
  const events: CallEvent[] = [];
  const call = answerText(
    {
      clock,
      newCallId: () => 'c1',
      prewarm() {},
      startCall(_agent, { medium, caller, listen } = {}) {
        const started = new Call({ agent, model, medium: medium!, callId: 'c1', caller, clock });
        listen?.(started);
        return started.start();
      },
    },
    line,
    { agent, listen: (started) => started.on('event', (event) => events.push(event)) },
  );
  const at = (ms: number) => clock.advanceTo(ms);
  /** Until nobody speaks, the model is done, and for a moment more. */
  const rest = (): void => {
    for (let quietMs = 0; quietMs < 1_500; quietMs += 50) {
      clock.advanceBy(50);
      if (!line.isIdle) quietMs = 0;
    }
  };
  const turns = () => events.flatMap((event) => (event.type === 'turn-start' ? [event.text] : []));
  const outcomes = () => events.flatMap((event) => (event.type === 'turn-end' ? [event.outcome] : []));
  const phrases = (kind: string) =>
    events.flatMap((event) => (event.type === 'text-delta' && event.kind === kind ? [event.atMs] : []));
  return { agent, clock, line, model, call, events, at, rest, turns, outcomes, phrases };
}

/** The history holds the very words that were heard, and no others. */
function expectTruth({ call, line }: Pick<Awaited<ReturnType<typeof open>>, 'call' | 'line'>): void {
  expect(letters(saidIn(call.messages).join(' '))).toBe(letters(line.heard));
}

describe('tokens `Sure, I can book a table `, 150 ms later prompt `on Friday at seven`, no interrupt', () => {
  test.each([true, false])(
    'the first talk is ended, and what the peer still speaks is in the history; progress %s',
    async (progress) => {
      const world = await open({
        agent: { greeting: undefined },
        progress,
        paceMs: 25,
        script: (_, number) => ({ say: number === 1 ? ANSWER : 'Friday at seven it is.' }),
      });
      const { line, model, at, rest } = world;
      line.prompt('I would like a table');
      at(150);
      const sent = line.sent;
      expect(sent).toMatch(/^Sure, I can/);
      line.prompt('on Friday at seven');
      expect(line.sent).toBe(`${sent}|`); // at once, and nothing is added to it
      at(150 + 200);
      expect(saidIn(model.requests[1]!.messages)).toEqual([sent.trimEnd()]);
      expect(model.requests[1]!.messages.at(-1)?.content).toBe('on Friday at seven');
      rest();
      expect(letters(line.heard)).toBe(letters(`${sent} Friday at seven it is.`));
      expectTruth(world);
      expect(world.outcomes()).toEqual(['interrupted', 'replied']);
      expect(world.events).toContainEqual(expect.objectContaining({ type: 'turn-end', turn: 1, heard: sent.trim() }));
    },
  );

  test('and a second prompt behind it: three talks, each as it is heard', async () => {
    const world = await open({
      agent: { greeting: undefined },
      script: (_, number) => ({ say: `${ANSWER} ${number}` }),
    });
    for (const [ms, text] of [
      [0, 'A table'],
      [150, 'for two'],
      [600, 'on Friday'],
    ] as const) {
      world.at(ms);
      world.line.prompt(text);
    }
    world.rest();
    expectTruth(world);
    expect(world.turns()).toEqual(['A table', 'for two', 'on Friday']);
  });

  test('what it speaks is told apart from what comes behind it when it stops after all', async () => {
    const world = await open({ script: () => ({ say: ANSWER }) });
    world.at(1_500);
    world.line.prompt('A table please');
    world.at(2_400); // the answer stands behind the greeting
    world.line.stop();
    world.line.prompt('No, wait');
    world.at(2_600);
    expect(letters(saidIn(world.model.requests[1]!.messages).join(' '))).toBe(letters(world.line.heard));
    world.rest();
    expectTruth(world);
  });
});

describe('key `#` over the greeting, its `interrupt` 30 ms behind it: the new turn goes on', () => {
  const reports: [string, Report][] = [
    ['exact', 'exact'],
    ['silent', 'silent'],
    ['empty', { text: '' }],
    ['partial', { text: 'hello this' }],
    ['wrong', { text: 'one moment please' }],
    ['not a prefix', { text: 'this is the harbour' }],
  ];
  test.each(reports.flatMap(([name, report]) => [0, 30, 100, 500].map((lateMs) => [name, report, lateMs] as const)))(
    'report %s %j, %i ms late',
    async (_name, report, lateMs) => {
      const world = await open();
      world.at(1_600);
      world.line.press('#');
      world.line.stop(report, lateMs);
      world.at(1_600 + 1_000);
      expect(world.turns()).toEqual(['(keypad) #']);
      const [request] = world.model.requests;
      expect(request?.messages.at(-1)?.content).toBe('(keypad) #');
      if (report === 'exact' && lateMs < 150)
        expect(letters(saidIn(request!.messages).join(' '))).toBe(letters(world.line.heard.split('Sure')[0]!));
      world.rest();
      expect(letters(world.line.heard)).toContain(letters(ANSWER));
      expect(world.outcomes()).toEqual(['replied']);
      expect(world.phrases('recovery')).toEqual([]);
      if (report === 'exact') expectTruth(world);
    },
  );

  test.each(['prompt', 'digit'])('a %s, and its interrupt twice', async (what) => {
    const world = await open();
    world.at(1_600);
    if (what === 'prompt') world.line.prompt('A table please');
    else world.line.press('#');
    world.line.stop('exact', 30);
    world.clock.after(60, world.line.sayAgain);
    world.rest();
    expect(world.outcomes()).toEqual(['replied']);
    expectTruth(world);
  });

  test('the interrupt before the key', async () => {
    const world = await open();
    world.at(1_600);
    world.line.stop();
    world.line.press('#');
    world.rest();
    expect(world.outcomes()).toEqual(['replied']);
    expectTruth(world);
  });
});

describe('`interrupt` in mid-answer, no prompt follows: the agent asks within some seconds', () => {
  test.each([
    ['nothing', () => {}],
    ['an empty prompt', (line: TalkingLine) => line.prompt('  ')],
    ['a prompt that never ends', (line: TalkingLine) => line.prompt('I wan', false)],
    ['the same interrupt again', (line: TalkingLine) => line.sayAgain()],
  ])('%s', async (_name, then) => {
    const world = await open({ agent: { greeting: undefined } });
    world.line.prompt('A table please');
    world.at(3_000);
    world.line.stop();
    const { heard } = world.line;
    world.at(3_200);
    then(world.line);
    world.at(9_000);
    const [askedAtMs] = world.phrases('recovery');
    expect(askedAtMs).toBeGreaterThan(5_500);
    expect(askedAtMs).toBeLessThan(7_500);
    expect(saidIn(world.call.messages)[0]).toMatch(new RegExp(`^${heard.trim()}`));
    world.rest();
    expect(world.phrases('recovery')).toHaveLength(1); // once
    expectTruth(world);
  });

  test('a caller who goes on speaking is not asked over', async () => {
    const world = await open({ agent: { greeting: undefined } });
    world.line.prompt('A table please');
    world.at(3_000);
    world.line.stop();
    world.line.tell({ type: 'speaking', who: 'caller', isSpeaking: true });
    for (let ms = 3_300; ms < 13_000; ms += 700) {
      world.at(ms);
      world.line.prompt('no '.repeat(ms / 700), false);
    }
    world.line.tell({ type: 'speaking', who: 'caller', isSpeaking: false });
    world.line.prompt('No, something else');
    world.rest();
    expect(world.phrases('recovery')).toEqual([]);
    expect(world.outcomes()).toEqual(['interrupted', 'replied']);
    expectTruth(world);
  });

  test('one who is cut off in the greeting as well', async () => {
    const world = await open();
    world.at(1_500);
    world.line.stop();
    world.at(7_000);
    expect(world.phrases('recovery')).toHaveLength(1);
  });
});

test('an interrupt for a talk that has ended, as was reckoned: it is cut after all', async () => {
  const world = await open({ agent: { greeting: undefined }, charactersPerSecond: 8 }); // slower than anybody would reckon
  world.line.prompt('A table please');
  world.at(8_500);
  expect(world.outcomes()).toEqual(['replied']);
  expect(world.line.isSpeaking).toBe(true);
  world.line.stop();
  expectTruth(world);
  world.line.prompt('And for lunch?');
  world.at(8_800);
  expect(letters(saidIn(world.model.requests[1]!.messages).join(' '))).toBe(
    letters(world.line.heard.split('Sure').slice(0, 2).join('Sure')),
  );
  world.rest();
  expectTruth(world);
});

test('a stop that is told behind a prompt was for that one: its answer is heard, and a later prompt does not take it back', async () => {
  let number = 0;
  const script: Script = () => ({ say: `${WORDS[number++]}: ${ANSWER}` });
  const world = await open({ charactersPerSecond: 9, paceMs: 0, script });
  world.at(4_300);
  world.line.prompt('Tell me more');
  world.line.stop('exact', 120);
  world.at(4_960);
  world.line.prompt('And the terrace?');
  world.rest();
  world.clock.advanceBy(10_000);
  expect(letters(world.line.heard)).toContain(letters(`Gladly: ${ANSWER}`));
  expectTruth(world);
});

test('an interrupt while nothing is said changes nothing', async () => {
  const world = await open({ script: () => ({ say: 'It is open.', fault: undefined }), paceMs: 800 });
  world.rest();
  world.line.prompt('When?');
  world.clock.advanceBy(200);
  world.line.stop({ text: '' });
  world.line.stop({ text: GREETING });
  world.line.stop({ text: 'what?' });
  world.rest();
  expect(world.outcomes()).toEqual(['replied']);
  expectTruth(world);
});

test('`yes` over a question whose end is cut off by it: an answer, whatever comes first', async () => {
  for (const lateMs of [-1, 0, 40, 120]) {
    const world = await open({
      agent: { greeting: undefined },
      script: (_, number) => ({
        say: number === 1 ? 'Shall I book you a table for two persons at seven on Friday?' : 'Done.',
      }),
    });
    world.line.prompt('A table please');
    world.at(3_200);
    if (lateMs < 0) world.line.stop();
    world.line.prompt('yes');
    if (lateMs >= 0) world.line.stop('exact', lateMs);
    world.rest();
    expect(world.turns()).toEqual(['A table please', 'yes']);
    expectTruth(world);
  }
});

test('keys that a tool collects stop the words that ask for them, and not the tool', async () => {
  const script: Script = ({ messages }) =>
    messages.at(-1)?.role === 'tool'
      ? { say: 'Thank you.' }
      : {
          say: 'Please enter your code of four digits now. ',
          calls: [{ name: 'collect_digits', arguments: '{"count":4}' }],
        };
  const world = await open({ agent: { greeting: undefined, tools: [collectDigits] }, script });
  world.line.prompt('I have a code');
  world.at(1_500);
  world.line.stop();
  for (const digit of '1234') {
    world.line.press(digit);
    world.clock.advanceBy(300);
    await new Promise((resolve) => setImmediate(resolve)); // a tool's promise settles in a tick of its own
  }
  world.rest();
  expect(world.model.requests[1]?.messages.at(-1)?.content).toBe('{"digits":"1234"}');
  expect(world.outcomes()).toEqual(['replied']);
  expectTruth(world);
});

test(
  'R22: whatever the caller does, and whenever the line says so, the history is what they heard',
  { timeout: 60_000 },
  async () => {
    const act = fc.record({
      // whole beats of the stand-in's: between two of them it may have spoken its last word and not know it yet
      afterMs: fc.integer({ min: 60, max: 400 }).map((beats) => beats * BEAT_MS),
      what: fc.constantFrom('prompt', 'key', 'partial', 'cough', 'over'),
      lateMs: fc.constantFrom(-60, -1, 0, 20, 60, 120),
      isTwice: fc.boolean(),
    });
    const voice = fc.record({ progress: fc.boolean(), charactersPerSecond: fc.constantFrom(9, 15, 24) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 1, maxLength: 6 }),
        voice,
        fc.constantFrom(0, 10, 60),
        async (acts, options, paceMs) => {
          let number = 0;
          const world = await open({
            ...options,
            paceMs,
            agent: { turn: { awayMs: 600_000 } },
            script: () => ({ say: `${WORDS[number++]}: ${ANSWER}` }),
          });
          const { line, clock } = world;
          for (const { afterMs, what, lateMs, isTwice } of acts) {
            clock.advanceBy(afterMs);
            const isSpeaking = line.isSpeaking && !line.isBehind && (options.progress || line.isBegun);
            const stop = (): void => {
              if (!isSpeaking || what === 'over') return;
              line.stop('exact', line.isOpen ? 0 : Math.max(0, lateMs));
              if (isTwice) clock.after(Math.max(0, lateMs) + 80, line.sayAgain);
            };
            if (lateMs < 0) stop();
            if (lateMs < -1) clock.advanceBy(-lateMs);
            if (what === 'prompt' || what === 'over') line.prompt(`Tell me ${afterMs}`);
            if (what === 'key') line.press('#');
            if (what === 'partial') line.prompt('I wan', false);
            if (lateMs >= 0) stop();
          }
          world.rest();
          clock.advanceBy(60_000); // a voice that is slower than the line's has ended too
          expectTruth(world);
          expect(world.call.isTurnRunning).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  },
);

test('one relay line with 630 prompts in 8 s: some begin a turn, the others are left out, told of once, and then the call goes on', async () => {
  const world = await open({ agent: { greeting: undefined }, script: () => ({ say: 'Yes.' }) });
  for (let prompt = 0; prompt < 630; prompt++) {
    world.at((prompt * 8_000) / 630);
    world.line.prompt(`prompt ${prompt}`);
  }
  expect(world.turns().length).toBeGreaterThanOrEqual(30);
  expect(world.turns().length).toBeLessThanOrEqual(37);
  const told = world.events.filter((event) => event.type === 'error' && event.code === 'frame-invalid');
  expect(told).toHaveLength(1);
  world.at(20_000);
  world.line.prompt('Are you open on Sunday?');
  world.rest();
  expect(world.turns().at(-1)).toBe('Are you open on Sunday?');
  expect(world.outcomes().at(-1)).toBe('replied');
});
