/** What is being said in a call, for the line of a page that shows it: what was understood and what was heard, nothing else. */
import type { BridgeCall } from '../bridge/contract.ts';
import type { Call } from '../call/call.ts';
import { HeardWords } from './heard-words.ts';

/**
 * Before the call's first event. The agent's words come as they are heard, each time all of them since the last that were
 * final; final are a turn's, once it is over, and what was said between turns, such as the greeting, once another begins.
 */
export function showWords(call: Call, line: BridgeCall): void {
  const show = line.show?.bind(line);
  if (!show) return;
  call.on('transcript', ({ text, isFinal }) => show({ type: 'words', who: 'caller', text, isFinal }));
  call.on('caller-speech-start', () => show({ type: 'speaking', who: 'caller', isSpeaking: true }));
  call.on('caller-speech-end', () => show({ type: 'speaking', who: 'caller', isSpeaking: false }));
  call.on('reply-audio-start', () => show({ type: 'speaking', who: 'agent', isSpeaking: true }));
  call.on('reply-audio-end', () => show({ type: 'speaking', who: 'agent', isSpeaking: false }));
  showAgent(call, (text, isFinal) => show({ type: 'words', who: 'agent', text, isFinal }));
}

function showAgent(call: Call, show: (text: string, isFinal: boolean) => void): void {
  let open = '';
  const settle = (text = open): void => {
    if (text !== '') show(text, true);
    open = '';
  };
  call.observe(
    new HeardWords((text) => {
      open = text;
      show(text, false);
    }),
  );
  call.on('turn-start', () => settle());
  call.on('turn-end', ({ heard }) => settle(heard));
  call.on('call-end', () => settle());
}
