/** What is under `deploy/` is run by no test of ours; held here against the code that it deploys, so that neither drifts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { SETTINGS } from '../../src/worker/settings.ts';

const ROOT = join(import.meta.dirname, '../..');
const DEPLOY = join(ROOT, 'deploy');
const KUBERNETES = join(DEPLOY, 'kubernetes');
const GOODBYE_MS = 15_000;

type Yaml = Record<string, unknown>;

const read = (...path: string[]): string => readFileSync(join(DEPLOY, ...path), 'utf8');

function documents(...path: string[]): Yaml[] {
  return parseAllDocuments(read(...path), { uniqueKeys: true, strict: true, merge: true }).map((document) => {
    expect([path.join('/'), ...document.errors, ...document.warnings]).toEqual([path.join('/')]);
    return document.toJS() as Yaml;
  });
}

/** The value at `a.b.0.c`. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Yaml | undefined)?.[key], value);
}

/** Names of settings, the files of secrets among them, as they stand in a text. */
const settingsIn = (text: string): string[] => [...new Set(text.match(/\b(PARLEY|SMALLEST)_[A-Z_]+[A-Z]\b/g))];

const known = Object.values(SETTINGS).flatMap((one: { env: string; isSecret?: boolean }) =>
  one.isSecret ? [one.env, `${one.env}_FILE`] : [one.env],
);
/** Of compose alone. */
const COMPOSE_ONLY = ['PARLEY_DOMAIN', 'PARLEY_AGENT_FOLDER'];

const manifests = readdirSync(KUBERNETES).filter((file) => file.endsWith('.yaml'));
const all = manifests.flatMap((file) => documents('kubernetes', file));
const find = (kind: string, name = 'parley'): Yaml =>
  all.find((one) => one['kind'] === kind && at(one, 'metadata.name') === name) ?? {};

test('every setting that is named is one of the worker', () => {
  const files = ['Dockerfile', 'compose.yaml', 'Caddyfile', ...manifests.map((file) => join('kubernetes', file))];
  const named = files.flatMap((file) => settingsIn(read(file)));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !known.includes(name) && !COMPOSE_ONLY.includes(name))).toEqual([]);
});

describe('the image', () => {
  const dockerfile = read('Dockerfile');
  const lines = dockerfile.split('\n');

  test('is built by the Node that the package asks for, and run by nobody special', () => {
    const { engines, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      engines: { node: string };
      bin: { parley: string };
    };
    const [major] = /\d+/.exec(engines.node) ?? [];
    const bases = lines.filter((line) => line.startsWith('FROM '));
    expect(bases).toHaveLength(2);
    for (const base of bases) expect(base).toContain(`FROM node:${major}-`);
    expect(lines.indexOf('USER node')).toBeGreaterThan(lines.lastIndexOf(bases[1]!));
    expect(dockerfile).toContain(`ENTRYPOINT ["node", "${bin.parley}", "serve"]`);
  });

  test('copies what is there, and the builder is sent nothing else', () => {
    const ignore = read('Dockerfile.dockerignore').split('\n');
    expect(ignore).toContain('*');
    const sources = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      const path = source.replace('./', '');
      expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
      expect(ignore).toContain(`!${path}`);
    }
  });

  test('its agent, unless it is given another, is one that it holds', () => {
    const [, agent = ''] = /PARLEY_AGENT=\/app\/(\S+)/.exec(dockerfile) ?? [];
    expect(existsSync(join(ROOT, agent))).toBe(true);
  });
});

describe('compose', () => {
  const [compose = {}] = documents('compose.yaml');
  const drainMs = Number(at(compose, 'services.parley-1.environment.PARLEY_DRAIN_MS'));

  test('a worker is given longer than its calls and their goodbyes', () => {
    expect(at(compose, 'services.parley-1.stop_grace_period')).toBe('11m');
    expect(11 * 60_000).toBeGreaterThan(drainMs + GOODBYE_MS);
  });

  test('workers are alike, cannot write, and are reached through the proxy alone', () => {
    const services = compose['services'] as Record<string, Yaml>;
    expect(services['parley-2']).toEqual(services['parley-1']);
    expect(services['parley-1']).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    const open = Object.entries(services).filter(([, service]) => service['ports'] !== undefined);
    expect(open.map(([name]) => name)).toEqual(['proxy']);
    for (const name of ['parley-1', 'parley-2']) expect(read('Caddyfile')).toContain(`${name}:8080`);
    const secrets = Object.keys(compose['secrets'] as Yaml);
    for (const name of secrets) expect(JSON.stringify(services['parley-1'])).toContain(`/run/secrets/${name}`);
  });
});

