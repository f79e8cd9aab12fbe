/** Each check finds what is planted in a call put down by hand, and nothing in the same call without it. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checks, type CheckName } from '../../src/testing/checks/index.ts';
import { JUDGED_RULES } from '../../src/testing/checks/keeps-the-rules.ts';
import type { CallResult, Finding, Turn } from '../../src/testing/result.ts';
import { turnsOf } from '../../src/testing/turns.ts';
import { CallScript } from './helpers/call-script.ts';

const RULES = new URL('../../src/testing/checks/rules/', import.meta.url);
const WRITE = { effect: 'write', arguments: { date: '2026-11-24', time: '10:00' } } as const;

/** The caller asks, hears a filler under a tool, and then the answer. */
const asked = () =>
  new CallScript()
    .answers(0, 'greeting', 0, 'Hello, this is the clinic.', 100, 1_500)
    .says(2_000, 3_000, 'What is free tomorrow?')
    .turn(1, 3_500, 'What is free tomorrow?')
    .answers(1, 'filler', 3_700, 'Let me check that.', 3_900, 5_000)
    .tool({ turn: 1, name: 'find', fromMs: 3_800, toMs: 4_600, arguments: { date: '2026-11-24', count: 25 } })
    .answers(1, 'answer', 4_800, 'On Tuesday I have ten, or half past two.', 5_000, 7_600)
    .endsTurn(1, 7_600);

const faults = (findings: Finding[]) => findings.filter(({ kind }) => kind === 'fault').map(({ what }) => what);
const kinds = (findings: Finding[]) => findings.map(({ kind }) => kind);
const first = (call: CallResult): Turn => turnsOf(call).find(({ number }) => number === 1) as Turn;

test('a turn is a view of its call: what was said, heard and filled, and how long the caller waited', () => {
  const turn = first(asked().result);
  expect(turn).toMatchObject({
    number: 1,
    said: 'What is free tomorrow?',
    text: 'Let me check that. On Tuesday I have ten, or half past two.',
    heard: 'Let me check that. On Tuesday I have ten, or half past two.',
    filler: 'Let me check that.',
    outcome: 'replied',
    latencyMs: 900,
    answerMs: 2_000,
    deadAirMs: 900,
    fromMs: 3_000,
  });
  expect(JSON.stringify(turn)).not.toContain('events');
});

test('a healthy call passes every check that it has something for', () => {
  const call = asked().ends(8_000).result;
  const turn = first(call);
  expect(checks.calledTool(turn, 'find', { date: '2026-11-24', count: '25.0' }, { times: 1 })).toEqual([]);
  expect(checks.noOtherTool(call, [])).toEqual([]);
  expect(checks.said(turn, /ten/)).toEqual([]);
  expect(checks.heard(turn, 'TEN,  or half past two')).toEqual([]);
  expect(checks.told(turn, ['14:30', 'half past two', '2:30 pm', '2026-11-24', 10])).toEqual([]);
  expect(checks.filler(turn, 'check')).toEqual([]);
  expect(checks.answerWithin(call, 900)).toEqual([]);
  expect(checks.answerWithin(call, 2_000, { of: 'answer' })).toEqual([]);
  expect(checks.noDeadAirOver(call, 900)).toEqual([]);
  expect(checks.noGapOver(call)).toEqual([]);
  expect(checks.noTalkOver(call)).toEqual([]);
  expect(checks.speakable(call)).toEqual([]);
  expect(checks.brief(call)).toEqual([]);
  expect(checks.noRepeats(call)).toEqual([]);
  expect(checks.ended(call, ['agent-hung-up', 'caller-hung-up'])).toEqual([]);
  expect(checks.latencyNotAbove(call, 800)).toEqual([]);
});

