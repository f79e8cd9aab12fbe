/** A list of models as one: it keeps the contract, wherever the first fails, and who listens hears nothing of it. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { optionsOfList, type Successor } from '../../src/lib/succession.ts';
import { createBudget } from '../../src/model/budget.ts';
import type { LanguageModel, ModelEvent, StepRequest } from '../../src/model/contract.ts';
import { createElectron } from '../../src/model/electron/client.ts';
import { createModelList } from '../../src/model/fallback.ts';
import type { FaultInput } from '../../src/simulate/electron/faults.ts';
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';
import { repliesOf } from '../contracts/electron-replies.ts';
import { modelContract, type ModelReply } from '../contracts/model.suite.ts';
import { ScriptedModel, type Script, type ScriptedReply } from '../helpers/scripted-model.ts';
import { CountingClock } from '../speak/helpers/lightning.ts';

modelContract('a list of two models that are well', async () => {
  const clock = new CountingClock();
  const replies = new Map<string, ModelReply>();
  const script: Script = ({ messages }) => replies.get(messages.at(-1)?.content ?? '') ?? {};
  const models = ['scripted-model', 'scripted-model'].map((name) => ({
    name,
    model: new ScriptedModel(script, { name, clock }),
  }));
  return {
    model: createModelList(models, { clock, log: silentLog }),
    isList: true,
    reply: (caller, reply) => void replies.set(caller, reply),
    timers: () => clock.pending,
    close: async () => {},
  };
});

const FAILINGS: [name: string, fault: FaultInput | undefined][] = [
  ['that is not there', undefined],
  ['that resets connections', { type: 'refuse' }],
  ['that refuses the key', { type: 'status', status: 401 }],
  ['that is overloaded', { type: 'status', status: 503 }],
  ['that allows no more', { type: 'status', status: 429, retryAfter: 30 }],
  ['that is silent', { type: 'hang' }],
  ['that is silent behind its headers', { type: 'hang', at: 'first-token' }],
  ['that breaks off before its first word', { type: 'cut', afterChunks: 0, how: 'reset' }],
  ['that answers with an error in its stream', { type: 'stream-error', afterChunks: 0 }],
];

describe.each(FAILINGS)('two servers, the first of which is one %s:', (name, fault) => {
  modelContract(`a list whose first is one ${name}`, async () => {
    const [broken, service] = [await startElectronSimulator(), await startElectronSimulator()];
    if (fault) broken.fault({ ...fault, times: 'always' });
    else await broken.close();
    const clock = new CountingClock();
    const clientOf = (baseUrl: string, deadlines = {}) =>
      createElectron({
        ...{ apiKey: 'sk_test_0123456789', baseUrl, deadlines, random: () => 0.01, clock },
        budget: createBudget({ plan: 'none', clock }),
      });
    const models = [
      { name: 'first', model: clientOf(broken.url, { firstTokenMs: 30 }) },
      { name: 'second', model: clientOf(service.url) },
    ];
    return {
      model: createModelList(models, { clock, log: silentLog }),
      isList: true,
      reply: repliesOf(service),
      timers: () => clock.pending,
      close: async () => {
        await Promise.all([broken.close(), service.close()]);
      },
    };
  });
});

// ---- who is asked, in virtual time ----------------------------------------------------------------------------------

const REQUEST: StepRequest = {
  messages: [{ role: 'user', content: 'Hello?' }],
  ...{ toolsJson: undefined, priority: 'answer', deadlineMs: 20_000 },
  options: optionsOfList([{ model: 'a' }, { model: 'b' }]),
};

interface Asked {
  events: ModelEvent[];
  who: Successor[];
  text: () => string;
}

/** Two scripted models; each reply is of the first, then of the second. */
function setUp(first: Script, second: Script = () => ({ say: 'Here is the second.' })) {
  const clock = new VirtualClock();
  const models = [first, second].map((script, at) => new ScriptedModel(script, { name: ['one', 'two'][at]!, clock }));
  const list: LanguageModel = createModelList(
    models.map((model) => ({ name: model.name, model })),
    { clock, log: silentLog },
  );
  onTestFinished(async () => {
    await list.close();
    expect(clock.pending).toBe(0);
  });
  const ask = (request: Partial<StepRequest> = {}): Asked & { abort(): void } => {
    const [events, who]: [ModelEvent[], Successor[]] = [[], []];
    const asks = (one: Successor) => void who.push(one);
    const step = list.startStep({ ...REQUEST, asks, ...request }, (event) => events.push(event));
    const text = () => events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
    return { events, who, text, abort: () => step.abort() };
  };
  const counts = () => models.map(({ requests }) => requests.length);
  return { clock, list, models, ask, counts };
}

const refused = (): ScriptedReply => ({ fault: 'unauthorized' });

