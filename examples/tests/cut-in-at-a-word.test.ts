// The caller cuts in at a word of the filler: the message is left once, and what was not heard was never said.
import { startTestCall } from 'parley-voice/testing';
import { expect, test } from 'vitest';

test('a caller who cuts in while a message is being left: it is left once', async () => {
  await using call = await startTestCall(new URL('../../starter/agent.ts', import.meta.url), {
    model: {
      replies: [
        {
          when: 'squeaks',
          say: 'I am writing that down for the mechanic.',
          call: { name: 'leave_message', arguments: { name: 'Asha', message: 'The brake squeaks.' } },
        },
        { say: 'We are open until six.' },
      ],
    },
    tools: { leave_message: { returns: { left: true }, takes: 900 } },
  });
  const first = call.say('This is Asha. My brake squeaks.'); // not awaited: the caller listens
  await call.hears('writing'); // the very sample at which this word has been heard
  const second = await call.say('Wait, when do you close?');

  expect((await first).outcome).toBe('interrupted');
  expect((await first).heard).not.toContain('mechanic');
  expect(second.heard).toBe('We are open until six.');
  const { runs } = await call.hangUp();
  expect(runs).toMatchObject([{ name: 'leave_message', isDone: true, isStubbed: true }]);
  expect(JSON.stringify(call.requests.at(-1)?.messages)).not.toContain('mechanic');
});
