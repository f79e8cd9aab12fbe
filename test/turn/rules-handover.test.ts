/** R27: the caller is handed from one agent of a team to another. */
import { expect, test } from 'vitest';
import { CAST, play, shortly, type PlayOptions } from './helpers/play.ts';

const HAND_OFF = { name: 'hand_off', effect: 'terminal', filler: [], progress: [] } as const;
const ROUTE = { name: 'route', effect: 'write', filler: [], progress: [] } as const;

const BILLING: PlayOptions = {
  agent: 'acme-billing',
  team: { desk: 'desk' },
  instructions: 'You are billing.',
  tools: [HAND_OFF, { name: 'find_invoice', effect: 'read', filler: ['I look.'], progress: [] }],
  phrases: { hold: ['Billing looks.'] },
  turn: { silenceMs: 800, endpointMs: 700 },
};
const DESK: PlayOptions = {
  agent: 'desk',
  team: { billing: 'acme-billing' },
  instructions: 'You are the desk.',
  greeting: 'Acme.',
  tools: [...CAST, HAND_OFF, ROUTE],
  others: [BILLING],
};
const GREETED: PlayOptions = { ...DESK, others: [{ ...BILLING, greeting: 'Billing here.' }] };
const VOICE = { speaker: { charactersPerSecond: 10 } };

const ASKED = `
    0  caller-turn  "why is my bill so high?"
  100  text-delta   "aaaa bbbb cccc dddd."
  200  tool-call    hand_off {"to":"billing"}
  210  step-end     tool_calls
`;

test('R27: the new agent answers at once what the caller wanted, with its own instructions before what was said', () => {
  const played = play(ASKED, DESK).go('300 tool-settled hand-off "billing"');
  const [desk, billing] = played.requests;
  expect(desk?.messages[0]).toEqual({ role: 'system', content: 'You are the desk.' });
  expect(billing).toMatchObject({ atMs: 300, turn: 2, step: 1, toolChoice: 'auto' });
  expect(billing?.messages[0]).toEqual({ role: 'system', content: 'You are billing.' });
  expect(shortly(billing?.messages ?? [])).toEqual([
    'assistant: Acme.',
    'user: why is my bill so high?',
    'assistant: aaaa bbbb cccc dddd. + hand_off#call_1',
    'tool call_1: {"done":"hand-off"}',
    'system: The caller has been handed over to you by `desk`. What stands above was said before you came. Go on with what the caller wants.',
  ]);
  expect(played.reports('agent-change')).toEqual([
    { type: 'agent-change', turn: 1, from: 'desk', to: 'acme-billing', context: 'all', atMs: 300 },
  ]);
  expect(played.reports('turn-end')).toMatchObject([{ turn: 1, outcome: 'replied', heard: 'aaaa bbbb cccc dddd.' }]);
});

test('R27: the effect stands between the end of the one turn and the request of the next', () => {
  const played = play(ASKED, DESK).go('300 tool-settled hand-off "billing"');
  const order = played.effects
    .filter(({ atMs, type }) => atMs === 300 && type !== 'set-timer')
    .map((effect) => (effect.type === 'report' ? effect.event.type : effect.type));
  expect(order).toEqual([
    'tool-end',
    'turn-end',
    'agent-change',
    'agent-change',
    'turn-start',
    'request-step',
    'step-start',
  ]);
});

test('R27, R19: in a voice it is carried out when the last word has been heard, not before', () => {
  const played = play(`${ASKED} 9000 wait`, { ...DESK, ...VOICE });
  const idleMs = played.events.find(({ type }) => type === 'playback-idle')?.atMs;
  expect(played.all('run-tool')).toMatchObject([{ atMs: idleMs, effect: 'terminal' }]);
  played.go('9100 tool-settled hand-off "billing"');
  expect(played.all('agent-change')).toMatchObject([{ atMs: 9_100, agent: 'acme-billing' }]);
});

test('R27, R19: the caller who cuts in before that stays with the agent, and it is told so', () => {
  const played = play(ASKED, { ...DESK, ...VOICE })
    .go('1600 caller-turn "no, wait, something else"')
    .go('9000 wait');
  expect(played.all('agent-change')).toEqual([]);
  expect(played.requests.at(-1)?.messages[0]?.content).toBe('You are the desk.');
  expect(played.talk.find((line) => line.startsWith('tool call_1'))).toContain('because the caller spoke first');
});

