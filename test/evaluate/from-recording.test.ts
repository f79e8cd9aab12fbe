/** A recorded call becomes a scenario that plays as it did; redacted, nobody is in it any more. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { evaluate, plan } from '../../src/evaluate/evaluate.ts';
import { findScenarios } from '../../src/evaluate/find.ts';
import { scenarioOf } from '../../src/evaluate/from-recording.ts';
import { readRecording } from '../../src/evaluate/recording.ts';
import { Redactor } from '../../src/evaluate/redact.ts';
import { runOnce } from '../../src/evaluate/run.ts';
import { createFolder } from '../helpers/folder.ts';
import { drawCallFolder } from './call-folder.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

test('a recorded call as a scenario: the same words, tools and order, and a changed tool is found', async () => {
  const call = await drawCallFolder(
    folder,
    join(folder, 'one'),
    '    - say: What is free tomorrow?\n    - cutIn: { at: half, say: "Ten, please." }',
  );
  const { scenario, guesses } = scenarioOf(await readRecording(join(folder, 'one')), './agent.mjs');
  expect(guesses).toEqual([]);
  expect(scenario).toMatchObject({
    agent: './agent.mjs',
    now: expect.stringMatching(/^2026-11-23T09:00/) as string,
    caller: { steps: [{ say: 'What is free tomorrow?' }, { cutIn: { say: 'Ten, please.' } }] },
    tools: {
      find_times: { returns: { free: ['10:00'] }, takes: 600 },
      book: { returns: { booked: true }, takes: 400 },
    },
    expect: [
      { calledTool: { name: 'book', args: { time: '10:00' } } },
      { calledTool: 'find_times' },
      'effectsOnce',
      'noTalkOver',
    ],
  });
  writeFileSync(join(folder, 'again.yaml'), stringify(scenario));
  const [again] = await plan(await findScenarios([join(folder, 'again.yaml')]));
  const { report, call: played } = await runOnce({ ...again!.runs[0]!, folder });
  expect(report).toMatchObject({ verdict: 'pass', findings: [], troubles: [] });
  expect(played!.tools.map(({ name, arguments: args }) => [name, args])).toEqual(
    call.tools.map(({ name, arguments: args }) => [name, args]),
  );
  expect(played!.heard!.map(({ text }) => text)).toEqual(call.heard!.map(({ text }) => text));

  writeFileSync(
    join(folder, 'again.yaml'),
    stringify(scenario).replace('calledTool: find_times', 'calledTool: { name: find_times, times: 2 }'),
  );
  const [changed] = await evaluate(await plan(await findScenarios([join(folder, 'again.yaml')])));
  expect(changed!.runs[0]).toMatchObject({ verdict: 'fail', findings: [{ check: 'calledTool' }] });
});

test('redacted: names, numbers and addresses stand for others, the same one wherever it is said', () => {
  const scenario = {
    agent: './clinic-4711.ts',
    now: '2026-11-23T09:00:00Z',
    from: '+49 170 1234567',
    tools: { book: { returns: { booked: true, name: 'Asha Rao', reference: 'A1007' }, takes: 1_200 } },
    model: {
      replies: [
        {
          when: '^It is Asha Rao\\.?$',
          say: 'Thank you, Asha. Is 0170 555 123 still your number?',
          call: { name: 'book', arguments: { date: '2026-11-24', time: '10:00', patient: 'Asha Rao' } },
        },
      ],
    },
    caller: {
      steps: [
        { say: 'It is Asha Rao.' },
        { say: 'My mail is asha.rao@mail.example.org, account 12 34 56.' },
        { say: 'At ten, on 2026-11-24, for 25 people.' },
      ],
    },
  };
  const text = stringify(new Redactor().redact(scenario));
  expect(text).not.toMatch(/Asha|Rao|1234567|555 123|12 34 56|asha|1007/i);
  const redacted = parse(text) as typeof scenario;
  expect(redacted).toMatchObject({
    agent: './clinic-4711.ts',
    now: '2026-11-23T09:00:00Z',
    tools: { book: { returns: { name: 'Jane Doe' }, takes: 1_200 } },
    model: {
      replies: [
        {
          when: '^It is Jane Doe\\.?$',
          call: { name: 'book', arguments: { date: '2026-11-24', time: '10:00', patient: 'Jane Doe' } },
        },
      ],
    },
    caller: { steps: [{ say: 'It is Jane Doe.' }, {}, { say: 'At ten, on 2026-11-24, for 25 people.' }] },
  });
  expect(redacted.model.replies[0]!.say).toMatch(/^Thank you, Jane\. Is \d{4} \d{3} \d{3} still your number\?$/);
});

test('redacted, too: in patterns, in keys, where somebody lives, and what a caller calls themselves', () => {
  const mail = 'asha.rao@mail.example.org';
  const scenario = {
    people: { '+15551230000': 'busy', '+15559990000': 'accepts' },
    tools: { find_4711: { returns: { address: '1200 Baker Street', city: 'Leeds' } } },
    model: {
      replies: [
        { when: `^My mail is ${mail.replaceAll('.', '\\.')}$`, say: 'I send it to 1200 Baker Street, Leeds.' },
        { when: '^my name is priya raman and I am late\\.$', say: 'Hello Priya. This is the Workshop.' },
        {
          when: '^Hi, this is Kofi\\.$',
          say: 'Hello Kofi.',
          call: { name: 'ring', arguments: { to: '+15551230000' } },
        },
      ],
    },
    caller: {
      steps: [
        { say: `My mail is ${mail}` },
        { say: 'my name is priya raman and I am late.' },
        { cutIn: { at: 'Hello', say: 'Hi, this is Kofi.' } },
      ],
    },
  };
  const redacted = new Redactor().redact(scenario);
  const text = JSON.stringify(redacted);
  expect(text).not.toMatch(/asha|priya|raman|kofi|baker|leeds|1230000|9990000/i);
  expect(text).toMatch(/and I am late.*This is the Workshop/);
  expect(Object.keys(redacted.tools)).toEqual(['find_4711']);
  const [first] = redacted.model.replies;
  expect(redacted.caller.steps[0]!.say).toMatch(new RegExp(first!.when)); // so that it is answered as it was
  expect(Object.keys(redacted.people)).toContain(redacted.model.replies[2]!.call!.arguments.to);
});
