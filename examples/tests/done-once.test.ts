// A model that asks for the same thing twice: the tool has done it once, and the caller is told what it answered.
import { createParley, loadAgent, type CallEvent } from 'parley-voice';
import { startElectronSimulator } from 'parley-voice/testing';
import { expect, test } from 'vitest';

const MESSAGE = { name: 'leave_message', arguments: { name: 'Asha', message: 'The brake squeaks.' } };

test('a message that the model leaves twice is left once', async () => {
  const model = await startElectronSimulator({
    replies: [
      { when: 'squeaks', say: 'I am writing that down.', call: [MESSAGE, MESSAGE] },
      { after: 'leave_message', say: 'The mechanic will call you back.' },
    ],
  });
  const parley = createParley({ baseUrl: model.url, apiKey: 'sk_test' });
  const call = parley.startCall(await loadAgent(new URL('../../starter/agent.ts', import.meta.url)));
  const ends: Extract<CallEvent, { type: 'tool-end' }>[] = [];
  call.on('tool-end', (event) => ends.push(event));

  const turn = await call.say('This is Asha. My brake squeaks.');
  expect(turn?.heard).toBe('I am writing that down. The mechanic will call you back.');
  expect(ends.map(({ ok }) => ok)).toEqual([true, true]);
  expect(JSON.stringify(ends[1]?.result)).toContain('it was done once, not twice');

  await parley.close();
  await model.close();
});