test('what has nothing to look at says so, and is no pass', () => {
  const call = asked().result;
  const vacuous: Partial<Record<CheckName, Finding[]>> = {
    yieldedWithin: checks.yieldedWithin(call, 900),
    falseStops: checks.falseStops(call),
    keptTalking: checks.keptTalking(call),
    trueHistory: checks.trueHistory(call),
    effectsOnce: checks.effectsOnce(call),
    world: checks.world(call, {}),
    unusedReply: checks.unusedReply(call),
    goodbyeHeard: checks.goodbyeHeard(call),
    digits: checks.digits(call),
    wer: checks.wer(call, 0.2),
    cost: checks.cost(call, 1, {}),
    toolOrder: checks.toolOrder(call, ['find']),
    answerWithin: checks.answerWithin(new CallScript().result, 900),
    noDeadAirOver: checks.noDeadAirOver(new CallScript().result, 900),
    latencyNotAbove: checks.latencyNotAbove(new CallScript().result, 900),
  };
  for (const [name, findings] of Object.entries(vacuous)) {
    expect(findings, name).toMatchObject([{ check: name, kind: 'vacuous' }]);
  }
});

test('what cannot be known of a call is said to be not visible, and is no pass', () => {
  const outside = asked().with({ visible: 'outside', events: [], tools: [] }).result;
  const text = new CallScript().with({
    line: 'text',
    agentSound: undefined as never,
    heard: undefined as never,
  }).result;
  for (const findings of [
    ...[
      checks.calledTool(outside, 'find'),
      checks.effectsOnce(outside),
      checks.trueHistory(outside),
      checks.said(outside, 'x'),
    ],
    ...[checks.keepsTheRules(outside), checks.noTalkOver(text), checks.noGapOver(text), checks.yieldedWithin(text, 1)],
  ])
    expect(kinds(findings)).toEqual(['not visible']);
  expect(checks.heard(outside, 'half past two')).toEqual([]);
});

test('a tool is looked for by its arguments, by value, and as often as wanted', () => {
  const turn = first(asked().result);
  expect(checks.calledTool(turn, 'find', { date: /^2026-11/ })).toEqual([]);
  expect(
    checks.calledTool(turn, 'find', { date: { match: '-24$' }, count: (value: unknown) => Number(value) > 20 }),
  ).toEqual([]);
  expect(checks.calledTool(turn, 'find', { date: '2026-11-25' })).toMatchObject([
    {
      check: 'calledTool',
      kind: 'fault',
      what: 'expected `find` with {"date":"2026-11-25"} to be called in turn 1, it was only with others',
      atMs: 3_800,
    },
  ]);
  expect(faults(checks.calledTool(turn, 'book'))).toEqual(['expected `book` to be called in turn 1, it was never']);
  expect(faults(checks.calledTool(turn, 'find', undefined, { times: 2 }))).toHaveLength(1);
  expect(checks.calledTool(turn, 'book', undefined, { times: 0 })).toEqual([]);
});

test('another tool that acts is named, and one that only reads is not', () => {
  const call = asked().tool({ turn: 1, name: 'book', ...WRITE, fromMs: 5_000, toMs: 6_000 }).result;
  expect(checks.noOtherTool(call, ['book'])).toEqual([]);
  expect(checks.noOtherTool(call, [])).toMatchObject([
    { kind: 'fault', what: '`book` was called, expected none', atMs: 5_000, turn: 1 },
  ]);
  expect(faults(checks.noOtherTool(call, ['pay']))).toEqual(['`book` was called, expected none but pay']);
});

test('tools that come in another order, or not at all, are named', () => {
  const call = asked()
    .tool({ turn: 1, name: 'book', ...WRITE, fromMs: 5_000, toMs: 6_000 })
    .tool({ turn: 1, name: 'send', fromMs: 6_100, toMs: 6_200 }).result;
  expect(checks.toolOrder(call, ['find', 'book', 'send'])).toEqual([]);
  expect(checks.toolOrder(call, ['find', 'send'])).toEqual([]);
  expect(checks.toolOrder(call, ['book', 'find'])).toMatchObject([
    { kind: 'fault', evidence: 'find, book, send', atMs: 3_800 },
  ]);
  expect(faults(checks.toolOrder(call, ['find', 'pay']))).toHaveLength(1);
});

