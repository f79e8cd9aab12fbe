/** Calls that a program has its worker place, with no HTTP between. */
import { onTestFinished, test, expect } from 'vitest';
import { startWorker } from '../../src/index.ts';
import { silentLog } from '../../src/lib/log.ts';
import { until } from '../helpers/until.ts';

const AGENT = { name: 'front-desk', instructions: 'You answer the phone.', greeting: 'Hello.' };

async function start() {
  const settings = { port: 0, simulate: true, callsFrom: '+15550199', callsPerSecond: 100 };
  const worker = await startWorker(settings, AGENT, { log: silentLog });
  onTestFinished(() => worker.close());
  return worker;
}

test('placeCall, placedCall and cancelCall: what becomes of a call is known to the program that has placed it', async () => {
  const worker = await start();
  const placed = await worker.placeCall({ to: '+15550101', parameters: { order: '17' } }); // is busy at the stand-in
  expect(placed).toMatchObject({ state: 'placing', agent: 'front-desk', to: '+15550101', from: '+15550199' });
  await until('it to be over', () => worker.placedCall(placed.id)?.state === 'ended');
  expect(worker.placedCall(placed.id)).toMatchObject({ outcome: 'busy' });
  expect(worker.cancelCall(placed.id)).toBe(false);
  const other = await worker.placeCall({ to: '+15550102' }); // where nobody answers
  expect(worker.cancelCall(other.id)).toBe(true);
  expect(worker.placedCall(other.id)).toMatchObject({ state: 'ended', outcome: 'cancelled' });
  expect(worker.placedCall('call-unknown')).toBeUndefined();
  expect(worker.cancelCall('call-unknown')).toBe(false);
});

test('an order that is wrong is thrown, with all that is wrong with it', async () => {
  const worker = await start();
  await expect(worker.placeCall({ to: '', line: 'nobody' })).rejects.toMatchObject({ code: 'request-invalid' });
  await expect(worker.placeCall({ to: '+15550100', line: 'nobody', agent: 'other' })).rejects.toThrow(
    '`line`: expected one of those that can place calls (twilio), got `nobody`; `agent`: expected `front-desk`',
  );
});
