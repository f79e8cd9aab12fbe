/** What is being said in a call, for the line of a page that shows it: what was understood and what was heard, nothing else. */
import type { BridgeCall } from '../bridge/contract.ts';
import type { Call } from '../call/call.ts';

/** Before the call's first event. */
export function showWords(call: Call, line: BridgeCall): void {
  const show = line.show?.bind(line);
  if (!show) return;
  call.on('transcript', ({ text, isFinal }) => show({ type: 'words', who: 'caller', text, isFinal }));
  call.on('caller-speech-start', () => show({ type: 'speaking', who: 'caller', isSpeaking: true }));
  call.on('caller-speech-end', () => show({ type: 'speaking', who: 'caller', isSpeaking: false }));
  call.on('reply-audio-start', () => show({ type: 'speaking', who: 'agent', isSpeaking: true }));
  call.on('reply-audio-end', () => show({ type: 'speaking', who: 'agent', isSpeaking: false }));
  call.on('turn-end', ({ heard }) => show({ type: 'words', who: 'agent', text: heard, isFinal: true }));
}