test('what was written and never heard was not heard, and what was not written was not said', () => {
  const cut = new CallScript()
    .says(0, 500, 'Tell me')
    .turn(1, 800, 'Tell me')
    .answers(1, 'answer', 1_000, 'We are open from nine to six.', 1_200, 2_000, 4)
    .endsTurn(1, 2_000).result;
  expect(checks.said(cut, 'nine to six')).toEqual([]);
  expect(checks.heard(cut, 'open from')).toEqual([]);
  expect(checks.heard(cut, 'nine to six')).toMatchObject([{ kind: 'fault', evidence: 'We are open from' }]);
  expect(checks.said(cut, /seven/)).toMatchObject([{ kind: 'fault', evidence: 'We are open from nine to six.' }]);
});

test('a filler that is another one, or is none, is named', () => {
  const turn = first(asked().result);
  expect(checks.filler(turn)).toEqual([]);
  expect(checks.filler(turn, 'one moment')).toMatchObject([{ kind: 'fault', evidence: 'Let me check that.' }]);
  const silent = new CallScript()
    .says(0, 500, 'Tell me')
    .turn(1, 800)
    .answers(1, 'answer', 900, 'At ten.', 1_000, 1_500);
  expect(checks.filler(silent.endsTurn(1, 1_500).result)).toMatchObject([
    { kind: 'fault', evidence: 'none was heard' },
  ]);
});

test('a double effect is named, whatever led to it; two other ones are none', () => {
  const once = asked().tool({ turn: 1, name: 'book', ...WRITE, fromMs: 5_000, toMs: 6_000 });
  expect(checks.effectsOnce(once.run({ name: 'book', ...WRITE, fromMs: 5_000 }).result)).toEqual([]);
  const other = once.run({ name: 'book', ...WRITE, arguments: { date: '2026-11-25' }, fromMs: 5_500 });
  expect(checks.effectsOnce(other.result)).toEqual([]);
  const cancelled = other.run({ name: 'book', ...WRITE, fromMs: 5_600, isDone: false, abortedAtMs: 5_700 });
  expect(checks.effectsOnce(cancelled.result)).toEqual([]);
  const twice = cancelled.run({
    name: 'book',
    ...WRITE,
    arguments: { time: '10:00', date: '2026-11-24' },
    fromMs: 6_000,
  });
  expect(checks.effectsOnce(twice.result)).toMatchObject([
    { kind: 'fault', what: '`book` was done twice with the same arguments', atMs: 6_000 },
  ]);
});

test('a result that the model was never told of is named', () => {
  const booked = () => asked().tool({ turn: 1, name: 'book', ...WRITE, id: 'w', fromMs: 5_000, toMs: 6_000 });
  const told = { role: 'tool', tool_call_id: 'w', content: '{"booked":true}' } as const;
  expect(checks.effectsOnce(booked().requests(6_100, 1, [told]).result)).toEqual([]);
  expect(faults(checks.effectsOnce(booked().requests(6_100, 1, []).result))).toEqual([
    'the model was told of the result of `book` never, expected once',
  ]);
  const running = { role: 'tool', tool_call_id: 'w', content: '{"status":"running","note":"..."}' } as const;
  const note = { role: 'system', content: 'Result of book (w), which was still running before: {}' } as const;
  expect(checks.effectsOnce(booked().requests(6_100, 2, [running, note]).result)).toEqual([]);
});

test('the world is compared whatever its order, and a tool that only reads must leave it alone', () => {
  const at = (state: unknown, when: 'before' | 'after' | 'end', effect?: 'read' | 'write') =>
    ({ atMs: 5_000, when, state, ...(effect && { effect, tool: 'find' }) }) as const;
  const [ten, two] = [
    { time: '10:00', name: 'Jane', reference: 'A1' },
    { time: '14:30', name: 'Joe', reference: 'A2' },
  ];
  const call = asked().with({ world: [at({ book: [] }, 'before'), at({ book: [ten, two] }, 'end')] }).result;
  expect(checks.world(call, { book: [{ time: '14:30' }, { time: '10:00', name: 'Jane' }] })).toEqual([]);
  expect(faults(checks.world(call, { book: [{ time: '14:30' }] }))).toHaveLength(1);
  expect(faults(checks.world(call))).toHaveLength(2);
  const same = [at({ n: 1, at: 'a' }, 'before'), at({ n: 1, at: 'b' }, 'end')];
  expect(checks.world(asked().with({ world: same }).result, undefined, { ignore: ['at'] })).toEqual([]);
  const read = asked().with({ world: [at({ n: 1 }, 'before'), at({ n: 2 }, 'after', 'read')] }).result;
  expect(faults(checks.world(read, { n: 2 }))).toEqual(['`find` says that it only reads, and changed the world']);
});

