/**
 * The command as it is shipped: plain JavaScript, made of the source once for all tests that have the same source.
 * A loader would do the same for every process anew, at several times the price.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle, WAYS_IN } from '../../../bundle.config.ts';

export const ROOT = resolve(import.meta.dirname, '../../..');
const BUILDS = join(ROOT, 'node_modules/.cache/parley-command');

/** What the command reads of its package. */
const BESIDE = ['package.json', 'starter'];
const KEPT_MS = 600_000;
const PATIENCE_MS = 60_000;

/** Returns the path of its `main.js`. Takes seconds when it is new. */
export function buildCommand(): string {
  const source = join(ROOT, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const texts = files.map((name) => readFileSync(join(source, name), 'utf8'));
  const hash = createHash('sha256')
    .update(JSON.stringify([files, texts]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(BUILDS, hash);
  const built = join(folder, 'dist/cli/main.js');
  if (!mayMake(`${folder}.lock`, built)) return built;
  bundle({ root: ROOT, entries: WAYS_IN, base: 'src', to: join(`${folder}.lock`, 'dist') });
  for (const name of BESIDE) symlinkSync(join(ROOT, name), join(`${folder}.lock`, name));
  renameSync(`${folder}.lock`, folder);
  removeOthers(hash);
  return built;
}

/** Whether it is ours to make; if another process is at it, waits for that, unless it has died over it. */
function mayMake(lock: string, built: string): boolean {
  mkdirSync(BUILDS, { recursive: true });
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    if (existsSync(built)) return false;
    try {
      mkdirSync(lock);
      if (!existsSync(built)) return true;
      rmSync(lock, { recursive: true }); // made in between
    } catch {
      if (Date.now() > until) return true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

/** Those of older source; not one that somebody may be running. */
function removeOthers(hash: string): void {
  for (const name of readdirSync(BUILDS)) {
    const folder = join(BUILDS, name);
    const ageMs = Date.now() - statSync(folder).mtimeMs;
    if (name !== hash && ageMs > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}
