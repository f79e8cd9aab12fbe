/** That the caller hears the last words before the agent ends the call or hands it over: none of them is cut off by it. */
import { fault, notVisible, vacuous } from '../findings.ts';
import { lettersApart, lettersOf } from '../heard-words.ts';
import type { CallResult, Check, Finding } from '../result.ts';
import { saidIn } from '../said.ts';
import { scopeOf } from '../scope.ts';
import { endsSentence } from '../words.ts';

/** Who ends a call so has not been waited for: the caller is gone, or the line is. */
const NOT_BY_AGENT = new Set([
  'caller-hung-up',
  'socket-lost',
  'protocol-error',
  'taken-over',
  'worker-stopped',
  'stopped',
]);
/** A line may garble a letter. */
const MOST_APART = 0.1;

export const goodbyeHeard: Check = (call) => {
  const { call: whole } = scopeOf(call);
  const { end, heard, events } = whole;
  if (whole.visible === 'outside') return heardAtEnd(whole);
  if (!heard) return notVisible('goodbyeHeard', 'the sound of this call cannot be understood');
  if (!end || NOT_BY_AGENT.has(end.reason)) return vacuous('goodbyeHeard', 'the agent did not end the call');
  const last = saidIn(events).at(-1);
  if (!last) return vacuous('goodbyeHeard', 'the agent said nothing before it ended the call');
  const words = heard.filter(({ turn, fromMs }) => turn === last.turn && fromMs >= last.atMs).map(({ text }) => text);
  const [said, came] = [lettersOf(last.text), lettersOf(words.join(' ')).slice(-lettersOf(last.text).length)];
  if (lettersApart(said, came) <= said.length * MOST_APART) return [];
  return [
    fault('goodbyeHeard', 'the call ended before its last words were heard', {
      atMs: end.atMs,
      evidence: `said: ${last.text.trim()} | heard: ${words.join(' ') || 'nothing'}`,
    }),
  ];
};

/**
 * Of a call that is only heard nobody says what was to be said: its last sound had come and was not played to its end, or its
 * last word, where that is understood, is not the end of a sentence.
 */
function heardAtEnd({ end, heard, agentSound }: CallResult): Finding[] {
  if (end?.isCutOff === undefined) return notVisible('goodbyeHeard', 'how the call ended is not known');
  if (NOT_BY_AGENT.has(end.reason)) return vacuous('goodbyeHeard', 'the agent did not end the call');
  if (!agentSound || agentSound.length === 0)
    return vacuous('goodbyeHeard', 'the agent said nothing before it ended the call');
  const last = heard?.at(-1);
  if (!end.isCutOff && (!last || endsSentence(last.text))) return [];
  const evidence = heard
    ? `heard: ${heard.map(({ text }) => text).join(' ')}`
    : 'the rest of the sound was never played';
  return [fault('goodbyeHeard', 'the call ended before its last words were heard', { atMs: end.atMs, evidence })];
}
