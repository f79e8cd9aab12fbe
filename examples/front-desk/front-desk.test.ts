// The front desk under test: what a scenario does not say as shortly. `npx vitest run examples/front-desk`
import { startTestCall, type TestCallOptions } from 'parley-voice/testing';
import 'parley-voice/vitest';
import { expect, test } from 'vitest';

const OFFICE = '+15550142';
const SUMMARY = 'Asha Rao disputes the thirty euros for a blood test.';
const REPLIES = [
  { when: 'person', after: 'transfer_call', say: 'I am sorry, nobody can take your call.' },
  {
    when: 'person',
    say: 'Please hold.',
    call: { name: 'transfer_call', arguments: { to: 'office', summary: SUMMARY } },
  },
  { when: 'bill', after: 'hand_off', call: { name: 'find_bill', arguments: {} } },
  { when: 'bill', after: 'find_bill', say: 'I find no bill for your number.' },
  { when: 'bill', say: 'I bring in billing.', call: { name: 'hand_off', arguments: { to: 'billing' } } },
];

const desk = (options: TestCallOptions) =>
  startTestCall(new URL('./reception.ts', import.meta.url), { model: { replies: REPLIES }, ...options });

test('who takes the call in the office has heard what it is about, and says so in words', async () => {
  await using call = await desk({ people: { [OFFICE]: { does: 'accepts', says: 'Yes, put them through.' } } });
  await call.say('I want to talk to a person.').catch(() => {}); // the call ends with it
  await call.settles();
  expect(call).toHaveTransferredTo(OFFICE);
  expect(call).toHaveToldPerson('disputes the thirty euros');
});

test('an office that is busy has the caller back with reception', async () => {
  await using call = await desk({ people: { [OFFICE]: 'busy' } });
  await call.say('I want to talk to a person.');
  await call.settles();
  expect(call).toHaveComeBack(OFFICE, 'the line is busy');
  expect(call).toHaveSaid('nobody can take your call');
});

test('a caller without a bill is told so by billing, who has them', async () => {
  await using call = await desk({ tools: { find_bill: { returns: 'There is no bill for this number.', takes: 300 } } });
  await call.say('Why is my bill so high?');
  await call.settles();
  expect(call).toHaveSaid('no bill for your number');
  expect(call.turns.at(-1)?.agent).toBe('billing');
});
