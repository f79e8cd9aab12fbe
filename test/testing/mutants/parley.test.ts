/** Parley itself is broken, by a turn machine whose answers are changed on their way: the check that is meant for it finds it. */
import { onTestFinished, test, expect } from 'vitest';
import type { Message } from '../../../src/model/contract.ts';
import type { TurnEffect, TurnEvent } from '../../../src/turn/contract.ts';
import { TurnMachine } from '../../../src/turn/machine.ts';
import { bookingIn, cutsIn, faultsOf } from './helpers.ts';

type Handle = TurnMachine['handle'];
type Step = Extract<TurnEffect, { type: 'request-step' }>;

/** For the rest of the test every machine's effects go through `change`. */
function breakMachine(change: (effects: TurnEffect[], event: TurnEvent) => TurnEffect[]): void {
  const own: Handle = Reflect.get(TurnMachine.prototype, 'handle');
  TurnMachine.prototype.handle = function (event, atMs) {
    return change(own.call(this, event, atMs), event);
  };
  onTestFinished(() => void (TurnMachine.prototype.handle = own));
}

const withMessages = (change: (messages: readonly Message[], step: Step) => readonly Message[]) =>
  breakMachine((effects) =>
    effects.map((effect) =>
      effect.type === 'request-step' ? { ...effect, messages: change(effect.messages, effect) } : effect,
    ),
  );

const ABOUT = 'We are a small clinic by the sea, and we are open from nine to six on every day of the week.';

test('19: the history keeps the whole text of what was cut in on', async () => {
  withMessages((messages) =>
    messages.map((message) =>
      message.role === 'assistant' && message.content?.startsWith('We are a')
        ? { ...message, content: ABOUT }
        : message,
    ),
  );
  expect(await faultsOf({ world: {}, caller: (call) => cutsIn(call, 'small') })).toEqual([
    'trueHistory',
    'keepsTheRules',
  ]);
});

test('22: a result that comes late is dropped at a cut-in', async () => {
  withMessages((messages) =>
    messages.filter(({ role, content }) => role !== 'system' || !content.startsWith('Result of')),
  );
  const found = await faultsOf({
    tools: (slots) => ({
      book_appointment: bookingIn(slots, 4_000),
    }),
    caller: async (call) => {
      await cutsIn(call, 'am', 'Please book ten for Jane Doe');
      await call.say('Thank you');
      await call.wait(3_000);
      await call.say('Thank you');
    },
    expect: { answerWithin: undefined },
  });
  expect(found).toEqual(['effectsOnce', 'keepsTheRules']);
});

test('24: the call is ended before the goodbye is heard', async () => {
  breakMachine((effects, event) => {
    const isLast = event.type === 'tool-call' && event.call.name === 'end_call';
    return isLast ? [...effects, { type: 'hang-up', reason: 'agent-hung-up' }] : effects;
  });
  const found = await faultsOf({
    agent: { turn: { aheadRequests: 0 } }, // what is asked ahead is held back with its words
    world: {},
    caller: (call) => call.say('Good bye').catch(() => {}),
    expect: { ended: undefined },
  });
  expect(found).toEqual(['goodbyeHeard', 'keepsTheRules']);
});

test('25: a tool message that answers no call', async () => {
  withMessages((messages) => [...messages, { role: 'tool', tool_call_id: 'call_of_nobody', content: '{}' }]);
  expect(await faultsOf({})).toEqual(['world', 'keepsTheRules']); // a strict server refuses it, so nothing is booked
});

test('the same calls, with nothing broken, are flagged by no check', async () => {
  expect(await faultsOf({ world: {}, caller: (call) => cutsIn(call, 'small') })).toEqual([]);
  expect(
    await faultsOf({ world: {}, caller: (call) => call.say('Good bye').catch(() => {}), expect: { ended: undefined } }),
  ).toEqual([]);
});
