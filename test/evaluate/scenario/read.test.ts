/** Scenario files: what stands in them is what is played, and what is wrong is told with its line and column. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readScenarios, ScenarioError } from '../../../src/evaluate/scenario/read.ts';
import { runsOf, stepsOf } from '../../../src/evaluate/scenario/schema.ts';
import { cellsOf, seedOf } from '../../../src/evaluate/scenario/sweep.ts';
import { createFolder } from '../../helpers/folder.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);
let files = 0;

function written(text: string, extension = 'yaml'): string {
  const file = join(folder, `scenario-${++files}.${extension}`);
  writeFileSync(file, text);
  return file;
}

const read = (text: string) => readScenarios(written(text), 'file.yaml');

async function problems(text: string): Promise<readonly string[]> {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof ScenarioError)) throw new Error(`Expected a ScenarioError, got ${String(error)}`);
  return error.problems;
}

const NOTHING = { values: {}, labels: {} };
const CLINIC = `name: books-a-slot
agent: ../examples/clinic.ts
now: 2026-11-23T09:00:00Z
model: { replies: ./replies/booking.json, pace: documented }
tools: { find_appointments: { returns: { free_times: ["10:00"] }, takes: 600 }, book_appointment: { returns: { booked: true }, takes: 0.9s } }
caller:
  steps:
    - say: What is free tomorrow?
    - expect: [{ filler: check }, { calledTool: { name: find_appointments, args: { date: "2026-11-24" } } }, { answerWithin: 1100ms }]
    - cutIn: { at: Tuesday, say: "Ten is fine, Jane Doe" }
    - press: "012"
    - make: mm-hm
    - wait: 1.5 s
    - hangUp
expect: [effectsOnce, { noDeadAirOver: 1500ms }, { not: { said: "/error|null/i" } }, { anyOf: [{ ended: hung-up }, trueHistory] }]
`;

test('a scenario is read whole: times in milliseconds, patterns, steps and checks', async () => {
  const [source] = await read(CLINIC);
  const scenario = source!.fill(NOTHING);
  expect(source).toMatchObject({ name: 'books-a-slot', file: 'file.yaml', folder, line: 1, axes: [] });
  expect(scenario.tools).toMatchObject({ find_appointments: { takes: 600 }, book_appointment: { takes: 900 } });
  expect(stepsOf(scenario).map(({ does }) => does)).toEqual([
    'say',
    'expect',
    'cutIn',
    'press',
    'make',
    'wait',
    'hangUp',
  ]);
  expect(stepsOf(scenario)[2]).toMatchObject({ instant: { at: 'word', word: 'Tuesday' } });
  expect(stepsOf(scenario)[5]).toEqual({ does: 'wait', ms: 1_500 });
  expect(scenario.expect).toEqual([
    { name: 'effectsOnce', argument: undefined },
    { name: 'noDeadAirOver', argument: 1_500 },
    { not: { name: 'said', argument: [/error|null/i] } },
    {
      anyOf: [
        { name: 'ended', argument: ['hung-up'] },
        { name: 'trueHistory', argument: undefined },
      ],
    },
  ]);
  expect(runsOf(scenario)).toBe(1);
});

test('several documents of a file are several scenarios, and a simulated caller is played four times', async () => {
  const second = `name: changes-her-mind\nagent: clinic.ts\nmodel: brain\ncaller: { goal: "Book ten.", knows: { name: Jane Doe } }\njudge: [{ must: "It is booked." }]\n`;
  const [first, other] = await read(`${CLINIC}---\n${second}`);
  expect(first!.name).toBe('books-a-slot');
  expect(other).toMatchObject({ name: 'changes-her-mind', line: 17 });
  expect(runsOf(other!.fill(NOTHING))).toBe(4);
});

test.each([
  ['0', { at: 'time', ms: 0 }],
  ['800ms', { at: 'time', ms: 800 }],
  ['"90 %"', { at: 'share', share: 0.9 }],
  ['Tuesday', { at: 'word', word: 'Tuesday' }],
  ['{ word: 3 }', { at: 'number', number: 3 }],
])('the caller cuts in at %s', async (at, instant) => {
  const [source] = await read(
    `name: a\nagent: a.ts\ncaller: { steps: [{ say: hi }, { cutIn: { at: ${at}, say: wait } }] }\nexpect: [trueHistory]\n`,
  );
  expect(stepsOf(source!.fill(NOTHING))[1]).toMatchObject({ instant });
});

describe('what is wrong is told with its line and column', () => {
  const base = (rest: string) => `name: a\nagent: a.ts\n${rest}`;
  test.each([
    [
      'an unknown field',
      base('cller: {}\n'),
      'file.yaml:3:1: `cller` is not a field of a scenario: did you mean `caller`?',
    ],
    [
      'a word of another tool',
      base('mocks: {}\ncaller: { steps: [hangUp] }\nexpect: [trueHistory]\n'),
      'file.yaml:3:1: `mocks` is not a field of a scenario: did you mean `tools`?',
    ],
    [
      'keys that are a number',
      base('caller:\n  steps:\n    - press: 012\nexpect: [trueHistory]\n'),
      'file.yaml:5:14: `caller.steps.0.press`: expected keys as a text, such as "012": without quotes YAML reads a number, which has lost its zeros',
    ],
    [
      'a step that is none',
      base('caller:\n  steps:\n    - sai: hello\nexpect: [trueHistory]\n'),
      'file.yaml:5:12: `caller.steps.0.sai`: `sai` is not a step: did you mean `say`?',
    ],
    [
      'two steps in one',
      base('caller:\n  steps:\n    - { say: hello, press: "1" }\nexpect: [trueHistory]\n'),
      'file.yaml:5:7: `caller.steps.0`: expected one step, got say and press in one',
    ],
    [
      'a caller that is a bare list of steps',
      base('caller:\n  - say: hello\nexpect: [trueHistory]\n'),
      'file.yaml:4:3: `caller`: expected `steps`, what a scripted caller does, or `goal`, what a simulated one wants, got a list',
    ],
    [
      'a count that has to be more than nothing',
      base('caller: { steps: [hangUp] }\nexpect: [trueHistory]\nruns: 0\n'),
      'file.yaml:5:7: `runs`: expected more than 0, got `0`',
    ],
    [
      'a check that is none',
      base('caller: { steps: [{ say: hello }] }\nexpect: [effectOnce]\n'),
      'file.yaml:4:10: `expect.0`: `effectOnce` is not a check: did you mean `effectsOnce`?',
    ],
    [
      'two checks behind one dash',
      base('caller: { steps: [{ say: hello }] }\nexpect: [{ said: a, heard: b }]\n'),
      'file.yaml:4:10: `expect.0`: expected one check, got said and heard in one: write each behind a dash',
    ],
    [
      'a check inside another',
      base('caller: { steps: [{ say: hello }] }\nexpect:\n  - not: { answerWithin: soon }\n'),
      'file.yaml:5:26: `expect.0.not.answerWithin`: expected a time, such as 1500, "1500ms" or "1.5s"',
    ],
    [
      'what a check is not told',
      base('caller: { steps: [{ say: hello }] }\nexpect: [{ calledTool: { nam: x } }]\n'),
      'file.yaml:4:24: `expect.0.calledTool`: expected the name of a tool, or { name, args, times, before }',
    ],
    [
      'why a call ends, misspelled',
      base('caller: { steps: [{ say: hello }] }\nexpect: [{ ended: [caller-hungup, our-own-reason] }]\n'),
      'file.yaml:4:19: `expect.0.ended`: expected why calls end, got `caller-hungup`: did you mean `caller-hung-up`?',
    ],
    [
      'a reply that has another field',
      base('model: { replies: [{ whn: x, say: y }] }\ncaller: { steps: [hangUp] }\nexpect: [trueHistory]\n'),
      'file.yaml:3:22: `whn` is not a field of `model.replies.0`',
    ],
    [
      'a reply by no pattern',
      base('model: { replies: [{ when: "(", say: y }] }\ncaller: { steps: [hangUp] }\nexpect: [trueHistory]\n'),
      'file.yaml:3:28: `model.replies.0.when`: expected a regular expression, got `(`',
    ],
    [
      'a reply that calls nothing',
      base('model: { replies: [{ call: [find] }] }\ncaller: { steps: [hangUp] }\nexpect: [trueHistory]\n'),
      'file.yaml:3:28: `model.replies.0.call`: expected { name, arguments }, or a list of these',
    ],
    [
      'no pace',
      base('model: { replies: [], pace: fast }\ncaller: { steps: [hangUp] }\nexpect: [trueHistory]\n'),
      "file.yaml:3:29: `model.pace`: expected 'instant' or 'documented' or an object, got `\"fast\"`",
    ],
    [
      'no fault of a model',
      base('faults: { model: [{ type: explode }] }\ncaller: { steps: [hangUp] }\nexpect: [trueHistory]\n'),
      "file.yaml:3:27: `faults.model.0.type`: expected 'status', 'refuse', 'hang'",
    ],
    [
      'a name that no sweep has',
      base('conditions: { noise: { snrDb: $snr } }\ncaller: { steps: [{ say: hi }] }\nexpect: [trueHistory]\n'),
      'file.yaml:3:31: `conditions.noise.snrDb`: expected a number, got `"$snr"`: `sweep` has nothing of that name',
    ],
    [
      'a sweep of a tool without a stub',
      base('sweep: { tools.find.takes: [0, 1s] }\ncaller: { steps: [{ say: hi }] }\nexpect: [trueHistory]\n'),
      "file.yaml:3:10: `tools.find.takes` stands nowhere in this scenario: name a field of what is there, such as a tool's that has a stub",
    ],
    [
      'a rule that there is not',
      base('caller: { steps: [{ say: hello }] }\nexpect: [{ keepsTheRules: [R99] }]\n'),
      'file.yaml:4:27: `expect.0.keepsTheRules`: expected nothing behind it, or a list of rules',
    ],
    [
      'both kinds of caller',
      base('caller: { goal: Book., steps: [{ say: hello }] }\nexpect: [trueHistory]\n'),
      'file.yaml:3:9: `caller`: expected `steps` or `goal`, got both: who follows a script wants nothing',
    ],
    [
      'an empty list',
      base('tools: { find: [] }\ncaller: { steps: [{ say: hello }] }\nexpect: [trueHistory]\n'),
      'file.yaml:3:16: `tools.find`: expected a list that is not empty, got an empty list',
    ],
    [
      'a model of a server that has no name',
      base('model: { baseUrl: "http://localhost:1/v1" }\ncaller: { steps: [hangUp] }\nexpect: [trueHistory]\n'),
      'file.yaml:3:8: `model`: expected `brain`, `agent`, { replies, pace } or { baseUrl, model, apiKeyEnv }',
    ],
    [
      'faults of the model where a real one answers',
      base(
        'model: agent\nfaults: { model: [{ type: status, status: 429 }] }\ncaller: { steps: [hangUp] }\nexpect: [trueHistory]\n',
      ),
      "file.yaml:4:18: `faults.model`: expected no faults of the model where a real one answers: they are the stand-in's",
    ],
    [
      'a share of what a real model says',
      base(
        'model: agent\ncaller: { steps: [{ say: hi }, { cutIn: { at: "50 %", say: no } }] }\nexpect: [trueHistory]\n',
      ),
      "file.yaml:4:47: `caller.steps.1.cutIn.at`: expected a word of the agent's, or a time such as 800ms: what else a real model says is not known before it does",
    ],
    [
      'a sweep over the words of a real model',
      base(
        'model: agent\ncaller: { steps: [{ say: hi }, { cutIn: { at: $at, say: no } }] }\nsweep: { at: { every: 200ms } }\nexpect: [trueHistory]\n',
      ),
      'file.yaml:5:10: `sweep.at`: expected a list of values where a real model answers: how long it speaks, and in which words, is not known before',
    ],
    [
      'no steps',
      base('caller: { steps: [] }\nexpect: [trueHistory]\n'),
      'file.yaml:3:18: `caller.steps`: expected steps, got none: nothing would be said',
    ],
    [
      'no checks',
      base('caller: { steps: [{ say: hello }] }\n'),
      'file.yaml:1:1: expected something to be checked: `expect`, a step of `expect`, or `judge`. Without one it would pass whatever the agent does',
    ],
    [
      'an empty list of checks',
      base('caller: { steps: [{ say: hello }] }\nexpect: []\n'),
      'file.yaml:4:9: `expect`: expected a list of checks, got an empty one: it checks nothing',
    ],
    [
      'a type',
      base('caller: { steps: [{ say: hello }] }\nexpect: [trueHistory]\nruns: many\n'),
      'file.yaml:5:7: `runs`: expected a number, got `"many"`',
    ],
    [
      'no agent',
      'name: a\ncaller: { steps: [{ say: hello }] }\nexpect: [trueHistory]\n',
      'file.yaml:1:1: `agent`: expected a text, got nothing',
    ],
    ['a key twice', 'name: a\nname: b\n', 'file.yaml:2:1: Map keys must be unique'],
    ['no YAML', 'name: "a\n', 'file.yaml:2:1: Missing closing "quote'],
    [
      'an alias of nothing',
      'name: *book\n',
      'file.yaml:1:1: Unresolved alias (the anchor must be set before the alias): book. An anchor holds in its own document alone',
    ],
    [
      'a stub that is none',
      base('tools:\n  book: { return: 1 }\ncaller: { steps: [{ say: hello }] }\nexpect: [trueHistory]\n'),
      'file.yaml:4:9: `tools.book`: expected `run`, one of { returns, takes }, { throws, takes } and { hangs: true }, or a list of these',
    ],
    [
      'a sweep over nothing',
      base('caller: { steps: [{ say: hello }] }\nexpect: [trueHistory]\nsweep: { snr: [1, 2] }\n'),
      'file.yaml:5:10: `snr` stands nowhere in this scenario: write `$snr` where its values go, or name a field, such as `tools.find.takes`',
    ],
    [
      'a swept value that does not fit',
      base('runs: $n\ncaller: { steps: [{ say: hello }] }\nexpect: [trueHistory]\nsweep: { n: [1, none] }\n'),
      'file.yaml:3:7: `runs`: expected a number, got `"none"`',
    ],
  ])('%s', async (_what, text, problem) => {
    expect(await problems(text)).toContainEqual(expect.stringContaining(problem) as string);
  });

  test('two of one name', async () => {
    const one = 'name: a\nagent: a.ts\ncaller: { steps: [{ say: hello }] }\nexpect: [trueHistory]\n';
    expect(await problems(`${one}---\n${one}`)).toEqual(['file.yaml:6:7: a second scenario is named `a`']);
  });

  test('an empty file, and one that is not there', async () => {
    expect(await problems('')).toEqual(['file.yaml: expected a scenario, got an empty file']);
    await expect(readScenarios('/nowhere/a.yaml')).rejects.toThrow(/cannot read \/nowhere\/a\.yaml/);
  });
});

describe('sweeps', () => {
  const swept = `name: street
agent: a.ts
caller: { steps: [{ say: "Tell me, $who." }, { cutIn: { at: $word, say: "No" } }] }
conditions: { mishears: { words: $words } }
sweep: { words: [0, 0.2], who: [Jane], tools.find.takes: [0, 3s], word: { each: word } }
tools: { find: { returns: 1 } }
expect: [trueHistory]
`;

  test('values go where they stand and into fields by their path; words of the answer come later', async () => {
    const [source] = await read(swept);
    expect(source!.axes.map(({ name }) => name)).toEqual(['words', 'who', 'tools.find.takes', 'word']);
    const known = source!.axes.map((axis) => ('values' in axis ? axis : { name: axis.name, values: [{ word: 2 }] }));
    const cells = cellsOf(known);
    expect(cells).toHaveLength(4);
    expect(cells[3]!.labels).toEqual({ words: '0.2', who: 'Jane', 'tools.find.takes': '3s', word: 'word 2' });
    const scenario = source!.fill(cells[3]!);
    expect(scenario.conditions?.mishears?.words).toBe(0.2);
    expect(scenario.tools['find']).toEqual({ returns: 1, takes: 3_000 });
    expect(stepsOf(scenario)).toMatchObject([{ text: 'Tell me, Jane.' }, { instant: { at: 'number', number: 2 } }]);
  });

  test('a seed is that of its scenario, cell and run, whatever runs beside it', () => {
    const seeds = [1, 2].flatMap((run) =>
      ['a', 'b'].flatMap((name) => ['1', '2'].map((x) => seedOf(7, name, { x }, run))),
    );
    expect(new Set(seeds).size).toBe(8);
    expect(seedOf(7, 'a', { x: '1' }, 1)).toBe(seeds[0]);
    expect(seedOf(8, 'a', { x: '1' }, 1)).not.toBe(seeds[0]);
  });
});

test('a module has scenarios as its default export, and no lines', async () => {
  const file = written(
    `export default [{ name: 'a', agent: 'a.ts', caller: { steps: [{ say: 'hi' }] }, expect: ['trueHistory'], tools: { find: () => 1 } }];`,
    'mjs',
  );
  const [source] = await readScenarios(file, 'a.mjs');
  expect(source).toMatchObject({ name: 'a', line: undefined });
  expect(source!.fill(NOTHING).tools['find']).toBeTypeOf('function');
  const bad = written(
    `export default { name: 'a', agent: 'a.ts', caller: { steps: [] }, expect: ['trueHistory'] };`,
    'mjs',
  );
  await expect(readScenarios(bad, 'b.mjs')).rejects.toThrow('b.mjs: `caller.steps`: expected steps, got none');
  const empty = written(`export const x = 1;`, 'mjs');
  await expect(readScenarios(empty, 'c.mjs')).rejects.toThrow('c.mjs: expected a default export');
});

describe('by phone', () => {
  const byPhone = (rest: string, step = 'say: Hello') => `name: rings
agent: clinic.ts
line: phone
caller: { steps: [{ ${step} }] }
expect: [trueHistory]
${rest}`;
  const INSTANT = "`caller.steps.0.cutIn.at`: expected a word of the agent's, or a time such as 800ms";

  test.each([
    ['now: 2026-11-23T09:00:00Z', 'say: Hello', '6:6: `now`: expected none by phone'],
    ['conditions: { noise: { snrDb: 10 } }', 'say: Hello', '6:22: `conditions.noise`: expected none of it by phone'],
    ['faults: { voice: [{ type: mute, afterMs: 0 }] }', 'say: Hello', '6:18: `faults.voice`: expected none of it'],
    ['model: agent', 'say: Hello', '6:8: `model`: expected a stand-in by phone'],
    ["people: { '+15551230000': busy }", 'say: Hello', '6:9: `people`: expected nobody by phone'],
    ['', 'cutIn: { at: 50 %, say: Wait }', `4:34: ${INSTANT}`],
    ['sweep: { word: { each: word } }', 'cutIn: { at: $word, say: Wait }', `4:34: ${INSTANT}`],
  ])('what takes virtual time is refused where it stands: %s %s', async (rest, step, expected) => {
    const [problem, ...others] = await problems(byPhone(rest, step));
    expect(problem).toContain(`file.yaml:${expected}`);
    expect(others).toEqual([]);
  });

  test('so it is where the line is chosen for all of them', async () => {
    const [source] = await read(byPhone('now: 2026-11-23T09:00:00Z').replace('line: phone', 'line: voice'));
    expect(source!.fill(NOTHING, 'text')).toMatchObject({ line: 'text' });
    expect(() => source!.fill(NOTHING, 'phone')).toThrow('file.yaml:6:6: `now`: expected none by phone');
  });
});
