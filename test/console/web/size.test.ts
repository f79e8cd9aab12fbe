/** The client for browsers, as it is handed out. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundleWebClient } from '../../../bundle.config.ts';

test('it is one module under 15 kB, gzipped, which imports nothing and writes no style into the page', () => {
  const text = bundleWebClient();
  expect(gzipSync(text).length).toBeLessThan(15_000);
  expect(text).not.toMatch(/\bimport\s*[({'"]|\bfrom\s*['"]|eval\(|new Function|\.style\b|<style/);
  for (const name of ['connect', 'resume', 'ParleyCallElement']) expect(text).toContain(` as ${name}`);
});