test('R27, R19: so does one who cuts in while the tool that asks for it runs', () => {
  const played = play(ASKED, { ...DESK, heardBy: 'emitted' })
    .go('250 interrupt')
    .go('260 tool-settled hand-off "billing"')
    .go('300 caller-turn "something else"');
  expect(played.all('agent-change')).toEqual([]);
  expect(played.talk.join('\n')).toContain('because the caller spoke first');
  expect(played.talk.join('\n')).not.toContain('{"done":"hand-off"}');
});

test('R27: what a tool has said first is heard first, once, and a caller who cuts in there takes the handover back', () => {
  const asked = `
      0  caller-turn   "my bill"
    100  tool-call     route {}
    110  step-end      tool_calls
    200  tool-settled  say-and-hand-off billing "I put you through."
  `;
  const played = play(asked, { ...DESK, ...VOICE }).go('9000 wait');
  expect(played.speech.split('|').slice(0, 3)).toEqual(['Acme.', 'I put you through.', 'Billing looks.']);
  expect(played.all('agent-change')).toHaveLength(1);
  const cut = play(asked, { ...DESK, ...VOICE })
    .go('1500 caller-turn "please not"')
    .go('9000 wait');
  expect(cut.all('agent-change')).toEqual([]);
  expect(cut.talk.find((line) => line.startsWith('tool call_1'))).toContain(
    'It was done, but the caller was not handed over',
  );
});

test('R27: an agent with a greeting says it, and waits for the caller; the tools, phrases and timings are its own', () => {
  const played = play(ASKED, GREETED).go('300 tool-settled hand-off "billing"');
  expect(played.said.at(-1)).toEqual([300, 'Billing here.', 'greeting']);
  expect(played.requests).toHaveLength(1);
  played.go('400 caller-turn "my bill"').go('1300 wait');
  expect(played.said.at(-1)).toEqual([1_200, 'Billing looks.', 'progress']);
  played.go('1400 tool-call find_invoice {}').go('1410 tool-call book_slot {}');
  expect(played.all('run-tool').slice(-2)).toMatchObject([{ effect: 'read' }, { effect: 'read' }]);
});

test('R27: one that is back does not greet the caller again, and answers at once', () => {
  const played = play(ASKED, GREETED)
    .go('300 tool-settled hand-off "billing"')
    .go('400 caller-turn "thanks, and now an appointment"')
    .go('500 tool-call hand_off {}')
    .go('510 step-end tool_calls')
    .go('600 tool-settled hand-off "desk"');
  expect(played.said.map(([, text]) => text)).toEqual(['Acme.', 'aaaa bbbb cccc dddd.', 'Billing here.']);
  expect(played.requests.at(-1)).toMatchObject({ atMs: 600, turn: 3 });
  expect(played.requests.at(-1)?.messages[0]?.content).toBe('You are the desk.');
});

test('R27: with `none` the new agent is shown nothing of it but the facts of the call and what no request has told', () => {
  const played = play(
    `
      0  caller-turn   "my bill"
    100  text-delta    "I look. "
    200  tool-call     lookup_order {}
    210  tool-call     hand_off {}
    220  step-end      tool_calls
    300  tool-settled  {"order":7}
    310  tool-settled  hand-off none "billing"
  `,
    { ...DESK, facts: 'The caller is 7.' },
  );
  expect(played.requests.at(-1)?.messages.map(({ content }) => content)).toEqual([
    'You are billing.',
    'The caller is 7.',
    'Result of lookup_order (call_1), which was still running before: {"order":7}',
    'The caller has been handed over to you by `desk`. You are not shown what was said before. Go on with what the caller wants.',
  ]);
});

test('R27: with a summary the new agent is shown that in place of what was said, and all of it where nobody has written one', () => {
  const summed = play(ASKED, DESK).go('300 tool-settled hand-off summary a-bill "billing"');
  expect(summed.requests.at(-1)?.messages.map(({ content }) => content)).toEqual([
    'You are billing.',
    'The caller has been handed over to you by `desk`. What was said before is summed up for you. Go on with what the caller wants. You should know: a-bill',
  ]);
  expect(summed.reports('agent-change')).toMatchObject([{ context: 'summary' }]);
  const whole = play(ASKED, DESK).go('300 tool-settled hand-off summary "billing"');
  expect(whole.requests.at(-1)?.messages).toHaveLength(6);
  expect(whole.reports('agent-change')).toMatchObject([{ context: 'all' }]);
});

