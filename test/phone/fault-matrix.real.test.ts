/**
 * The fault matrix of `npm run bench -- faults`, in part and with short deadlines: each fault once, each service at least
 * twice, all cells at once. The table is printed, as the bench prints all of it.
 *
 * Real time: the faults are of sockets.
 */
import { expect, test } from 'vitest';
import { CELLS, FAULTS, LEFT_OUT, SERVICES } from '../../bench/faults/cells.ts';
import { runCell } from '../../bench/faults/run.ts';
import { matrixTable } from '../../bench/faults/table.ts';
import { formatTable } from '../../bench/frame/table.ts';

const TIMINGS = { silenceMs: 1_200, progressMs: 2_000, giveUpMs: 6_000 };
const SUBSET = [
  'Electron cut',
  'Electron hang',
  'Electron 5xx',
  'Pulse refused',
  'Pulse stall',
  'Pulse 401',
  'Lightning cut',
  'Lightning 429',
  'bridge garbage',
  'bridge slow',
];

test('the matrix is whole: every fault of every service has a cell, or a reason why not', () => {
  const missing = SERVICES.flatMap((service) =>
    FAULTS.filter((fault) => !CELLS.some((cell) => cell.service === service && cell.fault === fault)).map(
      (fault) => `${service} x ${fault}`,
    ),
  ).filter((name) => !LEFT_OUT.some(({ service }) => name.startsWith(service)));
  expect(missing).toEqual([]);
  expect(CELLS.length).toBe(new Set(CELLS.map(({ service, fault }) => `${service} ${fault}`)).size);
});

test('R17: whatever fails in the middle of a call, something sensible is heard in time, and no other call notices; with a fallback no call ends', async () => {
  const cells = CELLS.filter(({ service, fault }) => SUBSET.includes(`${service} ${fault}`));
  expect(cells.length).toBe(SUBSET.length);
  const results = await Promise.all(cells.map((cell) => runCell(cell, TIMINGS)));
  process.stdout.write(`${formatTable(matrixTable('', results))}\n`);
  expect(results.filter(({ problems }) => problems.length > 0)).toEqual([]);
  const withFallback = results.flatMap((one) => one.withFallback ?? []);
  expect(withFallback.length).toBe(results.filter(({ service }) => service !== 'bridge').length);
  expect(withFallback.filter(({ end, problems }) => end !== 'goes on' || problems.length > 0)).toEqual([]);
}, 180_000);
