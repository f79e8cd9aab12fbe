/** That nothing is silent between two sounds of one turn for longer than this, such as between a filler and the answer. */
import { fault, ms, notVisible, vacuous } from '../findings.ts';
import { gapsIn } from '../metrics/gaps.ts';
import { soundsOfTurn } from '../metrics/dead-air.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';
import { lengthMs } from '../sound.ts';
import { turnsIn } from '../turns.ts';

/** @param mostMs Default 20: less is not told apart. Real voices pause between sentences: there, 400 or so. */
export const noGapOver: Check<[mostMs?: number]> = (call, mostMs = 20) => {
  const scope = scopeOf(call);
  if (!scope.call.agentSound) return notVisible('noGapOver', 'a line of text has no sound');
  const turns = turnsIn(call).filter((turn) => soundsOfTurn(scopeOf(turn)).length > 0);
  if (turns.length === 0) return vacuous('noGapOver', 'the agent was not heard in any turn');
  return turns.flatMap((turn) =>
    gapsIn(scopeOf(turn))
      .filter((gap) => lengthMs(gap) > mostMs)
      .map((gap) =>
        fault('noGapOver', `a gap of ${ms(lengthMs(gap))} within the answer, expected at most ${ms(mostMs)}`, {
          atMs: gap.fromMs,
          turn: turn.number,
          evidence: turn.heard,
        }),
      ),
  );
};
