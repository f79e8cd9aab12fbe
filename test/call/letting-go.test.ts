/** R20: at whatever instant a call is cut off, nothing of it is left: no request, no tool, no timer, no listener. */
import { setImmediate as tick, setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Call } from '../../src/call/call.ts';
import type { ModelStep } from '../../src/model/contract.ts';
import { Dice } from '../helpers/dice.ts';
import { until } from '../helpers/until.ts';
import { CountingClock, ofType, openWorld, next, type World } from '../helpers/world.ts';

const CUTS = 50;
const SLOW = { firstTokenMs: 8, tokenMs: 2, argumentsMs: 10, finishMs: 2 };

/** Of what never comes to its end by itself. */
const LATEST_MS = 300;

/** Does it after so many events of the call, or so many milliseconds. */
function cutAt(dice: Dice, call: Call, cut: () => void): void {
  if (dice.chance(0.5)) return void wait(dice.between(0, 60)).then(cut);
  let left = dice.between(1, 14);
  const over = () => {
    call.off('event', count);
    clearTimeout(latest);
    cut();
  };
  const count = () => void (--left === 0 && over());
  const latest = setTimeout(over, LATEST_MS);
  call.on('event', count);
}

/** What the server sees comes later than what we do. */
async function untilNothingRuns({ electron }: World): Promise<void> {
  await until(() => electron.stats().inFlight === 0);
}

/** Those that keep a process alive. */
const socketsAndTimers = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length;

test(`${CUTS} calls cut off at any instant leave nothing behind`, async () => {
  const dice = new Dice(7);
  const clock = new CountingClock();
  const before = socketsAndTimers();
  const reads: AbortSignal[] = [];
  const written: string[] = [];
  const world = await openWorld({
    clock,
    electron: { pace: SLOW },
    run: async (what, signal) => {
      if (what === 'a note') {
        await wait(15);
        written.push(what);
        return { written: true };
      }
      const isForGood = reads.push(signal) % 3 === 1;
      return wait(isForGood ? 60_000 : 15, { found: true }, { signal });
    },
  });
  const { electron, parley, runs } = world;
  const first = world.open().call; // its turn finds the connections warm
  await first.say('how are you?');
  first.hangUp();
  await until(() => clock.pending === 0);
  for (let index = 0; index < CUTS; index++) {
    const { call, events } = world.open();
    cutAt(dice, call, () => {
      if (dice.chance(0.3)) call.interrupt();
      call.hangUp();
    });
    void call.say(dice.pick(['look', 'write it down', 'a story']));
    void call.say('look');
    await call.ended;
    const count = events.length;
    expect(clock.pending).toBe(0);
    expect(events.at(-1)?.type).toBe('call-end');
    expect(events.filter(({ type }) => type === 'tool-start')).toHaveLength(ofType(events, 'tool-end').length);
    await untilNothingRuns(world);
    await tick();
    expect(events).toHaveLength(count); // nothing comes after the end
  }
  expect(parley.calls.size).toBe(0);
  expect(written).toHaveLength(runs.filter((name) => name === 'write_down').length);
  expect(electron.stats().aborts).toBeGreaterThan(5);
  expect(reads.some((signal) => signal.aborted)).toBe(true);

  const { call } = world.open();
  expect(await call.say('how are you?')).toMatchObject({ outcome: 'replied' });
  await world.close();
  expect(clock.pending).toBe(0);
  await until(() => electron.stats().connections === 0 && socketsAndTimers() <= before);
});

test('an interruption gives up the request in the same tick, and the next turn is heard', async () => {
  const world = await openWorld({ electron: { pace: { tokenMs: 1_000 } } });
  const { call, events } = world.open();
  const told = call.say('a story');
  await next(call, 'text-delta');
  call.interrupt();
  expect(await told).toMatchObject({ turn: 1, outcome: 'interrupted' });
  world.electron.configure({ pace: 'instant' });
  expect(await call.say('how are you?')).toMatchObject({ turn: 2, outcome: 'replied' });
  await untilNothingRuns(world);
  expect(world.electron.stats()).toMatchObject({ aborts: 1, completed: 1, inFlight: 0 });
  const late = events.slice(events.findIndex(({ type }) => type === 'interruption'));
  expect(late.some((event) => event.type === 'text-delta' && event.turn === 1)).toBe(false);
});

test('Parley.close ends every call with its reason and closes every connection; later calls are told so', async () => {
  const world = await openWorld({ electron: { pace: { tokenMs: 1_000 } } });
  const calls = Array.from({ length: 5 }, () => world.open());
  const turns = calls.map(({ call }) => call.say('a story'));
  await Promise.all(calls.map(({ call }) => next(call, 'text-delta')));
  await world.parley.close();
  expect(await Promise.all(turns)).toMatchObject(calls.map(() => ({ outcome: 'interrupted' })));
  for (const { call } of calls) expect((await call.ended).reason).toBe('shutting-down');
  await untilNothingRuns(world);
  await until(() => world.electron.stats().connections === 0);

  const { call, events } = world.open();
  expect(await call.say('how are you?')).toMatchObject({ outcome: 'failed' });
  expect(ofType(events, 'error')[0]?.code).toBe('closed');
  call.hangUp();
  await call.ended;
});

test('many calls at once keep to themselves', async () => {
  const world = await openWorld({ electron: { pace: { firstTokenMs: 5, tokenMs: 1, jitter: 0.5 } } });
  const calls = Array.from({ length: 100 }, (_, index) => world.open({ callId: `call-${index}` }));
  await Promise.all(
    calls.map(async ({ call }, index) => {
      const says = index % 2 === 0 ? 'look' : 'how are you?';
      for (const turn of [1, 2]) {
        const heard = index % 2 === 0 ? 'Let me look. Here is what I found.' : 'All is well, thank you.';
        expect(await call.say(says)).toEqual({ turn, outcome: 'replied', heard });
      }
      call.hangUp();
      await call.ended;
    }),
  );
  for (const [index, { events }] of calls.entries()) {
    expect(new Set(events.map(({ callId }) => callId))).toEqual(new Set([`call-${index}`]));
  }
  expect(world.parley.calls.size).toBe(0);
  expect(world.runs).toHaveLength(100);
});

test('an answer that has ended is held by nobody, though its call goes on', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const { open, model } = await openWorld();
  const steps: WeakRef<ModelStep>[] = [];
  const startStep = model.startStep.bind(model);
  model.startStep = (...parts) => {
    const step = startStep(...parts);
    steps.push(new WeakRef(step));
    return step;
  };
  const { call } = open();
  await call.say('look');
  expect(steps).toHaveLength(2);
  await until(() => {
    collectGarbage();
    return steps.every((step) => step.deref() === undefined);
  });
  expect(call.messages.at(-1)).toMatchObject({ role: 'assistant' });
});
