/** What checks make of a call that is only heard: what its caller can tell is judged, and of nothing else is it said that it is well. */
import { expect, test } from 'vitest';
import { checks } from '../../src/testing/checks/index.ts';
import type { CallResult, CallerStretch, Finding } from '../../src/testing/result.ts';
import { turnsOf } from '../../src/testing/turns.ts';

const says = (text: string, fromMs: number, toMs: number, doneMs?: number): CallerStretch => ({
  ...{ kind: 'utterance', text, fromMs, toMs },
  ...(doneMs !== undefined && { doneMs }),
});
const word = (text: string, fromMs: number, toMs: number) => ({ text, fromMs, toMs });

/** Greeted, a question, a filler, two seconds of nothing, the answer, and the agent hangs up. */
const heard = (given: Partial<CallResult> = {}): CallResult => ({
  ...{ callId: 'CA1', agent: 'ws://there', line: 'url', visible: 'outside', hearing: 'stand-in' },
  ...{ events: [], requests: [], tools: [], troubles: [] },
  caller: [says('What is free tomorrow?', 2_000, 3_000, 9_500)],
  agentSound: [
    { fromMs: 0, toMs: 900 },
    { fromMs: 3_800, toMs: 4_500 },
    { fromMs: 6_500, toMs: 7_000 },
  ],
  heard: [word('Hello.', 0, 900), word('One', 3_800, 4_000), word('moment.', 4_000, 4_500), word('Ten.', 6_500, 7_000)],
  end: { atMs: 10_000, reason: 'agent-hung-up', isCutOff: false },
  ...given,
});

const whats = (findings: Finding[]) => findings.map(({ kind, what }) => `${kind}: ${what}`);

test('what was heard, when, and by whom it was ended is seen from outside', () => {
  const call = heard();
  expect(checks.heard(call, 'ten')).toEqual([]);
  expect(checks.told(call, [10])).toEqual([]);
  expect(checks.answerWithin(call, 800)).toEqual([]);
  expect(whats(checks.answerWithin(call, 700))).toEqual(['fault: expected a sound within 700 ms, it took 800 ms']);
  expect(checks.noDeadAirOver(call, 2_000)).toEqual([]);
  expect(whats(checks.noDeadAirOver(call, 1_900))).toEqual(['fault: 2,000 ms of silence, expected at most 1,900 ms']);
  expect(checks.noTalkOver(call)).toEqual([]);
  expect(checks.goodbyeHeard(call)).toEqual([]);
  expect(checks.ended(call, ['caller-away', 'agent-hung-up'])).toEqual([]);
  expect(turnsOf(call)).toMatchObject([{ number: 1, heard: 'One moment. Ten.', latencyMs: 800, deadAirMs: 2_800 }]);
});

test('a silence behind what the caller took for the end of it is theirs', () => {
  const nudged = heard({ caller: [says('What is free tomorrow?', 2_000, 3_000, 6_000)] });
  expect(checks.noDeadAirOver(nudged, 900)).toEqual([]);
});

test('a goodbye is cut off when its sound was not played to its end, or its last word ends no sentence', () => {
  const cut = { atMs: 10_000, reason: 'agent-hung-up', isCutOff: true };
  expect(whats(checks.goodbyeHeard(heard({ end: cut })))).toEqual([
    'fault: the call ended before its last words were heard',
  ]);
  expect(whats(checks.goodbyeHeard(heard({ heard: [word('Good', 6_500, 7_000)] })))).toHaveLength(1);
  const byVoice = heard({ hearing: 'real' });
  delete byVoice.heard;
  expect(checks.goodbyeHeard(byVoice)).toEqual([]);
  expect(checks.goodbyeHeard(heard({ end: { ...cut, reason: 'caller-hung-up' } }))).toMatchObject([
    { kind: 'vacuous' },
  ]);
});

test('whether "mm-hm" stopped it is not known where the words are not', () => {
  const over = {
    caller: [...heard().caller, { kind: 'backchannel', what: 'mm-hm', fromMs: 6_700, toMs: 6_900 } as const],
  };
  expect(checks.keptTalking(heard(over))).toEqual([]);
  const byVoice = heard({ ...over, hearing: 'real' });
  delete byVoice.heard;
  for (const found of [checks.keptTalking(byVoice), checks.falseStops(byVoice)])
    expect(found).toMatchObject([{ kind: 'not visible' }]);
});

test('what only whoever is within can see is not visible, and never well', () => {
  const call = heard();
  const unseen = {
    world: checks.world(call),
    unusedReply: checks.unusedReply(call),
    cost: checks.cost(call, 1, { promptTokens: 1 }),
    wer: checks.wer(call, 0.1, { standIn: true }),
    answer: checks.answerWithin(call, 1, { of: 'answer' }),
    ended: checks.ended(call, 'caller-away'),
    calledTool: checks.calledTool(call, 'find', undefined, { times: 0 }),
    personHeard: checks.personHeard(call, 'x'),
  };
  for (const [name, findings] of Object.entries(unseen))
    expect([name, findings]).toMatchObject([name, [{ kind: 'not visible' }]]);
});
