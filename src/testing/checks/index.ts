/** Every check by its name: what a scenario may ask for, a matcher stands for, and a recording is judged by. */
import { answerWithin } from './answer-within.ts';
import { brief } from './brief.ts';
import { calledTool } from './called-tool.ts';
import { cameBack } from './came-back.ts';
import { cost } from './cost.ts';
import { digits } from './digits.ts';
import { effectsOnce } from './effects-once.ts';
import { ended } from './ended.ts';
import { falseStops } from './false-stops.ts';
import { filler } from './filler.ts';
import { goodbyeHeard } from './goodbye-heard.ts';
import { heard } from './heard.ts';
import { keepsTheRules } from './keeps-the-rules.ts';
import { keptTalking } from './kept-talking.ts';
import { latencyNotAbove } from './latency-not-above.ts';
import { noDeadAirOver } from './no-dead-air-over.ts';
import { noGapOver } from './no-gap-over.ts';
import { noOtherTool } from './no-other-tool.ts';
import { noRepeats } from './no-repeats.ts';
import { noTalkOver } from './no-talk-over.ts';
import { personHeard } from './person-heard.ts';
import { said } from './said.ts';
import { speakable } from './speakable.ts';
import { told } from './told.ts';
import { toolOrder } from './tool-order.ts';
import { transferredTo } from './transferred-to.ts';
import { trueHistory } from './true-history.ts';
import { unusedReply } from './unused-reply.ts';
import { wer } from './wer.ts';
import { world } from './world.ts';
import { yieldedWithin } from './yielded-within.ts';

/** Each is a pure function of a call or a turn: `checks.answerWithin(turn, 900)` is `[]`, or says what it has found. */
export const checks = {
  calledTool,
  noOtherTool,
  toolOrder,
  effectsOnce,
  world,
  said,
  heard,
  told,
  filler,
  noRepeats,
  speakable,
  brief,
  unusedReply,
  answerWithin,
  noDeadAirOver,
  noGapOver,
  noTalkOver,
  yieldedWithin,
  falseStops,
  keptTalking,
  trueHistory,
  goodbyeHeard,
  ended,
  transferredTo,
  cameBack,
  personHeard,
  digits,
  wer,
  cost,
  keepsTheRules,
  latencyNotAbove,
};

/** The name of a check, as findings carry it. */
export type CheckName = keyof typeof checks;
