/** A fixture: each test has a call of its own, begun before it and closed behind it. */
import { expect, test as base, type TestAPI } from 'vitest';
import type { Agent, AgentInput } from '../call/agent.ts';
import { startTestCall, type TestCall, type TestCallOptions } from '../testing/test-call.ts';
import { beginTest, checksOf, endTest, filesOf, keepCall } from './kept-calls.ts';

/** What the tests of `callTest` are given. */
export interface CallTest {
  /** A call that has begun, and is hung up when the test is over. */
  call: TestCall;
}

/**
 * `test` of vitest with a `call` of this agent. A test that checks nothing fails, since nothing can be wrong with it; one that
 * fails for another reason says which files it has left.
 * @param agent Its file, or the agent itself.
 * @param defaults What every call is begun with. Default: the stand-ins in good health.
 */
export function callTest(agent: string | AgentInput | Agent, defaults: TestCallOptions = {}): TestAPI<CallTest> {
  return base.extend<CallTest>({
    call: async ({ task, annotate }, use) => {
      const state = expect.getState();
      const test = { name: state.currentTestName ?? task.name, file: state.testPath ?? '' };
      beginTest(test, annotate);
      const call = await startTestCall(agent, defaults);
      await use(call);
      await call[Symbol.asyncDispose]();
      endTest(test);
      const hasFailed = task.result?.state === 'fail';
      // whatever failed it was no matcher of ours, which says itself what it leaves
      if (hasFailed && filesOf(test).length === 0)
        process.stderr.write(`${keepCall(test, call.result(), []).join('\n')}\n`);
      if (hasFailed || checksOf(test) > 0 || expect.getState().assertionCalls > 0) return;
      throw new Error(`The test \`${task.name}\` checks nothing: expect something of \`call\`, or of a turn`);
    },
  });
}
