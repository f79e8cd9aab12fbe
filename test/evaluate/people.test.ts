/** Scenarios in which somebody is rung for the caller: what they do, what is looked at of it, and the next words of the caller. */
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import { scenarioOf } from '../../src/evaluate/from-recording.ts';
import { runOnce } from '../../src/evaluate/run.ts';
import { createFolder } from '../helpers/folder.ts';
import { planned, writeFiles } from './scripted.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

const AGENT = `
import { defineAgent, transferCall } from 'parley-voice';
export default defineAgent({
  name: 'desk', instructions: 'Be brief.',
  tools: [transferCall({ destinations: { desk: '+15551230000' }, warm: { ringMs: 15_000 } })],
});
`;
const REPLIES = `
    - { when: person, say: Please hold the line., call: { name: transfer_call, arguments: { to: desk, summary: Asha asks for a refund. } } }
    - { after: transfer_call, say: 'I am sorry, nobody can take your call.' }
    - { say: Of course. }`;
const scenario = (people: string, rest: string): string => `name: person
agent: ./person.mjs
model:
  replies: ${REPLIES}
people: ${people}
caller:
  steps:
    - say: Can I talk to a person?
${rest}
`;

writeFiles(folder, { 'person.mjs': AGENT });
const write = (text: string) => planned(folder, { 'one.yaml': text });
const run = async (text: string) => (await evaluate(await write(text)))[0]!.runs;

test('who is rung takes the caller, and has heard what it is about', async () => {
  const [report] = await run(
    scenario(
      "{ '+15551230000': { does: accepts, ringsMs: 5s, says: Yes please. } }",
      "expect: [{ transferredTo: '+15551230000' }, { personHeard: asks for a refund }, { ended: transferred }, { not: { cameBack: '+15551230000' } }]",
    ),
  );
  expect(report).toMatchObject({ verdict: 'pass', findings: [], troubles: [], ended: 'transferred' });
});

test('the caller says nothing more until they are back, and the step looks at what they were told then', async () => {
  const text = scenario(
    "{ '+15551230000': [busy, no-answer] }",
    `    - expect: [{ said: nobody can take your call }, { cameBack: { from: '+15551230000', why: line is busy } }]
    - say: I really want a person.
    - expect: [{ cameBack: { from: '+15551230000', why: '/nobody/' } }]
    - say: Thank you.
expect: [noTalkOver, { noDeadAirOver: 20s }]`,
  );
  expect((await run(text))[0]).toMatchObject({ verdict: 'pass', findings: [], troubles: [] });
  const wrong = await run(text.replace('line is busy', 'a fire'));
  expect(wrong[0]).toMatchObject({ verdict: 'fail', findings: [{ check: 'cameBack', evidence: 'the line is busy' }] });
});

test('somebody whom nobody plays makes the call void, and says what to write', async () => {
  const [report] = await run(scenario("{ '+15550000000': accepts }", 'expect: [{ ended: transferred }]'));
  expect(report).toMatchObject({ verdict: 'void' });
  expect(report!.troubles.join()).toContain("people: { '+15551230000': 'accepts' }");
});

test('a deed that there is not is refused, with those that there are', async () => {
  await expect(write(scenario("{ '+15551230000': sulks }", 'expect: [speakable]'))).rejects.toThrow(
    /people\.\+15551230000.*accepts, refuses, busy, no-answer, voicemail, hangs-up/s,
  );
});

test('a call in which somebody was rung is recorded with what they did, and plays the same again', async () => {
  const [one] = await write(
    scenario("{ '+15551230000': [busy, accepts] }", '    - say: I really want a person.\nexpect: [speakable]'),
  );
  const { call } = await runOnce({ ...one!.runs[0]!, folder });
  const { scenario: again } = scenarioOf(call!, './person.mjs');
  expect(again).toMatchObject({ people: { '+15551230000': ['busy', 'accepts'] } });
  const [replayed] = await evaluate(await planned(folder, { 'again.yaml': stringify(again) }));
  expect(replayed!.runs[0]).toMatchObject({ ended: 'transferred', troubles: [] });
});
