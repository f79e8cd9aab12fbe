/** `mcp({...})` against a real server of the official package, over HTTP on loopback. */
import { expect, test } from 'vitest';
import { createAgent } from '../../../src/call/agent.ts';
import { mcp } from '../../../src/tool/mcp/mcp.ts';
import type { McpOptions } from '../../../src/tool/mcp/options.ts';
import { mcpFigures } from '../../../src/tool/mcp/servers.ts';
import { until } from '../../helpers/until.ts';
import { runOne } from '../helpers/run-one.ts';
import { startCalendar } from './helpers/calendar-http.ts';
import { cleanUp, cleanUpAfterEach, messages, namesOf, now, open } from './helpers/opened.ts';

cleanUpAfterEach();

async function calendar(port?: number) {
  const started = await startCalendar(port);
  cleanUp(() => started.close());
  return started;
}

test('tools are listed, checked, run, and read as what they answer', async () => {
  const opened = await open({ url: (await calendar()).url });
  expect(messages(opened)).toEqual([]);
  expect(namesOf(opened)).toEqual(['find_slots', 'book_slot', 'fail', 'wait', 'show', 'extend', 'crash']);
  const [find, book] = opened.tools.map(({ definition }) => definition);
  expect([find?.effect, book?.effect]).toEqual(['read', 'write']);

  const found = await runOne(now(opened), { name: 'find_slots', input: { day: '2026-12-01' } });
  expect(found.result).toEqual({ day: '2026-12-01', slots: ['09:00', '10:30'] });
  const wrong = await runOne(now(opened), { name: 'find_slots', input: { day: 'tomorrow' } });
  expect(wrong.outcome).toMatchObject({ ok: false, failure: 'invalid-arguments' });
  expect((await runOne(now(opened), { name: 'book_slot', input: { slot: '09:00' } })).result).toEqual({
    booked: '09:00',
  });
  const failed = await runOne(now(opened), { name: 'fail' });
  expect(failed.outcome).toMatchObject({ ok: false, failure: 'tool-error' });
  expect(failed.result).toEqual({ error: 'The calendar is closed for the day.' });
  expect((await runOne(now(opened), { name: 'show' })).result).toEqual([
    'The plan:',
    '(a picture, image/png, that cannot be read here)',
    { uri: 'file:///plan.txt', text: 'Monday: closed.' },
    { link: 'file:///more.txt', name: 'more', note: 'What it leads to was not read.' },
  ]);
  const [origin] = opened.list.origins;
  expect(origin?.summary).toMatch(/: 7 of 7 tools$/);
});

test('the model is shown the schema as the server has it, without what tells it nothing', async () => {
  const { url } = await calendar();
  const agent = await createAgent({
    name: 'desk',
    instructions: 'Answer.',
    tools: [mcp({ url, tools: ['find.slots'] })],
  });
  cleanUp(() => agent.close());
  const [tool] = JSON.parse(agent.toolbox.toolsJson ?? '[]') as { function: Record<string, unknown> }[];
  expect(tool?.function).toMatchObject({
    name: 'find_slots',
    description: 'Finds free slots of a day.',
    parameters: {
      type: 'object',
      properties: { day: { type: 'string', format: 'date', description: 'Such as 2026-12-01.' } },
      required: ['day'],
    },
  });
  expect(agent.toolbox.toolsJson).not.toContain('$schema');
});

test('a call carries the idempotency key, the call and its time in _meta; a header goes with each request', async () => {
  const { url, state, shown } = await calendar();
  const opened = await open({ url, headers: { Authorization: 'Bearer secret' }, timeoutMs: 4_000 });
  await runOne(now(opened), { name: 'book_slot', input: { slot: '10:30' } });
  expect(state.bookings).toMatchObject([
    {
      slot: '10:30',
      meta: {
        'parley-voice/idempotencyKey': expect.stringMatching(/^call-7-/) as string,
        'parley-voice/callId': 'call-7',
        'parley-voice/timeoutMs': 4_000,
      },
    },
  ]);
  expect([...shown]).toEqual(['Bearer secret']);
  expect(JSON.stringify(opened.logs)).not.toContain('secret');
});

test('which tools, their names, effects and phrases are for the agent to say', async () => {
  const { url } = await calendar();
  const opened = await open({
    ...{ url, prefix: 'cal_', filler: 'One moment.', effects: { wait: 'write' } },
    tools: {
      book_slot: { filler: 'Booking it.', description: 'Books.', timeoutMs: 20_000 },
      wait: { name: 'pause', expects: 'yes-no' },
      fail: {},
    },
  });
  expect(
    opened.tools.map(({ definition: { name, filler, effect, timeoutMs } }) => [name, filler, effect, timeoutMs]),
  ).toEqual([
    ['cal_book_slot', 'Booking it.', 'write', 20_000],
    ['cal_fail', 'One moment.', 'write', 10_000],
    ['pause', 'One moment.', 'write', 10_000],
  ]);
  expect(opened.tools.map(({ definition }) => definition.expects)).toEqual([undefined, undefined, 'yes-no']);
});

