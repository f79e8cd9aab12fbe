/** What is to be known of a call when it comes late or never, and what goes back beside the calls of an answer. */
import { expect, test } from 'vitest';
import { INSTRUCTIONS, play } from './helpers/play.ts';

const FACTS = 'Today is Friday.';
const options = { greeting: 'Hello.', factsWithinMs: 1_000 };
const system = (content: string) => ({ role: 'system', content });

test('the greeting does not wait for facts; the first request does, and leaves in the tick in which they come', () => {
  const played = play(
    `
      100  caller-turn "hi"
      400  facts       "${FACTS}"
  `,
    options,
  );
  expect(played.said).toEqual([[0, 'Hello.', 'greeting']]);
  expect(played.requests.map(({ atMs }) => atMs)).toEqual([400]);
  expect(played.requests[0]?.messages.slice(0, 2)).toEqual([system(INSTRUCTIONS), system(FACTS)]);
  expect(played.reports('error')).toEqual([]);
});

test('facts that are there before the caller speaks delay nothing', () => {
  const played = play(`100 facts "${FACTS}" \n 500 caller-turn "hi"`, options);
  expect(played.requests.map(({ atMs }) => atMs)).toEqual([500]);
});

test.each([
  ['never come', '', 1_000, /did not come within 1000 ms/],
  ['fail', '700 facts problem "they failed"', 700, /^they failed$/],
])('facts that %s: the request leaves without them, and it is told once', (_what, script, atMs, message) => {
  const played = play(`100 caller-turn "hi" \n ${script} \n 5000 wait`, options);
  expect(played.requests.map((request) => request.atMs)).toEqual([atMs]);
  expect(played.reports('error')).toMatchObject([
    { code: 'options-invalid', message: expect.stringMatching(message) as string },
  ]);
});

test("no facts, which is nobody's fault, is not told", () => {
  const played = play('100 caller-turn "hi" \n 300 facts none', options);
  expect(played.requests.map(({ atMs }) => atMs)).toEqual([300]);
  expect(played.reports('error')).toEqual([]);
});

test('facts that come when the model was asked without them stand behind what it was told, once, and no compaction drops them', () => {
  const turns = Array.from(
    { length: 8 },
    (_, index) => `
      ${5_000 + index * 1_000}  caller-turn "more"
      ${5_100 + index * 1_000}  text-delta  "Yes."
      ${5_200 + index * 1_000}  step-end    stop`,
  ).join('');
  const played = play(
    `
      100  caller-turn "hi"
     1500  text-delta  "Hello "
     1600  facts       "${FACTS}"
     1700  text-delta  "there."
     1800  step-end    stop
     ${turns}
  `,
    { ...options, turn: { compactAtMessages: 10 } },
  );
  const [first, second, ...others] = played.requests;
  expect(first?.messages).not.toContainEqual(system(FACTS));
  expect(second?.messages.slice(0, first?.messages.length)).toEqual(first?.messages);
  for (const { messages } of [second, ...others].flatMap((request) => request ?? []))
    expect(messages.filter(({ content }) => content === FACTS)).toHaveLength(1);
  expect(played.reports('compaction').length).toBeGreaterThan(0);
  expect(played.reports('error')).toHaveLength(1); // that they were late
});

test('a caller who goes on while facts are waited for is asked with all that they said', () => {
  const played = play(`100 caller-turn "a table" \n 500 caller-turn "for two" \n 800 facts "${FACTS}"`, options);
  expect(played.requests.map(({ atMs, turn }) => [atMs, turn])).toEqual([[800, 2]]);
  expect(played.talk.at(-1)).toEqual('user: a table for two');
});

test('R17: a caller does not wait for facts in silence, and the answer goes on from the phrase', () => {
  const played = play(`100 caller-turn "hi" \n 900 facts "${FACTS}"`, { ...options, turn: { silenceMs: 300 } });
  expect(played.said.at(-1)).toEqual([400, 'One moment, please.', 'progress']);
  expect(played.requests[0]?.messages.at(-1)).toMatchObject({
    role: 'system',
    content: expect.stringContaining('Go on') as string,
  });
});

test('R20: a hang-up while facts are waited for leaves nothing behind', () => {
  const played = play(`100 caller-turn "hi" \n 200 hang-up \n 300 facts "${FACTS}" \n 5000 wait`, options);
  expect(played.requests).toEqual([]);
  expect([...played.timers]).toEqual([]);
  expect(played.machine.isEnded).toBe(true);
});

test('what goes back stands beside its call and its message in every request, byte for byte (R23)', () => {
  const played = play(`
      100  caller-turn  "hi"
      200  tool-call    lookup_order {"n":1} #a
      210  answer-extra {"message":{"reasoning_content":"I look"}}
      220  tool-call    find_slots {} #b
      230  answer-extra {"message":{"reasoning_content":"I look."},"calls":{"b":{"extra_content":{"x":1}}}}
      240  step-end     tool_calls
      300  tool-settled #a {"r":1}
      310  tool-settled #b {"r":2}
      400  text-delta   "Done."
      410  step-end     stop
      500  caller-turn  "and now?"
  `);
  const [, second, third] = played.requests;
  const message = second?.messages.find(({ role }) => role === 'assistant');
  expect(message).toMatchObject({
    extra: { reasoning_content: 'I look.' },
    tool_calls: [{ id: 'a' }, { id: 'b', extra: { extra_content: { x: 1 } } }],
  });
  expect(JSON.stringify(third?.messages).startsWith(JSON.stringify(second?.messages).slice(0, -1))).toBe(true);
});

test('R12: of an answer that was cut off, what had come stands beside its calls; what comes later is late', () => {
  const played = play(`
      100  caller-turn  "hi"
      200  tool-call    book_slot {"n":1} #a
      210  answer-extra {"message":{"thoughts":"one"}}
      220  interrupt
      230  answer-extra@1 {"message":{"thoughts":"two"}}
      240  caller-turn  "stop"
  `);
  expect(played.requests.at(-1)?.messages.find(({ role }) => role === 'assistant')).toMatchObject({
    extra: { thoughts: 'one' },
  });
});

test('an id that the history had before is told apart, and what goes back finds its call', () => {
  const played = play(`
      100  caller-turn  "hi"
      200  tool-call    lookup_order {"n":1} #a
      210  step-end     tool_calls
      300  tool-settled #a {"r":1}
      400  tool-call    lookup_order {"n":2} #a
      410  answer-extra {"calls":{"a":{"sign":2}}}
      420  step-end     tool_calls
      500  tool-settled #a-2 {"r":2}
  `);
  const calls = played.messages.flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : []));
  expect(calls).toMatchObject([{ id: 'a' }, { id: 'a-2', extra: { sign: 2 } }]);
  expect(calls[0]).not.toHaveProperty('extra');
});

test('a second step that is too long is asked once more with the urgency of a follow-up', () => {
  const played = play(`
      100  caller-turn  "hi"
      110  text-delta   "Hello."
      120  step-end     stop
      200  caller-turn  "look"
      210  tool-call    lookup_order {"n":1} #a
      220  step-end     tool_calls
      300  tool-settled #a {"r":1}
      310  step-failed  context-overflow
  `);
  expect(played.requests.map(({ turn, step, priority }) => [turn, step, priority])).toEqual([
    [1, 1, 'answer'],
    [2, 1, 'answer'],
    [2, 2, 'tool-follow-up'],
    [2, 3, 'tool-follow-up'],
  ]);
  expect(played.talk.filter((line) => line.startsWith('user'))).toEqual(['user: look']);
});
