/**
 * While the phone rings and the greeting is heard, everything that the first answer needs is made ready.
 *
 * Real time: connections are what is made ready.
 */
import { expect, test } from 'vitest';
import { startPhone } from '../../src/testing/phone.ts';
import { agentWith, answering, slackOf } from '../helpers/phone.ts';
import { until } from '../helpers/until.ts';

const GREETING = 'Good morning, this is the harbour office; how can I help you?';

test('the greeting is heard at once, without a model request; before it ends, all three services are connected', async () => {
  const phone = await startPhone(agentWith({ greeting: GREETING }), answering({ say: 'Fine.' }));
  const { electron, lightning, pulse } = phone.services;
  try {
    electron.closeIdleConnections(); // the last call was long ago
    await until('no connection to the model', () => electron.stats().connections === 0);
    const line = await phone.dial();
    const greetedMs = await line.caller.waitForSpeech();
    expect(greetedMs).toBeLessThan(250 + slackOf(line));
    await until('connections', () => electron.stats().connections >= 2 && lightning.sockets.open > 0);
    expect(pulse.sessions().filter(({ isOpen }) => isOpen)).toHaveLength(1);
    expect(line.eventsOf('reply-audio-end')).toEqual([]); // the greeting is still being heard
    expect(electron.requests()).toEqual([]);
    await line.caller.hangUp();
  } finally {
    await phone.close();
  }
});