test('silence, gaps and late answers are named where they begin, with what was waited for', () => {
  const slow = new CallScript()
    .says(1_000, 2_000, 'What is free?')
    .turn(1, 2_500)
    .tool({ turn: 1, name: 'find', fromMs: 2_900, toMs: 6_000 })
    .answers(1, 'answer', 6_200, 'Ten is free.', 6_500, 7_500)
    .endsTurn(1, 7_500).result;
  expect(checks.noDeadAirOver(slow, 4_000)).toMatchObject([
    { atMs: 2_000, turn: 1, what: '4,500 ms of silence, expected at most 4,000 ms' },
  ]);
  expect(checks.noDeadAirOver(slow, 4_000)[0]?.evidence).toMatch(/^waited for: tool 3,100 ms.*\(find\)$/);
  expect(faults(checks.answerWithin(slow, 4_000))).toEqual(['expected a sound within 4,000 ms, it took 4,500 ms']);
  const filled = asked().answers(1, 'answer', 7_600, 'And that is all.', 7_700, 8_000).endsTurn(1, 8_000);
  expect(checks.noGapOver(filled.result)).toEqual([]); // the first end of the turn is what counts
  const gap = new CallScript().says(0, 500, 'Hm?').turn(1, 800).answers(1, 'filler', 900, 'One moment.', 1_000, 2_000);
  gap.answers(1, 'answer', 2_500, 'It is ten.', 2_900, 3_500).endsTurn(1, 3_500);
  expect(checks.noGapOver(gap.result, 500)).toMatchObject([
    { atMs: 2_000, what: 'a gap of 900 ms within the answer, expected at most 500 ms' },
  ]);
});

test('keys that are waited for are no silence of the agent, and an utterance that nothing comes of is', () => {
  const keys = (waitsForCaller: boolean) =>
    new CallScript()
      .says(0, 1_000, 'I want to pay')
      .turn(1, 1_500)
      .answers(1, 'filler', 1_600, 'Please enter your PIN.', 1_800, 3_000)
      .tool({ turn: 1, name: 'collect_digits', fromMs: 2_000, toMs: 9_000, waitsForCaller })
      .answers(1, 'answer', 9_200, 'Thank you.', 9_400, 9_900)
      .endsTurn(1, 9_900).result;
  expect(checks.noDeadAirOver(keys(true), 1_000)).toEqual([]);
  expect(faults(checks.noDeadAirOver(keys(false), 1_000))).toEqual(['6,400 ms of silence, expected at most 1,000 ms']);
  const ignored = new CallScript().says(0, 1_000, 'Hello?').ends(9_000).result;
  expect(checks.noDeadAirOver(ignored, 3_000)).toMatchObject([
    { atMs: 1_000, evidence: 'nothing ever came of what the caller said' },
  ]);
});

test('who speaks into the pause of an utterance talks over it; who is cut in on does not', () => {
  const paused = new CallScript().says(1_000, 4_000, 'I would like ... an appointment', [
    { fromMs: 2_000, toMs: 3_200 },
  ]);
  paused.turn(1, 2_200).answers(1, 'answer', 2_300, 'Which one?', 2_600, 3_500).endsTurn(1, 3_500);
  expect(checks.noTalkOver(paused.result)).toMatchObject([
    { atMs: 2_600, evidence: 'I would like ... an appointment' },
  ]);
  const cutIn = asked().says(6_000, 7_000, 'Wait').interrupted(1, 6_500);
  expect(checks.noTalkOver(cutIn.result)).toEqual([]);
  expect(faults(checks.yieldedWithin(cutIn.result, 900))).toEqual([
    'the agent spoke on for 1,600 ms, expected at most 900 ms',
  ]);
  expect(checks.yieldedWithin(first(cutIn.result), 1_600)).toEqual([]);
});

