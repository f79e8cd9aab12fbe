/** Parley itself is broken, by a turn machine whose answers are changed on their way: the check that is meant for it finds it. */
import { onTestFinished, test, expect } from 'vitest';
import type { Message } from '../../../src/model/contract.ts';
import type { TurnEffect, TurnEvent } from '../../../src/turn/contract.ts';
import { TurnMachine } from '../../../src/turn/machine.ts';
import { checks } from '../../../src/testing/checks/index.ts';
import { bookingIn, books, cutsIn, DATE, faultsOf, HEALTHY, type Played } from './helpers.ts';

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

/** A filler that does not end a sentence is spoken when it is known that no more comes. */
const HEALTHY_WITHOUT_STOPS = HEALTHY.map((rule) =>
  rule.when === 'free' ? { ...rule, say: 'Let me check that for you' } : rule,
);

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

test('20: a filler waits until the arguments are whole', async () => {
  let held: TurnEffect[] = [];
  const slowArguments: Played = {
    options: { model: { replies: HEALTHY_WITHOUT_STOPS, pace: { firstTokenMs: 250, argumentsMs: 1_400 } } },
    world: {},
    caller: (call) => call.say('What is free tomorrow?'),
    expect: { answerWithin: (call) => checks.answerWithin(call, 1_700) },
  };
  expect(await faultsOf(slowArguments)).toEqual([]);
  breakMachine((effects, event) => {
    if (event.type === 'tool-call-start') {
      held = effects.filter(({ type }) => type === 'flush');
      return effects.filter(({ type }) => type !== 'flush');
    }
    return event.type === 'tool-call' ? [...held.splice(0), ...effects] : effects;
  });
  expect(await faultsOf(slowArguments)).toEqual(['answerWithin', 'keepsTheRules']);
});

test('21: the next step waits until what was said has been played', async () => {
  let held: TurnEffect[] = [];
  const quick: Played = {
    replies: [
      {
        when: 'free',
        say: 'Let me check that for you, it will take me no more than a little moment to look.',
        call: { name: 'find_appointments', arguments: { date: DATE } },
      },
    ],
    world: {},
    caller: (call) => call.say('What is free tomorrow?'),
    expect: { noGapOver: (call) => checks.noGapOver(call, 20) },
  };
  expect(await faultsOf(quick)).toEqual([]);
  breakMachine((effects, event) => {
    if (event.type === 'tool-settled') {
      held = effects.filter(({ type }) => type === 'request-step');
      return effects.filter(({ type }) => type !== 'request-step');
    }
    return event.type === 'playback-idle' ? [...effects, ...held.splice(0)] : effects;
  });
  expect(await faultsOf(quick)).toEqual(['keepsTheRules', 'noGapOver']);
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

test('23: nobody is told to hold while the model refuses', async () => {
  const refused: Played = {
    options: { faults: { model: [{ type: 'status', status: 429, retryAfter: 6 }] } },
    world: {},
    caller: (call) => call.say('What is free tomorrow?'),
    expect: { answerWithin: undefined, noDeadAirOver: (call) => checks.noDeadAirOver(call, 4_500) },
  };
  expect(await faultsOf(refused)).toEqual([]);
  breakMachine((effects) => effects.filter((effect) => effect.type !== 'say' || effect.kind !== 'progress'));
  expect(await faultsOf(refused)).toEqual(['noDeadAirOver', 'keepsTheRules']);
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
  withMessages((messages, { turn }) =>
    turn < 3 ? messages : [...messages, { role: 'tool', tool_call_id: 'call_of_nobody', content: '{}' }],
  );
  const found = await faultsOf({
    caller: async (call) => {
      await books(call);
      await call.say('Thank you'); // a strict server refuses this one, of which nothing else comes
    },
  });
  expect(found).toEqual(['keepsTheRules']);
});

test('26: keys are not listened to', async () => {
  const presses: Played = {
    world: {},
    caller: async (call) => {
      const turn = call.say('Can you tell me about the clinic?');
      await call.press('4711#');
      await turn;
      await call.wait(3_000);
    },
  };
  expect(await faultsOf(presses)).toEqual([]);
  const own: Handle = Reflect.get(TurnMachine.prototype, 'handle');
  TurnMachine.prototype.handle = function (event, atMs) {
    return event.type === 'digit' ? [] : own.call(this, event, atMs);
  };
  onTestFinished(() => void (TurnMachine.prototype.handle = own));
  expect(await faultsOf(presses)).toEqual(['digits']);
});

test('the same calls, with nothing broken, are flagged by no check', async () => {
  expect(await faultsOf({ world: {}, caller: (call) => cutsIn(call, 'small') })).toEqual([]);
  expect(
    await faultsOf({ world: {}, caller: (call) => call.say('Good bye').catch(() => {}), expect: { ended: undefined } }),
  ).toEqual([]);
});
