/**
 * A phone call on OpenAI-compatible servers alone, over real sockets: what is said is heard, and what is heard is answered.
 *
 * Real time: no stand-in without a socket speaks and hears as such servers do. Calls side by side: each waits for words.
 */
import { expect, test } from 'vitest';
import { startPhone } from '../../src/testing/phone.ts';
import { agentWith, answering, expectHeard, understood } from '../helpers/phone.ts';
import { until } from '../helpers/until.ts';

const GREETING = 'Harbour office, good morning.';
const TIDES = 'High water is at ten past six, and again at half past six. Come early.';
const AGENT = agentWith({
  greeting: GREETING,
  voice: { vendor: 'openai-speech', id: 'nova' },
  listen: { vendor: 'openai-transcriptions', language: 'en' },
});

test.concurrent(
  'every word is said once and heard once, turn after turn, and nobody else is asked',
  { timeout: 60_000 },
  async () => {
    const phone = await startPhone(AGENT, answering({ when: 'tide', say: TIDES }));
    try {
      const line = await phone.dial();
      await line.caller.waitForSpeech();
      await line.caller.waitForSilence({ forMs: 700 });
      expectHeard(line, GREETING);
      for (let turn = 0; turn < 2; turn++) {
        await line.say('When is the tide?');
        const fromMs = line.caller.nowMs;
        await line.caller.waitForSpeech({ fromMs });
        await line.caller.waitForSilence({ forMs: 900 });
        expectHeard(line, TIDES, fromMs);
      }
      await line.caller.hangUp();
      expect(line.eventsOf('turn-start').map(({ text }) => text)).toEqual(['When is the tide?', 'When is the tide?']);
      expect(line.eventsOf('error')).toEqual([]);
      const { lightning, pulse } = phone.services;
      expect({ spoken: lightning.requests.length, heard: pulse.sessions().length }).toEqual({ spoken: 0, heard: 0 });
    } finally {
      await phone.close();
    }
  },
);

test.concurrent(
  'a caller who cuts in is heard, and the request for the rest is ended',
  { timeout: 60_000 },
  async () => {
    const long =
      'This answer is long enough to be cut off in the middle of it, before all of it has been heard by anybody.';
    const phone = await startPhone(AGENT, answering({ when: 'tide', say: TIDES }, { when: 'story', say: long }));
    try {
      const line = await phone.dial();
      await line.caller.waitForSilence({ forMs: 700 });
      await line.say('Tell me a story.');
      await line.caller.waitForSpeech({ fromMs: line.caller.nowMs });
      await line.say('Stop, when is the tide?');
      const { heard } = await until('an interruption', () => line.eventsOf('interruption')[0]);
      const fromMs = line.caller.nowMs;
      await until('the answer', () => understood(line, fromMs).includes('Come early') || undefined);
      expect(long.startsWith(heard.trim())).toBe(true);
      expect(phone.services['openai-speech'].requests.running).toBe(0);
      await line.caller.hangUp();
    } finally {
      await phone.close();
    }
  },
);

test.concurrent(
  'a server that is down for a moment, in the middle of a call: the caller is understood and answered',
  { timeout: 60_000 },
  async () => {
    const phone = await startPhone(AGENT, answering({ when: 'tide', say: TIDES }));
    try {
      const line = await phone.dial();
      await line.caller.waitForSilence({ forMs: 700 });
      phone.services['openai-transcriptions'].fail({ type: 'reset' });
      phone.services['openai-speech'].fail({ type: 'refuse', status: 503 });
      const fromMs = line.caller.nowMs;
      await line.say('When is the tide?');
      await line.caller.waitForSpeech({ fromMs });
      await line.caller.waitForSilence({ forMs: 900 });
      expectHeard(line, TIDES, fromMs);
      await line.caller.hangUp();
    } finally {
      await phone.close();
    }
  },
);

test.concurrent(
  'servers of its own first, and the account behind them: what is down is heard and said by the others, and the call goes on',
  { timeout: 60_000 },
  async () => {
    const listed = agentWith({
      voice: [{ vendor: 'openai-speech', id: 'nova' }, { id: 'magnus' }],
      listen: [{ vendor: 'openai-transcriptions', language: 'en' }, { language: 'en' }],
    });
    const phone = await startPhone(listed, answering({ when: 'tide', say: TIDES }));
    try {
      const line = await phone.dial();
      phone.services['openai-transcriptions'].fail({ type: 'refuse', status: 503 }, 10);
      phone.services['openai-speech'].fail({ type: 'refuse', status: 503 }, 10);
      const fromMs = line.caller.nowMs;
      await line.say('When is the tide?');
      await line.caller.waitForSpeech({ fromMs });
      await line.caller.waitForSilence({ forMs: 900 });
      expectHeard(line, TIDES, fromMs);
      const changes = line.eventsOf('vendor-change').map(({ kind, from, to }) => ({ kind, from, to }));
      expect(changes).toContainEqual({ kind: 'ear', from: 'openai-transcriptions', to: 'pulse' });
      expect(changes).toContainEqual({ kind: 'voice', from: 'openai-speech', to: 'lightning' });
      await line.caller.hangUp();
    } finally {
      await phone.close();
    }
  },
);
