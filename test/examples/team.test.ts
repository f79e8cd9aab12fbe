/** `examples/team`: the caller is handed to billing, and back. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadAgent } from '../../src/call/agent.ts';
import { startTestCall } from '../../src/testing/test-call.ts';

const DESK = resolve(import.meta.dirname, '../../examples/team/desk.ts');

test('examples/team: the bill is explained by billing, in its own voice, and the desk takes the caller back', async () => {
  const replies = [
    { when: 'bill', say: 'I bring in billing.', call: { name: 'hand_off', arguments: { to: 'billing' } } },
    { after: 'find_bill', say: 'It is 80 euros, 30 of them for the blood test.' },
    { when: 'appointment', say: 'The desk does that.', call: { name: 'hand_off', arguments: { to: 'desk' } } },
    { after: 'hand_off', call: { name: 'find_bill', arguments: {} } },
  ];
  await using call = await startTestCall(await loadAgent(DESK), { model: { replies }, tools: { find_bill: 'run' } });
  await call.say('Why is my bill so high?');
  await call.hears('blood test');
  await call.say('I also need an appointment');
  await call.wait(4_000);
  const { events } = await call.hangUp();
  const changes = events.flatMap((event) => (event.type === 'agent-change' ? [[event.from, event.to]] : []));
  expect(changes.slice(0, 2)).toEqual([['clinic-desk', 'clinic-billing'], ['clinic-billing', 'clinic-desk']]); // prettier-ignore
});
