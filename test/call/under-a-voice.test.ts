/** R11: the machine is asked before an answer can be heard, so that nothing is played under a voice that sounds already. */
import { expect, test } from 'vitest';
import type { CallMedium } from '../../src/call/call.ts';
import { Call } from '../../src/call/call.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Speaker, SpeakerListener } from '../../src/speak/contract.ts';
import { scriptedCall, silentSpeaker } from '../helpers/scripted.ts';

async function calling({
  isSpeaking = false,
  mayBeSpeaking,
}: { isSpeaking?: boolean; mayBeSpeaking?: () => boolean } = {}) {
  const { agent, model } = await scriptedCall(() => 'words');
  const done: string[] = [];
  let listener: SpeakerListener | undefined;
  const speaker: Speaker = {
    ...silentSpeaker,
    say: (utterance) => void done.push(`say ${utterance}`),
    pause: () => void done.push('pause'),
    resume: () => void done.push('resume'),
    clear: () => void done.push('clear'),
  };
  const medium: CallMedium = {
    bridge: 'scripted',
    heardBy: 'reported',
    speaker: (given) => ((listener = given), speaker),
    ...(mayBeSpeaking && { mayBeSpeaking }),
  };
  const call = new Call({ agent, model, medium, callId: 'c', clock: systemClock }).start();
  call.callerTurn('what is the weather?', 0);
  if (isSpeaking) call.callerSpeech('start');
  while (!done.some((deed) => deed.startsWith('say'))) await new Promise((resolve) => setImmediate(resolve));
  return { call, done, listener: () => listener! };
}

test('a caller who speaks when it is about to start: paused first', async () => {
  const { call, done, listener } = await calling({ isSpeaking: true });
  expect(done).not.toContain('pause');
  expect(listener().mayStart?.(1)).toBe(true);
  expect(done.at(-1)).toBe('pause');
  call.hangUp();
});

test('one who is silent, or has just fallen silent, holds nothing back', async () => {
  const { call, done, listener } = await calling();
  expect(listener().mayStart?.(1)).toBe(true);
  call.callerSpeech('start');
  call.callerSpeech('end');
  done.length = 0;
  expect(listener().mayStart?.(2)).toBe(true);
  expect(done).toEqual([]);
  call.hangUp();
});

test('R25: nothing begins to sound while a voice may be beginning; what sounds already goes on', async () => {
  let isDoubtful = true;
  const { call, done, listener } = await calling({ mayBeSpeaking: () => isDoubtful });
  expect(listener().mayStart?.(1)).toBe(false); // it is asked again with the next frame
  isDoubtful = false;
  expect(listener().mayStart?.(1)).toBe(true);
  listener().started(1);
  isDoubtful = true;
  expect(listener().mayStart?.(2)).toBe(true);
  expect(done).not.toContain('pause');
  call.hangUp();
});
