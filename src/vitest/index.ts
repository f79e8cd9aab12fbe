/**
 * What users of vitest import: matchers for calls, and a fixture.
 *
 *   import { callTest } from 'parley-voice/vitest';
 *
 *   const test = callTest('agent.ts', { model: { replies } });
 *   test('answers at once', async ({ call }) => {
 *     expect(await call.say('Are you open?')).toAnswerWithin(900);
 *   });
 *
 * The import alone gives `expect` the matchers. A test that fails leaves `call.html` and `call.wav`, and says where.
 */
import { expect } from 'vitest';
import { matchers, type CallMatchers } from './matchers.ts';

export { callTest, type CallTest } from './call-test.ts';
export type { JudgeCriterion, PassJudgeOptions } from './judge-matcher.ts';
export type { CallMatchers } from './matchers.ts';

expect.extend(matchers);

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as vitest declares it
  interface Matchers<T = any> extends CallMatchers<T> {}
}