test('"mm-hm" that stops the agent is a false stop, one that it goes on through is none', () => {
  const over = () => asked().does('backchannel', 6_000, 6_300, 'mm-hm');
  expect(checks.falseStops(over().result)).toEqual([]);
  expect(checks.keptTalking(first(over().result))).toEqual([]);
  const stopped = over().event({ type: 'interruption', turn: 1, atMs: 6_400, heard: 'On', unheard: 'Tuesday' }).result;
  expect(checks.falseStops(stopped)).toMatchObject([{ check: 'falseStops', kind: 'fault', atMs: 6_000 }]);
  expect(checks.keptTalking(first(stopped))).toMatchObject([{ check: 'keptTalking', kind: 'fault' }]);
  expect(checks.falseStops(stopped, 1)).toEqual([]);
});

test('the history after a cut-in is what was heard, to the word', () => {
  const told = (text: string) =>
    new CallScript()
      .says(0, 500, 'Tell me')
      .turn(1, 800, 'Tell me')
      .requests(810, 1, [{ role: 'user', content: 'Tell me' }])
      .answers(1, 'answer', 1_000, 'We are open from nine to six on every day.', 1_200, 2_000, 4)
      .says(1_800, 2_600, 'On Sunday too?')
      .interrupted(1, 2_000)
      .turn(2, 3_000, 'On Sunday too?')
      .requests(3_010, 2, [
        { role: 'user', content: 'Tell me' },
        ...(text === '' ? [] : [{ role: 'assistant' as const, content: text }]),
        { role: 'user', content: 'On Sunday too?' },
      ]).result;
  expect(checks.trueHistory(told('We are open from'))).toEqual([]);
  expect(first(told('We are open from')).interruption).toEqual({
    atMs: 2_000,
    yieldMs: 200,
    heardWords: 4,
    toldWords: 4,
  });
  expect(faults(checks.trueHistory(told('We are open from nine to six')))).toEqual([
    'the model was told of 3 words that the caller never heard',
  ]);
  expect(faults(checks.trueHistory(told('We are open from nine')))).toHaveLength(1);
  expect(checks.trueHistory(told('We are open from nine'), 1)).toEqual([]);
  expect(checks.trueHistory(told('We are open'))).toEqual([]); // the last word was cut off: it counts as either
  expect(faults(checks.trueHistory(told('')))).toEqual(['the model was not told of 4 words that the caller heard']);
});

test('what cannot be spoken, is too long, or is said again and again is named', () => {
  const says = (...texts: string[]) => {
    const script = new CallScript();
    texts.forEach((text, at) =>
      script
        .turn(at + 1, at * 1_000)
        .answers(at + 1, 'answer', at * 1_000 + 100, text)
        .endsTurn(at + 1, at * 1_000 + 900),
    );
    return script.result;
  };
  for (const text of [
    'See https://x.example/a',
    'It is **now**',
    '- one\n- two',
    '# Times',
    '| a | b |',
    '{"a": 1}',
    'Use `run`',
    'Hi 🙂',
    '<b>so</b>',
  ])
    expect(faults(checks.speakable(says(text))), text).toHaveLength(1);
  for (const text of [
    'It is 2 * 3, or 4 - 1.',
    'Room #4, A&B, 5 < 6 and 7 > 6.',
    'Call +1 (555) 01-00.',
    'The snake_case_name is fine.',
  ])
    expect(checks.speakable(says(text)), text).toEqual([]);
  expect(faults(checks.brief(says('word '.repeat(90))))).toEqual(['an answer of 90 words, expected at most 40']);
  const again = 'We are open from nine to six.';
  expect(checks.noRepeats(says(again, again))).toEqual([]);
  expect(faults(checks.noRepeats(says(again, again, again)))).toEqual([
    'the same sentence was said 3 times in the call',
  ]);
  expect(faults(checks.noRepeats(says(`${again} ${again}`)))).toEqual([
    'the same sentence was said again in the same turn',
  ]);
});

