import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runtimeProblem } from '../../src/lib/node-version.ts';
import { requireNode } from '../../src/lib/runtime.ts';

test('Node is what Parley is made for', () => {
  expect(() => requireNode()).not.toThrow();
});

test('Bun 1.x is refused at start, in words that say what to do', () => {
  expect(() => requireNode({ node: '24.3.0', bun: '1.4.5' })).toThrow(
    expect.objectContaining({
      code: 'options-invalid',
      message: expect.stringMatching(/needs Node 20\.19 or later, this is Bun 1\.4\.5.*`node`/) as string,
    }) as Error,
  );
});

test.each([
  ['18.20.4', 'needs Node 20.19 or later, this is Node 18.20.4'],
  ['20.18.3', 'needs Node 20.19 or later, this is Node 20.18.3'],
  ['9.11.2', 'needs Node 20.19 or later, this is Node 9.11.2'],
  ['20.19.0', undefined],
  ['21.0.0', undefined],
  ['24.1.0', undefined],
])('Node %s: %s', (node, problem) => expect(runtimeProblem({ node })).toBe(problem));

test('what is needed is what the package says that it needs', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  const least = engines.node.replace('>=', '');
  expect(runtimeProblem({ node: `${least}.0` })).toBeUndefined();
  expect(runtimeProblem({ node: '1.0.0' })).toContain(`needs Node ${least} or later`);
});
