/**
 * That the caller never hears nothing for longer than this while the agent owes them something; with what was waited for. An
 * utterance that nothing ever came of counts until the caller says more, or the call ends.
 */
import type { Silence } from '../../page/picture.ts';
import { fault, ms, notVisible, vacuous } from '../findings.ts';
import { causesOf, deadAirIn, unansweredIn, waitsIn } from '../metrics/dead-air.ts';
import type { CallResult, Check, SoundStretch } from '../result.ts';
import { scopeOf, utterancesIn } from '../scope.ts';
import { lengthMs } from '../sound.ts';
import { turnsIn } from '../turns.ts';

export const noDeadAirOver: Check<[mostMs: number]> = (call, mostMs) => {
  const scope = scopeOf(call);
  if (!scope.call.agentSound) return notVisible('noDeadAirOver', 'a line of text has no sound');
  const turns = turnsIn(call);
  if (turns.length === 0 && utterancesIn(scope).length === 0)
    return vacuous('noDeadAirOver', 'the caller said nothing: the agent owed nothing');
  const silences = turns.flatMap((turn) => deadAirIn(scopeOf(turn)).map((silence) => ({ silence, turn: turn.number })));
  const unanswered = unansweredIn(scope).map((silence) => ({ silence, turn: undefined }));
  const long = [...silences, ...unanswered].filter(({ silence }) => lengthMs(silence) > mostMs);
  const waits = long.length > 0 ? waitsIn(scope.call) : [];
  return long.map(({ silence, turn }) =>
    fault('noDeadAirOver', `${ms(lengthMs(silence))} of silence, expected at most ${ms(mostMs)}`, {
      atMs: silence.fromMs,
      ...(turn !== undefined && { turn }),
      evidence:
        turn === undefined ? 'nothing ever came of what the caller said' : waitedFor(silence, scope.call, waits),
    }),
  );
};

function waitedFor(silence: SoundStretch, whole: CallResult, waits: readonly Silence[]): string {
  const causes = causesOf(waits, silence).map((part) => `${part.cause} ${ms(part.ms)}`);
  const tools = whole.tools.filter(({ fromMs, toMs }) => fromMs < silence.toMs && (toMs ?? Infinity) > silence.fromMs);
  const names = tools.length > 0 ? ` (${tools.map(({ name }) => name).join(', ')})` : '';
  return causes.length > 0 ? `waited for: ${causes.join(', ')}${names}` : 'what it waited for is not known';
}
