/** A call without a network: a model that answers by a script, in the tick after it was asked, and one tool. */
import { z } from 'zod';
import { createAgent, type AgentInput } from '../../src/call/agent.ts';
import type { CallMedium } from '../../src/call/call.ts';
import { textSpeaker } from '../../src/call/text-speaker.ts';
import { ProviderError } from '../../src/lib/errors.ts';
import type { LanguageModel, ModelEvent, StepEnd, StepRequest } from '../../src/model/contract.ts';
import type { Speaker } from '../../src/speak/contract.ts';
import { defineTool } from '../../src/tool/define.ts';

/** What comes of a request: words, a call of `weather`, a failure, or nothing at all. */
export type Reply = 'words' | 'tool' | 'failure' | 'nothing';

export const silentSpeaker: Speaker = textSpeaker;

export const textMedium = (): CallMedium => ({ bridge: 'text', heardBy: 'emitted', speaker: () => textSpeaker });

/** @param reply is told which request of the call it is, from 1. */
export async function scriptedCall(
  reply: (request: StepRequest, number: number) => Reply,
  options: Partial<AgentInput> = {},
) {
  const tool = defineTool({
    name: 'weather',
    description: 'Tells the weather.',
    input: z.object({}),
    effect: 'read',
    run: () => 'sunny',
  });
  const agent = await createAgent({ name: 'traced', instructions: 'Tell it.', tools: [tool], ...options });
  let requests = 0;
  const model: LanguageModel = {
    name: 'scripted',
    prewarm: () => Promise.resolve(),
    close: () => Promise.resolve(),
    startStep(request, listener) {
      const number = ++requests;
      const events = eventsOf(reply(request, number), number);
      let isAborted = false;
      setImmediate(() => {
        for (const event of events) if (!isAborted) listener(event);
      });
      return { abort: () => void (isAborted = true) };
    },
  };
  return { agent, model };
}

function eventsOf(reply: Reply, number: number): ModelEvent[] {
  const end = (finishReason: StepEnd['finishReason']): StepEnd => ({
    finishReason,
    isTruncated: false,
    usage: { promptTokens: 100, completionTokens: 10, cachedTokens: 60 },
    requestId: `req-${number}`,
    firstTokenMs: 40,
    queueMs: 5,
    attempts: 1,
  });
  switch (reply) {
    case 'words':
      return [
        { type: 'text-delta', delta: 'It is sunny.' },
        { type: 'step-end', end: end('stop') },
      ];
    case 'tool':
      return [
        { type: 'tool-call-start' },
        { type: 'tool-call', call: { id: 'a', name: 'weather', arguments: '{}' } },
        { type: 'step-end', end: end('tool_calls') },
      ];
    case 'failure': {
      const facts = { phase: 'connect', requestId: `req-${number}` } as const;
      const error = new ProviderError('electron', 'provider-failed', 'Refused with 500', facts);
      return [{ type: 'step-failed', error, end: { ...end('unknown'), usage: undefined, firstTokenMs: undefined } }];
    }
    case 'nothing':
      return [];
  }
}
