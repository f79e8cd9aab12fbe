/** The caller's voice over the agent's: what it pauses, when it interrupts, and when it is nothing but a noise. */
import { expect, test } from 'vitest';
import { CallerVoice } from '../../src/turn/caller-voice.ts';
import type { TurnEffect } from '../../src/turn/contract.ts';
import { History } from '../../src/turn/history.ts';
import { TurnOptions } from '../../src/turn/options.ts';
import { Speech } from '../../src/turn/speech.ts';

const options = TurnOptions.parse({ interruptMs: 800, pauseMs: 2_000, interruptWords: 2 });

function overAgent({ isAudible = true } = {}) {
  const effects: TurnEffect[] = [];
  const speech = new Speech(new History('You are a test.', options), 'reported', (effect) => effects.push(effect));
  if (isAudible) speech.speak('Hello there.', { kind: 'verbatim', turn: 0, step: 0 }, false);
  effects.length = 0;
  return { voice: new CallerVoice(speech, { turn: options }), speech, types: () => effects.map(({ type }) => type) };
}

test('a voice pauses the agent, and interrupts once it has gone on for `interruptMs`', () => {
  const { voice, types } = overAgent();
  expect(voice.hear('start', '', 100)).toBe(false);
  expect(types()).toEqual(['pause']);
  expect(voice.lookAtMs).toBe(900);
  expect(voice.look(900)).toBe(true);
});

test('a cough does not: the agent goes on', () => {
  const { voice, types } = overAgent();
  voice.hear('start', '', 100);
  expect(voice.hear('end', '', 300)).toBe(false);
  expect(voice.lookAtMs).toBe(650);
  expect(voice.look(650)).toBe(false);
  expect([types(), voice.lookAtMs]).toEqual([['pause', 'resume'], undefined]);
});

test('words interrupt at once, also after its end', () => {
  const { voice } = overAgent();
  voice.hear('start', '', 100);
  voice.hear('end', '', 300);
  expect(voice.hear('words', 'no wait please', 400)).toBe(true);
});

test('over silence it interrupts nobody; when the agent begins to be heard meanwhile, it does', () => {
  const { voice, speech, types } = overAgent({ isAudible: false });
  expect(voice.hear('start', '', 0)).toBe(false);
  expect([types(), voice.lookAtMs]).toEqual([[], undefined]);
  speech.speak('Hello there.', { kind: 'verbatim', turn: 0, step: 0 }, false);
  expect(voice.agentStarted(1_000)).toBe(true);
});

test('a pause ends when its time has come, whatever was forgotten meanwhile', () => {
  const { voice, types } = overAgent();
  voice.hear('start', '', 0);
  voice.forget();
  expect(voice.lookAtMs).toBe(800);
  expect(voice.look(800)).toBe(false);
  expect(types()).toEqual(['pause', 'resume']);
});

test('a voice that says no word for ten seconds is a noise; one that does goes on', () => {
  const { voice } = overAgent({ isAudible: false });
  expect(voice.noiseAtMs).toBeUndefined();
  voice.hear('start', '', 0);
  voice.hear('words', 'well', 4_000);
  expect([voice.isSpeaking, voice.noiseAtMs]).toEqual([true, 14_000]);
  voice.hear('end', '', 5_000);
  voice.hear('words', 'well then', 5_200); // they may come late
  expect([voice.isSpeaking, voice.noiseAtMs]).toEqual([false, undefined]);
});
