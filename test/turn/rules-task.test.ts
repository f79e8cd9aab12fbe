/** R28: a tool whose run is a conversation, and what comes late meanwhile (R14). */
import { describe, expect, test } from 'vitest';
import { CAST, play, shortly, TASK, type PlayOptions } from './helpers/play.ts';

const DESK: PlayOptions = { tools: [...CAST, TASK], turn: { lateResultMs: 700 } };
const BOOKED = '{"booked":"nine"}';

/** A booking is still out, and the answer after it looks something up, which has words of its own, and begins a task. */
const BEGUN = `
     0  caller-turn  "book nine"
   100  tool-call    book_slot {"at":"9"} #book
   110  step-end     tool_calls
   200  interrupt
   300  caller-turn  "and I want to order"
   400  tool-call    find_slots {} #find
   410  tool-call    take_order {} #task
   420  step-end     tool_calls
   430  tool-settled #find say "I have looked."
`;
/** The task has the caller, who cuts in while it sends a message: that is still out. */
const SENDING = `
   500  task-begin   #task 5 "What would you like?"
  1000  caller-turn  "soup"
  1100  tool-call    send_sms {} #sms
  1110  step-end     tool_calls
  1200  interrupt
`;
const DONE = `
  3100  tool-call    finish {} #finish
  3110  step-end     tool_calls
  3120  tool-settled #finish end-task finished {"dish":"soup"}
`;

test('R28: its question is asked, its turns are asked with a list of its own, and its end is the result of its call', () => {
  const played = play(BEGUN, DESK).go(`
    500 task-begin #task 5 "What would you like?"
    3000 caller-turn "soup"
  `);
  expect(played.requests.at(-1)?.messages.map(({ role, content }) => `${role}: ${content}`)).toEqual([
    'system: Ask.',
    'assistant: What would you like?',
    'user: soup',
  ]);
  played.go(DONE);
  expect(played.all('end-task')).toMatchObject([
    { callId: 'task', end: { how: 'finished', content: '{"dish":"soup"}' } },
  ]);
  expect(played.talk).toContain('tool task: {"dish":"soup"}');
});

test('R27: a task hands the caller to nobody: its model is told that who began it can', () => {
  const played = play(BEGUN, { ...DESK, team: { billing: 'acme-billing' } }).go(`
    500 task-begin #task 5 "What would you like?"
    3000 caller-turn "a question about my bill"
    3100 tool-call find_slots {} #route
    3110 step-end tool_calls
    3120 tool-settled #route hand-off "billing"
  `);
  const result = shortly(played.requests.at(-1)?.messages ?? []).at(-1);
  expect(result).toContain('The caller was not handed over: this conversation is had for one thing alone.');
  expect(played.reports('agent-change')).toEqual([]);
});

describe('R14: news are those of the list in which the result stands', () => {
  const whatIsToldAt = (script: string) => {
    const played = play(BEGUN, DESK).go(script);
    const asked = played.requests.filter(({ atMs }) => atMs > 3_120);
    return asked.map(({ atMs, messages }) => ({ atMs, last: shortly(messages).at(-1) }));
  };
  const NOTE = expect.stringContaining('{"booked":"nine"}') as string;

  test('what came before a task began is told after it, when that has no model asked', () => {
    const script = `
      440 tool-settled #book ${BOOKED}
      500 task-begin #task 5 "What would you like?"
      3000 caller-turn "soup"
      ${DONE}
      6000 wait
    `;
    expect(whatIsToldAt(script)).toEqual([{ atMs: 3_820, last: NOTE }]);
  });

  test('so is what comes during the task', () => {
    const script = `
      500 task-begin #task 5 "What would you like?"
      2000 tool-settled #book ${BOOKED}
      3000 caller-turn "soup"
      ${DONE}
      6000 wait
    `;
    expect(whatIsToldAt(script)).toEqual([{ atMs: 3_820, last: NOTE }]);
  });

  test('it breaks no silence in the task, whose model is not told of it', () => {
    const played = play(BEGUN, DESK).go(`
      500 task-begin #task 5 "What would you like?"
      600 tool-settled #book ${BOOKED}
      5000 wait
    `);
    expect(played.requests.filter(({ atMs }) => atMs > 500)).toEqual([]);
  });

  test("a late result of the task's own is told in the task, once", () => {
    const played = play(BEGUN, DESK).go(`
      ${SENDING}
      1300 tool-settled #sms {"sent":true}
      5000 wait
    `);
    expect(played.requests.at(-1)).toMatchObject({ atMs: 2_000 });
    expect(shortly(played.requests.at(-1)?.messages ?? [])).toContain('tool sms: {"sent":true}');
  });

  test("one that comes in the task's last turn is told to who began it", () => {
    const script = `
      ${SENDING}
      3000 caller-turn "soup, I said"
      3050 tool-settled #sms {"sent":true}
      ${DONE}
      6000 wait
    `;
    expect(whatIsToldAt(script)).toEqual([{ atMs: 3_820, last: expect.stringContaining('{"sent":true}') as string }]);
  });

  test('one of a task that is over is told to who began that, and not to the next task', () => {
    const played = play(BEGUN, DESK).go(`
      ${SENDING}
      3000 caller-turn "soup, I said"
      ${DONE}
      4000 caller-turn "and another"
      4100 tool-call take_order {} #task2
      4110 step-end tool_calls
      4200 task-begin #task2 5 "What else?"
      5000 tool-settled #sms {"sent":true}
      6000 caller-turn "bread"
    `);
    expect(shortly(played.requests.at(-1)?.messages ?? [])).toEqual(['assistant: What else?', 'user: bread']);
    played.go(`
      6100 tool-call finish {} #finish2
      6110 step-end tool_calls
      6120 tool-settled #finish2 end-task finished {"dish":"bread"}
    `);
    expect(shortly(played.requests.at(-1)?.messages ?? []).at(-1)).toContain('{"sent":true}');
  });
});
