/** R21, looked at once more before a request goes out: the history is legal as it is built, and this would tell if not. */
import { assert } from '../lib/assert.ts';
import type { Message } from '../model/contract.ts';

/**
 * Every call has its one result right behind it, in order; no result without a call; no empty message of the agent's; the
 * last word is not the agent's own.
 * @throws {VoiceError} `internal`
 */
export function assertLegal(messages: readonly Message[]): void {
  let at = 0;
  while (at < messages.length) {
    const message = messages[at++];
    assert(message?.role !== 'tool', 'every result to stand right behind its call');
    if (message?.role !== 'assistant') continue;
    const calls = message.tool_calls ?? [];
    assert(calls.length > 0 || (message.content ?? '').trim() !== '', 'no empty message of the agent');
    for (const { id } of calls) {
      const result = messages[at++];
      assert(result?.role === 'tool' && result.tool_call_id === id, 'every call to have its result right behind it');
    }
  }
  assert(messages.at(-1)?.role !== 'assistant', 'a request not to end with words of the agent');
}
