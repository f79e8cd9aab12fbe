import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { MetricsSum } from '../../src/worker/metrics-sum.ts';

/** What a process would tell that has counted so many calls, of which so many run. */
async function told(ended: number, running: number): Promise<unknown[]> {
  const registers = [new Registry()];
  new Counter({ name: 'ended_total', help: 'x', labelNames: ['reason'], registers }).inc({ reason: 'away' }, ended);
  new Gauge({ name: 'running', help: 'x', registers }).set(running);
  new Histogram({ name: 'took_seconds', help: 'x', buckets: [1], registers }).observe(ended);
  return (registers[0] as Registry).getMetricsAsJSON();
}

test('the counts of a process that died stay, what it was at the moment goes; also when many die', async () => {
  const sum = new MetricsSum();
  sum.update(1, await told(5, 2));
  sum.update(2, await told(7, 3));
  let text = await sum.text([]);
  for (const line of ['ended_total{reason="away"} 12', 'running 5', 'took_seconds_count 2'])
    expect(text).toContain(line);
  await sum.forget(1);
  text = await sum.text([]);
  for (const line of ['ended_total{reason="away"} 12', 'running 3', 'took_seconds_sum 12'])
    expect(text).toContain(line);
  sum.update(3, await told(1, 1));
  await sum.forget(2);
  await sum.forget(2);
  text = await sum.text([]);
  for (const line of ['ended_total{reason="away"} 13', 'running 1', 'took_seconds_count 3'])
    expect(text).toContain(line);
});
