// A phone call with sound, over real sockets: the caller cuts in, and the model is told no word that they did not hear.
import { loadAgent } from 'parley-voice';
import { startPhone, voiceOf } from 'parley-voice/testing';
import { expect, test } from 'vitest';

test('the caller cuts in: the agent falls silent, and goes on from what they heard', { timeout: 60_000 }, async () => {
  const phone = await startPhone(await loadAgent(new URL('../../starter/agent.ts', import.meta.url)), {
    electron: {
      replies: [
        { when: 'prices', say: 'A new chain is forty euros, new brakes are thirty, and a whole service is ninety.' },
        { when: 'wait', say: 'Of course. What would you like to know?' },
      ],
    },
  });
  const line = await phone.dial();
  const { caller } = line;
  await caller.waitForSilence({ forMs: 900 }); // behind the greeting
  await line.say('What are your prices?');
  await caller.waitForSpeech({ fromMs: caller.nowMs });
  const { toMs } = await caller.interrupt(voiceOf('Wait a moment'));
  await caller.waitForSpeech({ fromMs: toMs });
  await caller.waitForSilence({ forMs: 900 });

  const [cut] = line.eventsOf('interruption');
  expect(cut?.unheard).toContain('a whole service is ninety');
  expect(line.heardText()).not.toContain('ninety');
  const history = JSON.stringify(line.call.messages);
  expect(history).not.toContain('ninety'); // R22: what was not heard was never said
  expect(line.heardText(toMs)).toContain('What would you like to know');

  await caller.hangUp();
  await phone.close();
});
