import { expect, test } from 'vitest';
import { requireNode } from '../../src/lib/runtime.ts';

test('Node is what Parley is made for', () => {
  expect(() => requireNode()).not.toThrow();
});

test('Bun 1.x is refused at start, in words that say what to do', () => {
  expect(() => requireNode({ node: '24.3.0', bun: '1.4.5' })).toThrow(
    expect.objectContaining({
      code: 'options-invalid',
      message: expect.stringMatching(/Expected Node 20\.19 or later, got Bun 1\.4\.5.*`node`/) as string,
    }) as Error,
  );
});
