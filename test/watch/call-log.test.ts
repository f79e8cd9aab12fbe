import { systemClock } from '../../src/lib/clock.ts';
import { createLog } from 'parley-voice';
import { expect, test } from 'vitest';
import { formatLine } from '../../src/cli/log-view.ts';
import { Call, type CallMedium } from '../../src/call/call.ts';
import { logCall } from '../../src/watch/call-log.ts';
import { Prices } from '../../src/watch/cost.ts';
import type { SpeakerListener } from '../../src/speak/contract.ts';
import { hangUp } from '../../src/tool/define.ts';
import { scriptedCall, silentSpeaker, textMedium, type Reply } from '../helpers/scripted.ts';

type Line = Record<string, unknown> & { msg: string };

async function open(
  reply: (number: number) => Reply,
  options: { medium?: CallMedium; showText?: boolean; prices?: Prices } = {},
) {
  const { medium = textMedium(), showText = false, prices } = options;
  const lines: Line[] = [];
  const log = createLog({ showText, stream: { write: (line) => void lines.push(JSON.parse(line) as Line) } });
  const { agent, model } = await scriptedCall((_request, number) => reply(number));
  const caller = { carrierCallId: 'CA1', from: '+15550100', to: '+15550199', parameters: {} };
  const call = new Call({ agent, model, medium, callId: 'call-1', caller, log, clock: systemClock });
  logCall(call, log, prices);
  return { call: call.start(), lines, named: (msg: string) => lines.filter((line) => line.msg === msg) };
}

test('one line a turn says how it went, how long the caller waited for what, and what to ask the provider for', async () => {
  const { call, named } = await open((number) => (number === 1 ? 'tool' : 'words'));
  await call.say('What is the weather in Pune?');
  await call.say('And tomorrow?');
  const [turn, next] = named('turn ended');
  expect(named('turn ended')).toHaveLength(2);
  expect(turn).toMatchObject({
    level: 30,
    callId: 'call-1',
    carrierCallId: 'CA1',
    turn: 1,
    outcome: 'replied',
    interrupted: false,
    firstTokenMs: 40,
    steps: 2,
    tools: [{ name: 'weather', ok: true, ms: expect.any(Number) as number }],
    usage: { promptTokens: 200, completionTokens: 20, cachedTokens: 120 },
    requestIds: ['req-1', 'req-2'],
    latency: { endpointingMs: 0, queueMs: expect.any(Number) as number, speechMs: 0 },
  });
  expect(next).toMatchObject({ turn: 2, steps: 1, tools: [], requestIds: ['req-3'] });
});

test('a turn that failed names its errors, and a warning says which request to ask about', async () => {
  const { call, named } = await open(() => 'failure');
  await call.say('What is the weather?');
  expect(named('turn ended')).toMatchObject([
    { outcome: 'failed', errors: ['provider-failed'], requestIds: ['req-1'] },
  ]);
  expect(named('something failed')).toMatchObject([
    { level: 40, callId: 'call-1', turn: 1, step: 1, code: 'provider-failed', requestId: 'req-1' },
  ]);
});

test('a line when the call begins and one when it ends: who carries it, and all its turns together', async () => {
  const { call, named, lines } = await open((number) => (number === 1 ? 'tool' : 'words'));
  await call.say('What is the weather in Pune?');
  void call.say('And in Delhi?');
  call.interrupt();
  call.hangUp();
  await call.ended;
  expect(lines.at(0)).toMatchObject({ msg: 'call started', agent: 'traced', bridge: 'text', carrierCallId: 'CA1' });
  expect(lines.at(-1)).toMatchObject({
    msg: 'call ended',
    reason: 'caller-hung-up',
    carrierCallId: 'CA1',
    durationMs: expect.any(Number) as number,
    turns: 2,
    failedTurns: 0,
    steps: 3,
    tools: 1,
    failedTools: 0,
    interruptions: 0,
    takenBack: 1,
    errors: 0,
    usage: { promptTokens: 200 },
  });
  expect(named('call started')).toHaveLength(1);
  expect(JSON.stringify(lines)).not.toMatch(/Pune|Delhi|sunny|15550100/);
});

test("why a tool ended the call may be a model's words: the log has them as text, which is not shown", async () => {
  expect(hangUp('the caller has told me of their divorce')).toMatchObject({ type: 'hang-up' });
  for (const showText of [false, true]) {
    const { call, lines } = await open(() => 'words', { showText });
    call.hangUp('the caller has told me of their divorce');
    await call.ended;
    expect(lines.at(-1)).toMatchObject({ msg: 'call ended', reason: 'other' });
    expect(JSON.stringify(lines).includes('divorce')).toBe(showText);
  }
});

test('voices that were no interruption are counted apart from those that were', async () => {
  let speaker: SpeakerListener | undefined;
  const medium: CallMedium = {
    bridge: 'test',
    heardBy: 'reported',
    speaker: (listener) => ((speaker = listener), silentSpeaker),
  };
  const { call, named } = await open(() => 'words', { medium });
  call.announce('Your call may be recorded.');
  speaker?.started(1);
  call.callerSpeech('start');
  call.callerTurn('mm-hm', 400);
  expect(call.dismissedInterruptions).toBe(1);
  call.hangUp();
  await call.ended;
  expect(named('call ended')).toMatchObject([{ dismissedInterruptions: 1, interruptions: 0 }]);
});

test('a turn can be read at a glance on a terminal', async () => {
  const { call, named } = await open((number) => (number === 1 ? 'tool' : 'words'));
  await call.say('What is the weather?');
  const shown = formatLine(JSON.stringify(named('turn ended')[0]));
  expect(shown).toMatch(
    /info {3}turn 1 of …call-1 replied; heard after \d+\.\d\d s( \(.*\))?; 2 requests; 1 tool: weather \d+\.\d\d s; 220 tokens$/,
  );
  expect(shown).not.toContain('\n');
});

test('price per call: `call ended` has its cost where there are prices, and none where there are not', async () => {
  const prices = Prices.parse({
    currency: 'EUR',
    perThousandTokensIn: 1,
    perThousandTokensOut: 10,
    perMinuteHeard: 99,
  });
  for (const given of [prices, undefined]) {
    const { call, named } = await open(() => 'words', given && { prices: given });
    await call.say('What is the weather?');
    call.hangUp();
    await call.ended;
    const [end] = named('call ended');
    const cost = { currency: 'EUR', amount: 0.2, model: 0.2, heard: 0, spoken: 0 }; // on a line of text
    if (given) expect(end).toMatchObject({ cost });
    else expect(end).not.toHaveProperty('cost');
  }
});

test.each([true, false])(
  'PARLEY_LOG_TEXT=%s: what was said and heard is on `turn ended`, or nothing of it',
  async (showText) => {
    const { call, named, lines } = await open(() => 'words', { showText });
    const answer = await call.say('What is the weather in Pune?');
    const [turn] = named('turn ended');
    if (showText) expect(turn).toMatchObject({ text: 'What is the weather in Pune?', heard: answer?.heard });
    else expect(Object.keys(turn ?? {})).not.toEqual(expect.arrayContaining(['text']));
    expect(answer?.heard).not.toBe('');
    expect(JSON.stringify(lines).includes('Pune')).toBe(showText);
    call.hangUp();
  },
);