describe('Kubernetes', () => {
  const pod = at(find('Deployment'), 'spec.template.spec') as Yaml;
  const [container = {}] = pod['containers'] as Yaml[];
  const drainMs = Number(at(find('ConfigMap'), 'data.PARLEY_DRAIN_MS'));

  test('what is applied is every manifest', () => {
    const [kustomization = {}] = documents('kubernetes', 'kustomization.yaml');
    expect([...(kustomization['resources'] as string[]), 'kustomization.yaml'].sort()).toEqual(manifests.sort());
    for (const one of all) expect([typeof one['apiVersion'], typeof one['kind']]).toEqual(['string', 'string']);
  });

  test('a pod is given longer than its calls, their goodbyes and the time until no proxy sends new ones', () => {
    const [, seconds] = at(container, 'lifecycle.preStop.exec.command') as string[];
    const needsMs = Number(seconds) * 1_000 + drainMs + GOODBYE_MS;
    expect(drainMs).toBeGreaterThan(0);
    expect(Number(pod['terminationGracePeriodSeconds']) * 1_000).toBeGreaterThan(needsMs);
  });

  test('full or draining is not ready, and only broken is dead', () => {
    expect(at(container, 'readinessProbe.httpGet.path')).toBe('/readyz');
    expect(at(container, 'livenessProbe.httpGet.path')).toBe('/healthz');
    expect(at(container, 'startupProbe.httpGet.path')).toBe('/healthz');
  });

  test('ports, names and labels meet', () => {
    const [, port] = /PARLEY_PORT=(\d+)/.exec(read('Dockerfile')) ?? [];
    expect(at(container, 'ports.0')).toEqual({ name: 'http', containerPort: Number(port) });
    expect(at(find('Service'), 'spec.ports.0.targetPort')).toBe('http');
    const labels = at(find('Deployment'), 'spec.template.metadata.labels');
    for (const [kind, path] of [
      ['Deployment', 'spec.selector.matchLabels'],
      ['Service', 'spec.selector'],
      ['PodDisruptionBudget', 'spec.selector.matchLabels'],
      ['NetworkPolicy', 'spec.podSelector.matchLabels'],
    ] as const) {
      expect([kind, at(find(kind), path)]).toEqual([kind, labels]);
    }
    expect(at(find('Ingress'), 'spec.rules.0.http.paths.0')).toMatchObject({
      path: '/twilio',
      backend: { service: { name: 'parley', port: { name: 'http' } } },
    });
    expect(at(find('ConfigMap'), 'data.PARLEY_PUBLIC_URL')).toBe(
      `https://${String(at(find('Ingress'), 'spec.rules.0.host'))}`,
    );
  });

  test('it scales on running calls, below what a worker takes', () => {
    const metric = at(find('HorizontalPodAutoscaler'), 'spec.metrics.0.pods') as Yaml;
    expect(at(metric, 'metric.name')).toBe('parley_calls');
    const target = Number(at(metric, 'target.averageValue'));
    for (const limit of ['PARLEY_MAX_CALLS', 'PARLEY_PLAN_CALLS']) {
      expect(target).toBeLessThan(Number(at(find('ConfigMap'), `data.${limit}`)));
    }
    expect(at(find('HorizontalPodAutoscaler'), 'spec.scaleTargetRef.name')).toBe(
      at(find('Deployment'), 'metadata.name'),
    );
  });

  test('nobody special runs it, and nothing can be written but a little that is gone with the pod', () => {
    expect(pod['securityContext']).toMatchObject({ runAsNonRoot: true });
    expect(container['securityContext']).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });
});