test('R27, R14: a write of the old agent that is late reaches the new one, whatever it is shown', () => {
  for (const context of ['', 'none']) {
    const played = play(
      `
        0  caller-turn   "book it"
      100  tool-call     book_slot {}
      110  step-end      tool_calls
      200  caller-turn   "and my bill?"
      300  tool-call     hand_off {}
      310  step-end      tool_calls
      400  tool-settled  #call_2 hand-off ${context} "billing"
      500  text-delta    "Your bill is fine."
      510  step-end      stop
      900  tool-settled  #call_1 {"booked":7}
     3000  wait
    `,
      DESK,
    );
    expect(played.requests.at(-1)).toMatchObject({ turn: 4 });
    expect(JSON.stringify(played.requests.at(-1)?.messages)).toContain('Result of book_slot (call_1)');
    expect(played.requests.at(-1)?.messages[0]?.content).toBe('You are billing.');
  }
});

test('R27: a handover to nobody is a result that says whom there is', () => {
  const played = play(ASKED, DESK).go('300 tool-settled hand-off "sales"');
  expect(played.all('agent-change')).toEqual([]);
  expect(played.talk.at(-1)).toBe(
    'tool call_1: {"error":"The caller was not handed over: there is no `sales` in the team. In the team are: billing."}',
  );
  expect(played.requests.at(-1)).toMatchObject({ turn: 1, step: 2 });
});

test('R27: an agent that is handed on and on without a word of the caller has them at last', () => {
  const turn = { mostHandoffs: 2 };
  const played = play(ASKED, { ...DESK, turn, others: [{ ...BILLING, turn }] }).go(
    '300 tool-settled hand-off "billing"',
  );
  played.go('400 tool-call hand_off {}').go('410 step-end tool_calls').go('500 tool-settled hand-off "desk"');
  played.go('600 tool-call hand_off {}').go('610 step-end tool_calls').go('700 tool-settled hand-off "billing"');
  expect(played.all('agent-change')).toHaveLength(2);
  expect(played.talk.at(-1)).toContain('they were 2 times already, without a word of theirs');
  expect(played.requests.at(-1)).toMatchObject({ atMs: 700, turn: 3, step: 2 });
  played.go('800 text-delta "What is it?"').go('810 step-end stop').go('900 caller-turn "my bill"');
  played.go('1000 tool-call hand_off {}').go('1010 step-end tool_calls').go('1100 tool-settled hand-off "billing"');
  expect(played.all('agent-change')).toHaveLength(3);
});

test('R27: it is not carried out beside a tool that failed, and the model is told of both', () => {
  const played = play(
    `
      0  caller-turn   "my bill"
    100  tool-call     route {}
    110  tool-call     lookup_order {}
    120  step-end      tool_calls
    200  tool-settled  #call_1 hand-off "billing"
    300  tool-settled  #call_2 failed tool-error {"error":"no order"}
  `,
    DESK,
  );
  expect(played.all('agent-change')).toEqual([]);
  expect(played.talk.find((line) => line.startsWith('tool call_1'))).toContain('because another tool failed');
  expect(played.requests).toHaveLength(2);
});

test('R27, R20: a caller who hangs up before it is carried out leaves nobody behind', () => {
  const played = play(ASKED, { ...DESK, ...VOICE })
    .go('1600 hang-up')
    .go('9000 wait');
  expect(played.all('agent-change')).toEqual([]);
  expect(played.reports('call-end')).toHaveLength(1);
});

test('R17, R27: the silence of a caller who is handed over is one silence', () => {
  const others = [{ ...BILLING, turn: { silenceMs: 1_500 } }];
  const played = play('0 caller-turn "my bill"', { ...DESK, others })
    .go('1000 tool-call hand_off {}')
    .go('1010 step-end tool_calls')
    .go('1100 tool-settled hand-off "billing"')
    .go('3000 wait');
  expect(played.said.at(-1)).toEqual([1_500, 'Billing looks.', 'progress']);
});
