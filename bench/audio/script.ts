/** What is said in the calls of part `audio`: both processes that take part in a call go by it. */
import type { ReplyRuleInput } from '../../src/simulate/electron/replies.ts';

export const GREETING = 'Harbour office.';
export const FILLER = 'Let me look at the calendar of the harbour master.';
export const FREE_BERTHS = 'Two berths are free.';
export const TOOL_NAME = 'find_berths';
/** A look at a calendar; with the model and the voice it takes less time than the filler. */
export const TOOL_MS = 180;
/** How long the model writes arguments in the slow case. */
export const SLOW_ARGUMENTS_MS = 1_500;

/** What the callers of a crowd say, in turn; one in four needs a tool. */
export const SMALL_TALK = ['When is the tide?', 'And the wind, please?', 'Is there a berth?', 'What will the rain do?'];
export const ASK_QUICK = 'Is there a berth?';
/** Answered with one word. */
export const ASK_SHORT = 'Open today?';
export const ASK_SLOW = 'A slow one, please';
export const ASK_STORY = 'A story please';
export const CUT_IN = 'No, wait a moment';

const PACE = { firstTokenMs: 250, tokenMs: 5, finishMs: 5 };
const CALL = {
  name: TOOL_NAME,
  arguments: { day: 'Friday', note: 'for a boat of nine metres that draws one and a half' },
};

export const REPLIES: ReplyRuleInput[] = [
  { when: 'tide', say: 'High water is at ten past six, and again at half past six.', pace: PACE },
  { when: 'wind', say: 'The wind comes from the west; stay near the coast.', pace: PACE },
  { when: 'rain', say: 'It rains until noon, and clears up in the afternoon.', pace: PACE },
  { when: 'slow', say: FILLER, call: CALL, pace: { ...PACE, argumentsMs: SLOW_ARGUMENTS_MS } },
  { when: 'berth', say: FILLER, call: CALL, pace: { ...PACE, argumentsMs: 0 } },
  {
    when: 'story',
    say: 'The rain in Spain falls mainly on the plain, and we have had a lot of it this year. Tomorrow will be dry again, with some clouds in the north.',
    pace: PACE,
  },
  { after: TOOL_NAME, say: FREE_BERTHS, pace: PACE },
  { say: 'Fine.', pace: PACE },
];
