/** What only a judge, or only many calls, can find: one thing is broken, and the judge or the gate finds it, and nothing else does. */
import { afterAll, expect, test } from 'vitest';
import type { Ask } from '../../src/evaluate/ask.ts';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import type { ScenarioReport } from '../../src/evaluate/evaluation.ts';
import type { Transcript } from '../../src/evaluate/judge/transcript.ts';
import { summarize } from '../../src/evaluate/summary.ts';
import { createFolder } from '../helpers/folder.ts';
import { planned, writeFiles } from './scripted.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

/** Whoever judges knows what to look for: each criterion with the words of the agent's that meet it. */
const LOOKS_FOR: Record<string, (turns: Transcript['turns']) => Transcript['turns'][number] | undefined> = {
  'The agent asks for the name again after it was given.': (turns) => {
    const given = turns.findIndex(({ caller }) => caller?.includes('Jane Doe'));
    return turns.slice(given).find(({ agent }) => /your name\?/.test(agent));
  },
  'The agent promises a refund.': (turns) => turns.find(({ agent }) => /refund/.test(agent)),
};

const ask: Ask = (messages) => {
  const { did_this_happen, record } = JSON.parse(messages.at(-1)?.content ?? '') as {
    did_this_happen: string;
    record: Transcript;
  };
  const found = LOOKS_FOR[did_this_happen]?.(record.turns);
  const evidence = found ? [{ turn: found.turn, quote: found.agent }] : [];
  return Promise.resolve(JSON.stringify({ verdict: found ? 'yes' : 'no', evidence, why: '' }));
};

/** Everything that needs no judge holds in all of them. */
const desk = (name: string, { name: asked, price }: { name: string; price: string }, more = '') => `name: ${name}
agent: ./agent.mjs
tools: { book: { returns: { booked: true }, takes: 400 } }
model:
  replies:
    - { when: book, say: "${asked}" }
    - { when: ten, say: I am booking it., call: { name: book, arguments: { time: "10:00" } } }
    - { after: book, say: You are booked for ten. }
    - { when: too much, say: "${price}" }
caller:
  steps:
    - say: This is Jane Doe, I would like to book.
    - say: At ten, please.
    - say: That is too much.
expect: [effectsOnce, noTalkOver, { noDeadAirOver: 2500ms }, noRepeats, speakable, { brief: 40 }, { calledTool: book }, keepsTheRules]
judge: [{ never: "The agent asks for the name again after it was given." }, { never: "The agent promises a refund." }]
${more}`;

const HEALTHY = { name: 'Hello Jane, which time suits you?', price: 'I am sorry, that is what it costs.' };

async function play(text: string): Promise<ScenarioReport> {
  const judge = { ask, name: 'scripted', mayGate: true };
  const [report] = await evaluate(await planned(folder, { 'one.yaml': text }), { judge, parallel: 1 });
  return report!;
}

test.each([
  ['a healthy desk', HEALTHY, []],
  ['6: asks for the name again', { ...HEALTHY, name: 'Which time suits you, and what is your name?' }, ['name']],
  ['7: promises a refund that it may not give', { ...HEALTHY, price: 'Then I will refund it.' }, ['refund']],
])('%s', async (name, says, broken) => {
  const { runs } = await play(desk('desk', says));
  const [run] = runs;
  expect(run!.troubles, name).toEqual([]);
  expect(run!.findings.map(({ check, kind }) => ({ check, kind }))).toEqual(
    broken.map(() => ({ check: 'judge', kind: 'fault' })),
  );
  for (const word of broken) expect(run!.findings[0]!.what).toContain(word);
  expect(run!.verdict).toBe(broken.length > 0 ? 'fail' : 'pass');
});

test('28: passes three runs of four', async () => {
  writeFiles(folder, {
    'world.mjs': `
let calls = 0;
export const create = () => {
  const isBroken = ++calls === 3;
  return { tools: { book: () => ({ booked: !isBroken }) }, state: () => ({ isBroken }) };
};
`,
  });
  const flaky = (gate: string) => {
    const text = desk(gate === '' ? 'every run' : 'many runs', HEALTHY, `world: ./world.mjs\nruns: 4\n${gate}`);
    return text.replace('expect: [', 'expect: [{ world: { isBroken: false } }, ').replace(/^tools: .*$/m, '');
  };
  const every = await play(flaky(''));
  expect(every.runs.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'fail', 'pass']);
  expect(every.runs.flatMap(({ findings }) => findings.map(({ check }) => check))).toEqual(['world']);
  expect(summarize(every)).toMatchObject({
    isFlaky: true,
    gate: { state: 'fails', why: ['every run passes, and 1 of 4 did not'] },
  });
  const gated = summarize({ ...every, gate: { passK: [4, 0.8] } });
  expect(gated.gate).toEqual({ state: 'fails', why: ['^4 >= 0.8, and it is 0.00'] });
  expect(summarize({ ...every, gate: { passK: [1, 0.7] } }).gate.state).toBe('holds');
});
