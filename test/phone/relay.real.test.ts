/**
 * The line that hears and speaks by itself (ConversationRelay): the same call, in text.
 *
 * Real time: what was heard is told by a telephone at the other end of a socket, or is reckoned by the clock.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPhone, type Phone, type RelayLine } from '../../src/testing/phone.ts';
import { collectDigits, endCall, sendDigits } from '../../src/tool/builtin/index.ts';
import { lettersOf, wordsHeard } from '../../src/testing/heard-words.ts';
import {
  after,
  agentWith,
  answering,
  atOnce,
  messagesOf,
  quantile,
  requestWith,
  saidByAgent,
} from '../helpers/phone.ts';

const GREETING = 'Harbour office.';
const TIDES = 'High water is at ten past six, and again at half past six.';
const STORY =
  'The lighthouse was built in eighteen hundred and two, and its light is seen from twenty miles away at night.';
const GOODBYE = 'Thank you for calling, goodbye.';

let phone: Phone;

beforeAll(async () => {
  phone = await startPhone(
    agentWith({ greeting: GREETING, tools: [endCall, collectDigits, sendDigits] }),
    answering(
      { when: 'tide', say: TIDES },
      { when: 'story', say: STORY },
      { when: 'bye', say: GOODBYE, call: { name: 'end_call' } },
      { when: 'code', say: 'Enter it, please.', call: { name: 'collect_digits', arguments: { count: 3 } } },
      { when: 'dial', say: 'Dialling.', call: { name: 'send_digits', arguments: { digits: '7w8' } } },
      { after: '.', say: 'I have it.' },
      { say: 'Fine.' },
    ),
  );
});
afterAll(() => phone.close());

describe.concurrent('a relay line', () => {
  test.each([true, false])('every word is heard once, turn after turn, progress reported: %s', async (progress) => {
    const line = await phone.dialRelay({ progress });
    await line.caller.waitForSpeech({ fromMs: 0 });
    await line.caller.waitForSilence({ forMs: 400 });
    await ask(line, 'When is the tide?');
    await ask(line, 'Anything else?');
    await line.caller.hangUp();
    expect(lettersOf(line.caller.heardText)).toBe(lettersOf(`${GREETING} ${TIDES} Fine.`));
    expect(line.caller.stats().badFrames).toBe(0);
    expect(outcomes(line)).toEqual(['replied', 'replied']);
  });

  test('the caller cuts in: the model is told the words that were heard', async () => {
    const off = await atOnce(8, async (index) => {
      const line = await phone.dialRelay({ progress: index % 2 === 0 });
      await line.caller.waitForSpeech({ fromMs: 0 });
      await line.caller.waitForSilence({ forMs: 300 });
      const name = `Story ${index} please`;
      await line.caller.say(name);
      const startedMs = await line.caller.waitForSpeech();
      await after(startedMs + 500 + index * 400 - line.caller.nowMs);
      const before = line.caller.heard.length;
      await line.caller.say('No, wait');
      const request = await requestWith(phone, name, (record) =>
        JSON.stringify(messagesOf(record)).includes('No, wait'),
      );
      const story = line.caller.heardText.slice(line.caller.heardText.indexOf('The'));
      await line.caller.hangUp();
      expect(before).toBeGreaterThan(0);
      expect(outcomes(line)[0]).toBe('interrupted');
      const told = saidByAgent(request).at(-1)!;
      return Math.abs(wordsHeard(STORY, told) - wordsHeard(STORY, story));
    });
    expect(quantile(off, 0.95), JSON.stringify(off)).toBeLessThanOrEqual(1);
  });

  test('R19: the goodbye is heard in full before the session is ended', async () => {
    const line = await phone.dialRelay();
    await line.caller.waitForSilence({ forMs: 300, fromMs: 1_000 });
    await line.caller.say('Good bye');
    const end = await line.caller.ended;
    expect(end.by).toBe('worker');
    expect(lettersOf(line.caller.heardText)).toBe(lettersOf(GREETING + GOODBYE));
    expect((await line.call.ended).reason).toBe('agent-hung-up');
  });

  test('R19: a caller who cuts into the goodbye is still there', async () => {
    const line = await phone.dialRelay();
    await line.caller.waitForSilence({ forMs: 300, fromMs: 1_000 });
    await line.caller.say('Good bye now');
    const startedMs = await line.caller.waitForSpeech();
    await after(startedMs + 600 - line.caller.nowMs);
    await line.caller.say('One more question');
    const request = await requestWith(phone, 'One more question');
    expect(JSON.stringify(messagesOf(request))).toContain('revoked');
    expect(line.caller.isOver).toBe(false);
    await line.caller.hangUp();
  });

  test('keys are collected, and pressed', async () => {
    const line = await phone.dialRelay();
    await line.caller.waitForSilence({ forMs: 300, fromMs: 1_000 });
    await ask(line, 'My code');
    line.caller.press('123');
    const request = await requestWith(phone, 'My code', (record) => messagesOf(record).at(-1)?.role === 'tool');
    expect(messagesOf(request).at(-1)?.content).toBe('{"digits":"123"}');
    await line.caller.waitForSpeech();
    await line.caller.waitForSilence({ forMs: 400 });
    const pressed = line.caller.waitForCommand(({ type }) => type === 'sendDigits');
    await line.caller.say('Please dial');
    await pressed;
    await line.caller.hangUp();
  });

  test('a prompt without an interrupt: the talk is ended, and what is still spoken of it is in the history', async () => {
    const line = await phone.dialRelay({ interruptible: false });
    await line.caller.waitForSilence({ forMs: 300, fromMs: 1_000 });
    await line.caller.say('Story seventy please');
    await line.caller.waitForSpeech();
    await line.caller.say('Anything besides?');
    const request = await requestWith(phone, 'Anything besides');
    await line.caller.waitForSilence({ forMs: 600 });
    await line.caller.hangUp();
    expect(outcomes(line)[0]).toBe('interrupted');
    const said = lettersOf(GREETING + saidByAgent(request).at(-1)! + 'Fine.');
    expect(lettersOf(line.caller.heardText)).toBe(said);
  });

  test('key `#` over the greeting, its interrupt 30 ms behind it: the new turn goes on', async () => {
    const line = await phone.dialRelay({ interruptLateMs: 30 });
    await line.caller.waitForSpeech({ fromMs: 0 });
    line.caller.press('#');
    await line.caller.waitForSpeech({ fromMs: line.caller.nowMs + 300 });
    await line.caller.waitForSilence({ forMs: 400 });
    await line.caller.hangUp();
    expect(lettersOf(line.caller.heardText)).toMatch(/Fine\.$/);
    expect(outcomes(line)).toEqual(['replied']);
  });

  test('an interrupt in mid-answer, and no prompt: the agent asks within some seconds', async () => {
    const line = await phone.dialRelay();
    await line.caller.waitForSilence({ forMs: 300, fromMs: 1_000 });
    await line.caller.say('Story eighty please');
    const startedMs = await line.caller.waitForSpeech();
    await after(startedMs + 800 - line.caller.nowMs);
    line.caller.cough();
    const coughedMs = line.caller.nowMs;
    const askedMs = await line.caller.waitForSpeech({ fromMs: coughedMs + 100 });
    await line.caller.hangUp();
    expect(askedMs - coughedMs).toBeLessThan(5_500);
  });

  test('R20: the caller hangs up in the middle of an answer, and nothing is left', async () => {
    const line = await phone.dialRelay();
    await line.caller.say('Story ninety please');
    await line.caller.waitForSpeech();
    await line.caller.drop();
    expect((await line.call.ended).reason).toBe('socket-lost');
    expect(phone.services.parley.calls.has(line.call)).toBe(false);
  });
});

/** Asks, and waits for the end of the answer. */
async function ask({ caller }: RelayLine, question: string): Promise<void> {
  await caller.say(question);
  const startedMs = await caller.waitForSpeech();
  await caller.waitForSilence({ forMs: 600, fromMs: startedMs });
}

function outcomes({ events }: RelayLine): string[] {
  return events.flatMap((event) => (event.type === 'turn-end' ? [event.outcome] : []));
}