test('while the first is well nobody else is asked, and each is asked with its own options', () => {
  const { clock, ask, counts, models } = setUp(
    (_, number) => (number === 1 ? { say: 'First.' } : refused()),
    () => ({ say: 'Second.' }),
  );
  const one = ask();
  clock.advanceBy(10);
  expect([one.text(), counts()]).toEqual(['First.', [1, 0]]);
  const other = ask();
  clock.advanceBy(10);
  expect([other.text(), counts()]).toEqual(['Second.', [2, 1]]);
  expect(models.map(({ requests }) => requests.at(-1)?.options)).toEqual([{ model: 'a' }, { model: 'b' }]);
  expect(other.who.map(({ at, because }) => [at, because?.code])).toEqual([
    [0, undefined],
    [1, 'unauthorized'],
  ]);
});

test('who is down is not asked anew by each call, is tried once its time is over, and asked as before when it is well', () => {
  let isWell = false;
  const { clock, list, ask, counts } = setUp(() => (isWell ? { say: 'Back.' } : refused()));
  for (let i = 0; i < 5; i++) ask();
  clock.advanceBy(10);
  const [askedFirst = 0] = counts();
  for (let i = 0; i < 5; i++) ask();
  clock.advanceBy(10);
  expect(counts()).toEqual([askedFirst, 10]);
  expect(list.health?.()).toEqual([
    { kind: 'model', name: 'one', isWell: false },
    { kind: 'model', name: 'two', isWell: true },
  ]);
  clock.advanceBy(10_000);
  ask();
  ask(); // one of them tries it
  clock.advanceBy(10);
  expect(counts()).toEqual([askedFirst + 1, 12]);
  isWell = true;
  clock.advanceBy(20_000);
  const back = ask();
  clock.advanceBy(10);
  expect(back.text()).toBe('Back.');
  expect(list.health?.().every((one) => one.isWell)).toBe(true);
});

test('a trial that is silent costs its caller no more than a second and a half', () => {
  const { clock, ask } = setUp((_, number) => (number === 1 ? refused() : { fault: 'hang' }));
  ask();
  clock.advanceBy(10_010);
  const tried = ask();
  clock.advanceBy(1_499);
  expect(tried.events).toEqual([]);
  clock.advanceBy(20);
  expect(tried.text()).toBe('Here is the second.');
});

test('R10: what was cut off after words were handed on ends as it does alone, and the step after it goes to the next', () => {
  const { clock, ask, counts } = setUp(() => ({ say: 'Once upon a', fault: 'cut' }));
  const cut = [ask(), ask()];
  clock.advanceBy(10);
  for (const one of cut) {
    expect(one.text()).toBe('Once upon a');
    expect(one.events.at(-1)).toMatchObject({ type: 'step-failed', error: { code: 'stream-cut' } });
  }
  const next = ask();
  clock.advanceBy(10);
  expect([next.text(), counts()]).toEqual(['Here is the second.', [2, 1]]);
});

test('when all fail the last failure is told, once, with how often the request was sent', () => {
  const { clock, ask } = setUp(refused, () => ({ fault: 'unauthorized' }));
  const asked = ask();
  clock.advanceBy(10);
  expect(asked.events).toMatchObject([{ type: 'step-failed', error: { provider: 'two', code: 'unauthorized' } }]);
});

test('while all are down somebody is asked all the same', () => {
  const { clock, ask, counts } = setUp(refused, refused);
  ask();
  clock.advanceBy(10);
  ask();
  clock.advanceBy(10);
  expect(counts()).toEqual([2, 2]);
});

test('what is wrong with the request itself is nobody else’s to mend, and held against nobody', () => {
  const { clock, list, ask, counts } = setUp(() => ({ say: 'Yes.' }));
  const asked = ask({ messages: [] });
  clock.advanceBy(10);
  expect(asked.events).toMatchObject([{ type: 'step-failed', error: { code: 'request-invalid' } }]);
  expect(counts()).toEqual([1, 0]);
  expect(list.health?.().every((one) => one.isWell)).toBe(true);
});

test('the deadline is that of all together', () => {
  const { clock, ask, models } = setUp(
    (_, number) => (number === 1 ? refused() : { fault: 'hang' }),
    () => ({ fault: 'hang' }),
  );
  const asked = ask({ deadlineMs: 1_000 });
  clock.advanceBy(600);
  expect(models[1]!.requests[0]?.deadlineMs).toBeLessThanOrEqual(1_000);
  clock.advanceBy(400);
  expect(asked.events).toMatchObject([{ type: 'step-failed', error: { code: 'step-timeout' } }]);
});

test('aborted while the second is asked, nothing is told, and no timer is left', () => {
  const { clock, ask } = setUp(refused, () => ({ fault: 'hang' }));
  const asked = ask();
  clock.advanceBy(10);
  asked.abort();
  clock.advanceBy(30_000);
  expect(asked.events).toEqual([]);
});
