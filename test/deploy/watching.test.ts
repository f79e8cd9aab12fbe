/** The dashboard and the alert rules speak of what a worker exports, and every alert says what to do. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { until } from '../helpers/until.ts';
import { withStandIns } from '../helpers/worker.ts';
import { parse, type Metric } from '../helpers/prometheus.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Exported only with a quota to share, lists of vendors, several processes, or by the other halves of a worker. */
const NOT_OF_EVERY_WORKER = new Set([
  'parley_quota_refused_total',
  'parley_quota_in_flight',
  'parley_quota_limit',
  'parley_quota_shared',
  'parley_quota_workers',
  'parley_process_exits_total',
  'parley_tool_faults_total',
  'parley_vendor_up',
  'parley_handovers_total',
]);
/** Prometheus' own. */
const OF_PROMETHEUS = new Set(['up']);
const WORDS = /^(by|on|and|or|unless|without|ignoring|group_left|group_right|bool|offset)$/;

const Rules = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Parley[A-Z][A-Za-z]+$/),
          expr: z.string().min(1),
          for: z
            .string()
            .regex(/^\d+m$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.strictObject({
            summary: z.string().min(10),
            description: z.string().min(10),
            runbook_url: z.string(),
          }),
        }),
      ),
    }),
  ),
});

const GridPos = z.object({ h: z.number(), w: z.number(), x: z.number(), y: z.number() });
const Dashboard = z.object({
  schemaVersion: z.number().min(36),
  title: z.literal('Parley'),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(
    z.object({
      id: z.number(),
      type: z.enum(['row', 'timeseries', 'stat']),
      title: z.string().min(1),
      gridPos: GridPos,
      datasource: z.object({ type: z.literal('prometheus'), uid: z.literal('${datasource}') }).optional(),
      targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).optional(),
    }),
  ),
});

const alerts = Rules.parse(parseYaml(read('deploy/prometheus/alerts.yaml'))).groups.flatMap(({ rules }) => rules);
const dashboard = Dashboard.parse(JSON.parse(read('deploy/grafana/parley.json')));
const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);

/** The metrics that an expression names, each with the labels that it asks of it. */
function metricsOf(expr: string): { name: string; labels: string[] }[] {
  const plain = expr.replace(/"[^"]*"/g, '""').replace(/\b(by|on|without|ignoring) *\([^)]*\)/g, '');
  const found = plain.replace(/\[[^\]]*\]/g, '').matchAll(/([a-zA-Z_:][\w:]*)(?!\w)\s*(\(|\{([^}]*)\})?/g);
  return [...found].flatMap(([, name = '', next, matchers = '']) => {
    if (next === '(' || WORDS.test(name)) return [];
    return [{ name, labels: Array.from(matchers.matchAll(/(\w+)\s*[=!]/g), ([, label = '']) => label) }];
  });
}

const baseOf = (name: string) => name.replace(/_(bucket|sum|count)$/, '');

let exported: Map<string, Metric>;
const start = withStandIns([{ when: '.*', say: 'Yes.' }]);
beforeAll(async () => {
  const worker = await start();
  const caller = await worker.dial();
  await caller.waitForSpeech({ fromMs: 0 });
  await worker.calls[0]?.say('Hello there');
  await caller.hangUp();
  await until('the call to end', () => worker.worker.calls.size === 0);
  exported = parse(await (await worker.get('/metrics')).text());
});

test('metrics are found in an expression, and labels and functions are not taken for one', () => {
  expect(metricsOf('sum by (tool) (rate(a_total{kind="x y", tool!="b"}[5m])) / c_count > 0.5 and on (job) up')).toEqual(
    [
      { name: 'a_total', labels: ['kind', 'tool'] },
      { name: 'c_count', labels: [] },
      { name: 'up', labels: [] },
    ],
  );
});

test.each([...alerts.map(({ alert, expr }) => [alert, expr]), ...targets.map(({ expr }) => [expr.slice(0, 60), expr])])(
  '%s: a worker that has taken a call exports what it asks for, with those labels',
  (_name, expr) => {
    const asked = metricsOf(expr);
    expect(asked.length).toBeGreaterThan(0);
    for (const { name, labels } of asked) {
      if (OF_PROMETHEUS.has(name)) continue;
      const metric = exported.get(name) ?? exported.get(baseOf(name));
      if (!metric && NOT_OF_EVERY_WORKER.has(name)) continue;
      expect(metric, name).toBeDefined();
      if (metric?.type === 'histogram') expect(name).not.toBe(baseOf(name));
      const known = new Set(['instance', 'job', ...(metric?.samples ?? []).flatMap((one) => Object.keys(one.labels))]);
      if ((metric?.samples.length ?? 0) > 0) expect([...known]).toEqual(expect.arrayContaining(labels));
    }
  },
);

test('the dashboard shows every metric of ours', () => {
  const shown = new Set(targets.flatMap(({ expr }) => metricsOf(expr).map(({ name }) => baseOf(name))));
  const own = [...exported.keys()].filter((name) => name.startsWith('parley_'));
  const left = own.filter((name) => !shown.has(name) && !/^parley_(quota|process|processes)/.test(name));
  expect(left).toEqual([]);
});

test('its rows follow a call, its data source is chosen by who looks, and no panel lies on another', () => {
  const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
  expect(rows).toEqual(['Calls and capacity', 'What callers feel', 'Model', 'Speech', 'Tools', 'Process']);
  expect(dashboard.templating.list[0]).toEqual({ name: 'datasource', type: 'datasource' });
  for (const panel of dashboard.panels) if (panel.type !== 'row') expect(panel.datasource?.uid).toBe('${datasource}');
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
    expect(x + w).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
  });
  expect(new Set(cells).size).toBe(cells.length);
});

test('each alert has a page in the operations guide that says what it means, how to see it and what to do', () => {
  const [, guide = ''] = read('docs/operations.md').split(/^## Alerts$/m);
  const sections = new Map(
    guide.split(/^### /m).flatMap((section) => {
      const [title = ''] = section.split('\n');
      return [[title, section]];
    }),
  );
  expect(alerts.length).toBeGreaterThan(10);
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  for (const { alert, annotations } of alerts) {
    expect(annotations.runbook_url).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    const section = sections.get(alert);
    expect(section, alert).toBeDefined();
    for (const part of ['What it means.', 'How to see.', 'What to do.']) expect(section).toContain(`**${part}**`);
  }
});
