/** Handed over in person in a test: somebody is rung on a line of their own, and what they do was said before. */
import { describe, expect, test } from 'vitest';
import { transferCall } from '../../../src/tool/builtin/transfer-call.ts';
import { checks } from '../../../src/testing/checks/index.ts';
import { startTestCall, type TestCallOptions } from '../../../src/testing/test-call.ts';

const DESK = '+15551230000';
const SUMMARY = 'Asha Rao disputes the fee for a late payment.';
const AGENT = {
  name: 'desk',
  instructions: 'You answer for Acme.',
  greeting: 'Acme, good morning.',
  tools: [transferCall({ destinations: { desk: DESK, boss: '+15559990000' }, warm: { ringMs: 20_000 } })],
};
const toPerson = (to: string) => ({ name: 'transfer_call', arguments: { to, summary: SUMMARY } });
const REPLIES = [
  { when: 'boss', say: 'One moment, I ask the boss.', call: toPerson('boss') },
  { when: 'person', say: 'Please hold the line.', call: toPerson('desk') },
  { after: 'transfer_call', say: 'I am sorry, nobody can take your call.' },
];

const ring = (people: TestCallOptions['people'], options: TestCallOptions = {}) =>
  startTestCall(AGENT, { model: { replies: REPLIES }, people, ...options });

describe.each(['voice', 'text'] as const)('on a line of %s', (line) => {
  test('who accepts takes the caller, having heard what it is about', async () => {
    await using call = await ring({ [DESK]: 'accepts' }, { line });
    await call.say('I want to talk to a person.').catch(() => {});
    const { reason } = await call.until('call-end');
    const result = call.result();
    expect(reason).toBe('transferred');
    expect(result.people).toMatchObject([{ to: DESK, summary: SUMMARY, answeredBy: 'person', outcome: 'accepted' }]);
    expect(checks.transferredTo(result, DESK)).toEqual([]);
    expect(checks.personHeard(result, 'disputes the fee')).toEqual([]);
    expect(checks.cameBack(result, DESK)).toMatchObject([{ kind: 'fault', evidence: 'they were handed over' }]);
    const states = call.events.flatMap((event) => (event.type === 'transfer-progress' ? [event.state] : []));
    expect(states).toEqual(['ringing', 'asking', 'accepted']);
  });

  test.each([
    ['refuses', 'they cannot take the call now', 'declined'],
    ['busy', 'the line is busy', 'busy'],
    ['no-answer', 'nobody answered', 'no-answer'],
    ['voicemail', 'a machine answered', 'cancelled'],
    ['hangs-up', 'they hung up', 'completed'],
  ] as const)('who %s has the caller back with the agent, who knows: %s', async (does, why, outcome) => {
    await using call = await ring({ [DESK]: does }, { line });
    await call.say('I want to talk to a person.');
    await call.settles();
    const { error } = call.events.find((event) => event.type === 'transfer') ?? {};
    expect(error).toBe(why);
    expect(checks.cameBack(call.result(), DESK, why)).toEqual([]);
    expect(checks.cameBack(call.result(), DESK, 'a fire')).toHaveLength(1);
    expect(checks.transferredTo(call.result(), DESK)).toHaveLength(1);
    expect(call.result().people).toMatchObject([{ outcome }]);
    expect(checks.heard(call.result(), 'nobody can take your call')).toEqual([]);
    expect(JSON.stringify(call.requests.at(-1)?.messages)).toContain(why);
  });

  test('what the caller says once they are back is answered, and not before', async () => {
    await using call = await ring({ [DESK]: 'busy' }, { line });
    await call.say('I want to talk to a person.');
    await call.settles();
    const turn = await call.say('Thank you.');
    expect(turn.said).toBe('Thank you.');
    expect(call.turns.map(({ said }) => said)).toEqual(['', 'I want to talk to a person.', '', 'Thank you.']);
  });

  test('a caller who hangs up while it rings has the second call given up', async () => {
    await using call = await ring({ [DESK]: { does: 'accepts', ringsMs: 15_000 } }, { line });
    call.say('I want to talk to a person.').catch(() => {});
    await call.until('transfer-progress');
    await call.wait(2_000);
    const { people, end } = await call.hangUp();
    expect(end?.reason).not.toBe('transferred');
    expect(people).toMatchObject([{ outcome: 'cancelled', heard: '' }]);
  });

  test('a list is what they do one time after the other, and how long it rings counts', async () => {
    await using call = await ring({ [DESK]: [{ does: 'busy', ringsMs: 9_000 }, 'accepts'] }, { line });
    await call.say('I want to talk to a person.');
    await call.settles();
    await call.say('I want to talk to a person.').catch(() => {});
    await call.until('call-end');
    const { people = [] } = call.result();
    expect(people.map(({ outcome }) => outcome)).toEqual(['busy', 'accepted']);
    expect((people[0]?.toMs ?? 0) - (people[0]?.fromMs ?? 0)).toBe(9_000);
  });

  test('who was not said to be anybody fails the test that rings them, by name', async () => {
    const call = await ring({ [DESK]: 'accepts' }, { line });
    await expect(call.say('Get me the boss.').then(() => call.settles())).rejects.toThrow(/`people`.*\+15559990000/);
    expect(call.result().troubles).toMatchObject([{ what: expect.stringContaining('+15559990000') as string }]);
    await call[Symbol.asyncDispose]();
  });
});

test('by voice they answer in words, and are asked once more when those are neither yes nor no', async () => {
  await using call = await ring({ [DESK]: { does: 'accepts', says: 'Yes, put them through.' } });
  await call.say('I want to talk to a person.').catch(() => {});
  await call.until('call-end');
  expect(call.result().people).toMatchObject([{ outcome: 'accepted' }]);

  await using other = await ring({ [DESK]: { does: 'accepts', says: 'Which customer is that?' } });
  await other.say('I want to talk to a person.');
  await other.settles();
  const { people } = other.result();
  expect(people?.[0]?.heard.match(/press 1/gi)).toHaveLength(3);
  expect(checks.cameBack(other.result(), DESK, 'did not say')).toEqual([]);
});

test('nobody who was rung is not visible, and not heard by nobody', async () => {
  await using call = await ring({});
  expect(checks.personHeard(call.result(), 'fee')).toMatchObject([{ kind: 'vacuous' }]);
  expect(checks.personHeard({ ...call.result(), people: undefined } as never, 'fee')).toMatchObject([
    { kind: 'not visible' },
  ]);
});
