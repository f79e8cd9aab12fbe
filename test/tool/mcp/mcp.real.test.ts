/**
 * `mcp({ command })`: servers that are processes, how they begin, how they break, and that none is left behind.
 *
 * Real time: the servers are processes.
 */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { McpCommand } from '../../../src/tool/mcp/options.ts';
import { mcpFigures } from '../../../src/tool/mcp/servers.ts';
import { until } from '../../helpers/until.ts';
import { runOne } from '../helpers/run-one.ts';
import { cleanUpAfterEach, messages, namesOf, now, open } from './helpers/opened.ts';

cleanUpAfterEach();

const TSX = resolve(import.meta.dirname, '../../../node_modules/tsx/dist/esm/index.mjs');
const CHILD = resolve(import.meta.dirname, 'helpers/calendar-child.ts');
const child = (how: string[] = [], more: Partial<McpCommand> = {}): McpCommand => ({
  command: process.execPath,
  args: ['--import', TSX, CHILD, ...how],
  connectMs: 30_000,
  ...more,
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a process: its tools are listed, run, and read as what they answer', async () => {
  const opened = await open(child());
  expect(messages(opened)).toEqual([]);
  expect(namesOf(opened)).toEqual(['find_slots', 'book_slot', 'fail', 'wait', 'show', 'extend', 'crash']);
  const found = await runOne(now(opened), { name: 'find_slots', input: { day: '2026-12-01' } });
  expect(found.result).toEqual({ day: '2026-12-01', slots: ['09:00', '10:30'] });
  expect((await runOne(now(opened), { name: 'book_slot', input: { slot: '09:00' } })).result).toEqual({
    booked: '09:00',
  });
  expect((await runOne(now(opened), { name: 'fail' })).result).toEqual({
    error: 'The calendar is closed for the day.',
  });
});

test('a process that crashes under a write: nobody says that it was done, and another one is started', async () => {
  const opened = await open(child([], { name: 'cal' }));
  const { outcome, result } = await runOne(now(opened), { name: 'crash' });
  expect(outcome).toMatchObject({ ok: false, failure: 'internal-error' });
  expect(result).toMatchObject({ error: expect.stringMatching(/not certain whether it was done/) as string });
  expect(opened.logs.map(({ msg }) => msg)).toContain('an MCP server is gone: it ended with code 9');
  await until('another process', () => mcpFigures()['cal']?.isUp === true, 60_000);
  expect((await runOne(now(opened), { name: 'find_slots', input: { day: '2026-12-01' } })).outcome.ok).toBe(true);
});

test('a process that does not start is told with its last words', async () => {
  const opened = await open(child(['broken'], { required: true }));
  expect(messages(opened)).toEqual([
    'The server cannot be reached: it ended with code 3; it said: CALENDAR_TOKEN is not set',
  ]);
});

test('one process for all agents, which ends with the last of them, and what it has started with it', async () => {
  const first = await open(child(['parent'], { env: { CALENDAR_TOKEN: 'abc' } }));
  const pid = Number(await until('its pid', () => first.said(/pid (\d+)/)));
  const grandchild = Number(await until('its child', () => first.said(/started (\d+)/)));
  const second = await open(child(['parent'], { env: { CALENDAR_TOKEN: 'abc' } }));
  expect([second.tools.length, second.said(/pid (\d+)/)]).toEqual([7, undefined]);
  expect(first.said(/token (.*)$/)).toBe('abc key none');
  await first.list.close();
  expect([isAlive(pid), isAlive(grandchild)]).toEqual([true, true]);
  await second.list.close();
  await until('both to be gone', () => !isAlive(pid) && !isAlive(grandchild));
});

test('a process that does not end by itself is ended', async () => {
  const opened = await open(child(['deaf']));
  const pid = Number(await until('its pid', () => opened.said(/pid (\d+)/)));
  await opened.list.close();
  await until('it to be gone', () => !isAlive(pid));
});
