/** Matchers are the checks: they pass when nothing is found, fail with what is, and fail when there is nothing to look at. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import 'parley-voice/vitest';
import { checks } from '../../src/testing/checks/index.ts';
import { STAND_IN_JUDGE } from '../../src/evaluate/judge/stand-in.ts';
import { turnsOf } from '../../src/testing/turns.ts';
import { CHECK_OF } from '../../src/vitest/matchers.ts';
import { CallScript } from '../testing/helpers/call-script.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-matchers-'));
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const call = new CallScript()
  .says(1_000, 2_000, 'Are you open?')
  .turn(1, 2_500, 'Are you open?')
  .answers(1, 'answer', 2_700, 'We are open until six.', 2_900, 4_000)
  .endsTurn(1, 4_000)
  .ends(5_000).result;

test('every check has a matcher, and each matcher is a check', () => {
  expect(new Set(Object.values(CHECK_OF))).toEqual(new Set(Object.values(checks)));
});

test('a call, its result and a turn can all be looked at', () => {
  const [turn] = turnsOf(call);
  expect(turn).toAnswerWithin(900);
  expect(call).toHaveBeenHeard('until six');
  expect({ result: () => call }).toHaveEnded('caller-hung-up');
  expect(turn).not.toHaveSaid(/sunday/i);
  expect(turn).not.toHaveCalledTool('book');
});

test('what is found is told with its time and its evidence, and the page is left', () => {
  expect(() => expect(call).toAnswerWithin(500)).toThrow(
    'answerWithin, 0:02.9, turn 1: expected a sound within 500 ms, it took 900 ms\n    We are open until six.\nThe call: ',
  );
  expect(() => expect(call).not.toHaveSaid(/six/)).toThrow('expected not to hold: toHaveSaid(/six/)');
  expect(existsSync(join(folder, '.parley-calls/matchers.test.ts'))).toBe(true);
});

test('a judge is asked what no code can say, and decides once it is known how far to believe it', async () => {
  const calibration = join(folder, 'judge.json');
  writeFileSync(calibration, JSON.stringify({ judge: STAND_IN_JUDGE, mayGate: true, agreement: 0.95 }));
  await expect(call).toPassJudge('It says "open until six".', { calibration });
  await expect(call).toPassJudge({ never: 'It says "closed".' }, { uncalibrated: true });
  await expect(call).not.toPassJudge({ must: 'It says "closed".' }, { uncalibrated: true });
  await expect(expect(call).toPassJudge({ never: 'It says "until six".' }, { calibration })).rejects.toThrow(
    /^judge, turn 1: never: It says "until six"\. \(by the words in quotes\)\n {4}until six\nThe call: /,
  );
  const unclear = /judge \(nothing to look at\): must: It is polite\.: the judge cannot tell/;
  await expect(expect(call).toPassJudge('It is polite.', { calibration })).rejects.toThrow(unclear);
  await expect(expect(call).not.toPassJudge('It is polite.', { calibration })).rejects.toThrow(unclear);
  await expect(expect(call).toPassJudge('It says "six".')).rejects.toThrow(
    /^toPassJudge: The judge was not calibrated: .* Name what `parley eval judge labels\.yaml --out judge\.json` has written/,
  );
  const other = join(folder, 'other.json');
  writeFileSync(other, JSON.stringify({ judge: 'gpt', mayGate: true, agreement: 1 }));
  await expect(expect(call).toPassJudge('It says "six".', { calibration: other })).rejects.toThrow(
    'The calibration is of another judge (gpt)',
  );
});

test('nothing to look at is a failure either way, and so is a test in trouble, or no call at all', () => {
  expect(() => expect(call).toHaveYieldedWithin(900)).toThrow('(nothing to look at)');
  expect(() => expect(call).not.toHaveYieldedWithin(900)).toThrow('(nothing to look at)');
  const troubled = { ...call, troubles: [{ what: '`book` acts, and has no stub' }] };
  expect(() => expect(troubled).toAnswerWithin(900)).toThrow('void (nothing to look at): `book` acts, and has no stub');
  expect(() => expect(troubled).not.toHaveSaid('x')).toThrow('void');
  expect(() => expect(Promise.resolve(call)).toAnswerWithin(900)).toThrow('got a promise: await it first');
});