test.each([
  [{}, 'Expected either `command` or `url`, got neither'],
  [{ url: 'http://127.0.0.1/mcp', command: 'x' }, 'Expected either `command` or `url`, got both'],
  [{ url: 'ftp://x' }, 'Expected `url` to be an address such as https://tools.example.com/mcp, got `"ftp://x"`'],
  [{ command: 'x', headers: { a: 'b' } }, 'Expected `headers` to be beside `url` only, got it without'],
  [{ command: 'x', endpoint: 'y' }, '`endpoint` is not a field of mcp(): did you mean `url`?'],
  [{ command: 'x', env: { TOKEN: 3 } }, 'Expected `env.TOKEN` to be texts by name, got a number'],
  [
    { command: 'x', effects: { a: 'terminal' } },
    "Expected `effects.a` to be 'read' or 'write' by the names of tools, got `\"terminal\"`",
  ],
  [
    { command: './no-such-program' },
    'The server cannot be reached: there is no such program, or no such folder to run it in',
  ],
])('what is written wrong is told when the agent is loaded: %j', async (options, message) => {
  expect(messages(await open(options as McpOptions))).toEqual([message]);
});

test('tools that the server does not list, and an address that is no MCP server, are mistakes', async () => {
  const at = await calendar();
  expect(messages(await open({ url: at.url, tools: ['find.slots', 'nope'] }))).toEqual([
    "Expected `tools` to be names of the server's tools (find.slots, book_slot, fail, wait, show, extend, crash), got `nope`",
  ]);
  at.status = 401;
  expect(messages(await open({ url: at.url }))).toEqual([
    'The server cannot be reached: it answers 401: the `headers` do not let in',
  ]);
  at.status = 404;
  expect(messages(await open({ url: at.url }))).toEqual([expect.stringMatching(/it answers 404/)]);
});

test('a cancelled read is cancelled at the server, and what it tells of its progress is told', async () => {
  const { url, state } = await calendar();
  const opened = await open({ url });
  const { outcome } = await runOne(now(opened), { name: 'wait', input: { ms: 60_000 }, isCancelled: true });
  expect(outcome).toMatchObject({ ok: false, failure: 'cancelled' });
  await until('the server to be told', () => state.cancelled === 1);
  const { result, progress } = await runOne(now(opened), { name: 'wait', input: { ms: 1 } });
  expect([result, progress]).toEqual(['waited', ['still looking']]);
});

test("a list that has changed is the next call's", async () => {
  const { url } = await calendar();
  const agent = await createAgent({ name: 'desk', instructions: 'Answer.', tools: [mcp({ url })] });
  cleanUp(() => agent.close());
  const before = agent.toolbox;
  const opened = await open({ url });
  await runOne(now(opened), { name: 'extend' });
  await until('the new tool', () => agent.toolbox.has('cancel_slot'));
  expect([before.has('cancel_slot'), agent.machine.tools.map(({ name }) => name).includes('cancel_slot')]).toEqual([
    false,
    true,
  ]);
});

test('a server that is down at the start leaves its tools away until it is there; one that is required is a mistake', async () => {
  const at = await calendar();
  const port = Number(new URL(at.url).port);
  await at.close();
  const opened = await open({ url: at.url, name: 'cal' });
  expect([messages(opened), namesOf(opened)]).toEqual([[], []]);
  expect(opened.list.origins[0]?.troubles).toEqual([
    expect.stringMatching(/^mcp cal: the server cannot be reached, and its tools are missing: .*ECONNREFUSED/),
  ]);
  expect(mcpFigures()).toMatchObject({ cal: { isUp: false } });
  expect(messages(await open({ url: at.url, name: 'other', required: true }))).toEqual([
    expect.stringMatching(/^The server cannot be reached: .*ECONNREFUSED/),
  ]);
  await calendar(port);
  await until('its tools', () => namesOf(opened).length === 7);
  expect(mcpFigures()).toMatchObject({ cal: { isUp: true } });
});

test('one that is gone is told in plain words, counted, and connected anew when it is back', async () => {
  const at = await calendar();
  const port = Number(new URL(at.url).port);
  const opened = await open({ url: at.url, name: 'cal' });
  await at.close();
  const gone = await runOne(now(opened), { name: 'find_slots', input: { day: '2026-12-01' } });
  expect(gone.outcome).toMatchObject({ ok: false, failure: 'tool-error' });
  expect(gone.result).toEqual({
    error: expect.stringMatching(/cannot be reached at the moment, and nothing was done/) as string,
  });
  expect(mcpFigures()).toMatchObject({ cal: { isUp: false, failedCalls: 1 } });
  await calendar(port);
  await until('it to be back', () => mcpFigures()['cal']?.isUp === true);
  expect((await runOne(now(opened), { name: 'find_slots', input: { day: '2026-12-01' } })).outcome.ok).toBe(true);
  expect(mcpFigures()['cal']?.reconnects).toBeGreaterThanOrEqual(1);
});

test('that it is gone is found out without a call', async () => {
  const at = await calendar();
  await open({ url: at.url, name: 'cal' });
  await at.close();
  await until('it to be found out', () => mcpFigures()['cal']?.isUp === false);
});

test('one that has forgotten the session is greeted anew within the call, which is done once', async () => {
  const at = await calendar();
  const opened = await open({ url: at.url });
  at.forget();
  const { result } = await runOne(now(opened), { name: 'book_slot', input: { slot: '09:00' } });
  expect([result, at.state.bookings.length]).toEqual([{ booked: '09:00' }, 1]);
});
