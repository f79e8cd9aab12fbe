/** `parley replay FILE`: does the machine, told the same, still do the same? */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../lib/clock.ts';
import { plainValue } from '../lib/plain.ts';
import { replay } from '../record/machine-log.ts';
import { fileError, print, printJson } from './report.ts';

export async function replayFile(file: string, { json }: { json?: boolean }, clock: Clock): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError('read', file, error);
  });
  const startedAtMs = clock.nowMs();
  const result = json ? replay(text) : plainValue(replay(text));
  const tookMs = Math.round(clock.nowMs() - startedAtMs);
  if (result.difference) process.exitCode = 1;
  if (json) return printJson({ ...result, tookMs });
  const length = `${result.events} events, ${result.effects} effects, ${(result.durationMs / 1000).toFixed(1)} s of call`;
  if (result.broke) {
    const { line, atMs, message } = result.broke;
    return print(
      `same: ${length}; then the machine broke again, as recorded at line ${line} (${Math.round(atMs)} ms): ${message}`,
    );
  }
  if (!result.difference) return print(`same: ${length}, replayed in ${tookMs} ms`);
  const { line, atMs, expected, got } = result.difference;
  print(`different at line ${line} (${Math.round(atMs)} ms): ${length}\n  recorded ${expected}\n  replayed ${got}`);
}
