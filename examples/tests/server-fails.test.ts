// The model's server fails: the caller is told so in words, and the call goes on when it is back.
import { createParley, loadAgent, type CallEvent } from 'parley-voice';
import { startElectronSimulator } from 'parley-voice/testing';
import { expect, test } from 'vitest';

test('the caller is never left in silence by a server that fails, and is answered when it is back', async () => {
  const model = await startElectronSimulator({ replies: [{ when: 'open', say: 'We are open until six.' }] });
  const parley = createParley({ baseUrl: model.url, apiKey: 'sk_test' });
  const call = parley.startCall(await loadAgent(new URL('../../starter/agent.ts', import.meta.url)));
  const errors: Extract<CallEvent, { type: 'error' }>[] = [];
  call.on('error', (event) => errors.push(event));

  model.fault({ type: 'status', status: 400, times: 'always' });
  const failed = await call.say('Are you open?');
  expect(failed).toMatchObject({ outcome: 'failed', heard: expect.stringMatching(/wrong|sorry/i) as string });
  expect(errors[0]?.code).toBe('provider-failed');

  model.clearFaults();
  const answered = await call.say('Are you open?');
  expect(answered).toMatchObject({ outcome: 'replied', heard: 'We are open until six.' });

  await parley.close();
  await model.close();
});