test('a goodbye that is cut off by the end of the call is named', () => {
  const ends = (heardWords: number) =>
    asked()
      .says(8_000, 8_500, 'Bye')
      .turn(2, 9_000)
      .answers(2, 'answer', 9_100, 'Goodbye and see you on Tuesday then.', 9_300, 11_000, heardWords)
      .ends(11_100, 'agent-hung-up').result;
  expect(checks.goodbyeHeard(ends(7))).toEqual([]);
  expect(checks.goodbyeHeard(ends(2))).toMatchObject([{ kind: 'fault', atMs: 11_100 }]);
});

test('keys, transfers, misunderstood words and costs', () => {
  const pressed = asked().presses(5_000, '4711#');
  expect(faults(checks.digits(pressed.result))).toHaveLength(1);
  expect(
    checks.digits(
      pressed.tool({ turn: 1, name: 'collect_digits', fromMs: 5_000, toMs: 6_000, result: { digits: '4711' } }).result,
    ),
  ).toEqual([]);
  const moved = asked().event({ type: 'transfer', atMs: 8_000, turn: 1, to: '+15550123', ok: true }).result;
  expect(checks.transferredTo(moved, '+15550123')).toEqual([]);
  expect(faults(checks.transferredTo(moved, 'desk'))).toHaveLength(1);
  const real = asked()
    .event({ type: 'transcript', atMs: 3_100, text: 'and a moose', isFinal: true })
    .with({ hearing: 'real' }).result;
  expect(faults(checks.wer(real, 0.5))[0]).toContain('75.0 %');
  expect(checks.wer(real, 0.75)).toEqual([]);
  const used = asked().event({
    type: 'call-end',
    atMs: 9_000,
    reason: 'hung-up',
    durationMs: 9_000,
    usage: { promptTokens: 1_000_000, cachedTokens: 500_000, completionTokens: 0 },
  });
  const prices = { promptTokens: 2, cachedTokens: 1, characters: 10, hours: 3.6 };
  const bill = used.with({ speech: { characters: 100_000, seconds: 1_000 } }).result;
  expect(checks.cost(bill, 3.5, prices)).toEqual([]);
  expect(faults(checks.cost(bill, 3.4, prices))).toEqual(['the call costs 3.5000, expected at most 3.4']);
});

test('a tool that the agent does not have is a mistake of the check: nothing to look at, turned around as well', () => {
  const call: CallResult = { ...asked().ends(8_000).result, toolNames: ['find', 'book'] };
  const mistaken = [
    checks.calledTool(call, 'fnd'),
    checks.calledTool(call, 'bok', {}, { times: 0 }),
    checks.calledTool(call, 'find', {}, { before: 'bok' }),
    checks.noOtherTool(first(call), ['bok']),
    checks.toolOrder(call, ['find', 'cancel']),
  ];
  expect(mistaken.map(kinds)).toEqual(mistaken.map(() => ['vacuous']));
  expect(mistaken[0]![0]!.what).toBe('the agent has no tool `fnd`: did you mean `find`?');
  expect(mistaken[4]![0]!.what).toBe('the agent has no tool `cancel`: it has `find`, `book`');
  expect(kinds(checks.calledTool(call, 'book'))).toEqual(['fault']);
  expect(checks.calledTool(call, 'book', {}, { times: 0 })).toEqual([]);
  expect(kinds(checks.calledTool({ ...call, toolNames: ['book'] }, 'find', {}))).toEqual([]); // the model has called it
});

test('rules that nobody looks at are none to ask for, and all that are looked at can be', () => {
  const call = asked().ends(8_000).result;
  expect(kinds(checks.keepsTheRules({ ...call, machine: '' }, ['R99']))).toEqual(['vacuous']);
  expect(kinds(checks.keepsTheRules({ ...call, machine: '' }, []))).toEqual(['vacuous']);
  const sources = readdirSync(RULES).map((name) => readFileSync(new URL(name, RULES), 'utf8'));
  const told = sources.flatMap((text) => text.match(/(?<=wrong\(\s*['`])R\d+/g) ?? []);
  const missing = [...new Set(told)].filter((rule) => !(JUDGED_RULES as readonly string[]).includes(rule));
  expect([told.length > 50, missing]).toEqual([true, []]);
});
