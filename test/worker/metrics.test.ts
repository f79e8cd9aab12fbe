import { expect, test } from 'vitest';
import { until } from '../helpers/phone.ts';
import { withStandIns } from './helpers.ts';

const start = withStandIns();

interface Metric {
  help: string;
  type: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

/** Prometheus' text format, strictly. */
function parse(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  const named = (name: string): Metric => {
    const metric = metrics.get(name) ?? { help: '', type: '', samples: [] };
    metrics.set(name, metric);
    return metric;
  };
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (name !== undefined && rest !== undefined) {
      named(name)[kind === 'HELP' ? 'help' : 'type'] = rest;
      continue;
    }
    const [, full = '', labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (value === undefined) throw new Error(`Expected a sample, got ${line}`);
    const base = [full, full.replace(/_(bucket|sum|count)$/, '')].find((one) => metrics.has(one));
    if (base === undefined) throw new Error(`Expected HELP and TYPE before ${full}`);
    const pairs = Array.from(labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, key, text_]) => [key, text_] as const);
    named(base).samples.push({
      name: full,
      labels: Object.fromEntries(pairs) as Record<string, string>,
      value: Number(value),
    });
  }
  return metrics;
}

test('a scrape is well-formed, each metric has its help, and names say their units', async () => {
  const one = await start();
  const response = await one.get('/metrics');
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const metrics = parse(await response.text());
  const own = [...metrics].filter(([name]) => name.startsWith('parley_'));
  expect(own.length).toBeGreaterThan(10);
  for (const [name, { help, type }] of own) {
    expect(help).not.toBe('');
    if (type === 'counter') expect(name).toMatch(/_total$/);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    if (type === 'gauge') expect(name).toMatch(/^parley_(calls|ready)$/);
  }
  expect([...metrics.keys()]).toEqual(
    expect.arrayContaining([
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
    ]),
  );
});

test('a call is counted while it runs and when it has ended, its turns with their times in seconds', async () => {
  const one = await start();
  const read = async () => parse(await (await one.get('/metrics')).text());
  const valueOf = (metrics: Map<string, Metric>, name: string, labels: Record<string, string> = {}) => {
    const base = metrics.get(name) ?? metrics.get(name.replace(/_(sum|count)$/, ''));
    return base?.samples.find(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )?.value;
  };
  const before = await read();
  expect([valueOf(before, 'parley_calls'), valueOf(before, 'parley_ready')]).toEqual([0, 1]);
  const caller = await one.dial();
  await caller.waitForSpeech({ fromMs: 0 });
  expect(valueOf(await read(), 'parley_calls')).toBe(1);
  await one.calls[0]?.say('Hello there');
  await caller.hangUp();
  await until('the call to end', () => one.worker.calls.size === 0);
  const after = await read();
  expect(valueOf(after, 'parley_calls')).toBe(0);
  expect(valueOf(after, 'parley_calls_total', { reason: 'caller-hung-up' })).toBe(1);
  expect(valueOf(after, 'parley_turns_total', { outcome: 'replied' })).toBeGreaterThanOrEqual(1);
  expect(valueOf(after, 'parley_model_first_token_seconds_count')).toBe(1);
  expect(valueOf(after, 'parley_model_first_token_seconds_sum')).toBeLessThan(10);
  expect(valueOf(after, 'parley_model_tokens_total', { kind: 'prompt' })).toBeGreaterThan(0);
});

test('two workers in a process count for themselves', async () => {
  const [one, other] = [await start({ PARLEY_MAX_CALLS: '1' }), await start()];
  await one.ring();
  await one.ring();
  expect(await (await one.get('/metrics')).text()).toContain('parley_calls_refused_total{reason="full"} 1');
  expect(await (await other.get('/metrics')).text()).toContain('parley_calls_refused_total{reason="full"} 0');
});
