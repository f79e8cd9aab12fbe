/** The agent answers these calls. Nothing here needs a key: `replies` says what the model does, all the rest is real. */
import { createParley, loadAgent, type CallEvent } from 'parley-voice';
import { startElectronSimulator, type ElectronOptionsInput } from 'parley-voice/testing';
import { expect, onTestFinished, test } from 'vitest';

async function call(replies: ElectronOptionsInput['replies']) {
  const model = await startElectronSimulator({ replies });
  const parley = createParley({ baseUrl: model.url, apiKey: 'sk_test' });
  onTestFinished(async () => {
    await parley.close();
    await model.close();
  });
  const line = parley.startCall(await loadAgent(new URL('../agent.ts', import.meta.url)));
  const tools: CallEvent[] = [];
  line.on('tool-end', (event) => tools.push(event));
  return { line, tools };
}

test('a ticket that is there: its state is looked up, and told', async () => {
  const { line, tools } = await call([
    { when: 'ready', say: 'Let me check.', call: { name: 'repair_status', arguments: { ticket: '1001' } } },
    { after: 'repair_status', say: 'Your red city bike is ready.' },
  ]);
  const turn = await line.say('Is my bike ready? My ticket is 1001.');
  expect(turn).toMatchObject({ outcome: 'replied', heard: 'Let me check. Your red city bike is ready.' });
  expect(tools).toMatchObject([{ name: 'repair_status', ok: true, result: { state: 'ready to be picked up' } }]);
});

test('a ticket that is not there: the model is told so, in words that it can act on', async () => {
  const { line, tools } = await call([
    { when: 'ready', call: { name: 'repair_status', arguments: { ticket: '9999' } } },
    { after: 'repair_status', say: 'Could you read it out again?' },
  ]);
  await line.say('Is my bike ready? My ticket is 9999.');
  expect(tools).toMatchObject([{ ok: false, error: expect.stringContaining('There is no ticket 9999') as string }]);
});
