/** A call of a test, laid down as a recording of it would be. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWav } from '../../src/audio/wav.ts';
import type { CallResult } from '../../src/testing/result.ts';

export function layDown(folder: string, call: CallResult): void {
  if (!call.sound) throw new Error('Expected a call with its sound');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'events.jsonl'), call.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  writeFileSync(join(folder, 'machine.jsonl'), call.machine ?? '');
  const { sampleRateHz, caller, agent } = call.sound;
  writeFileSync(join(folder, 'call.wav'), writeWav({ sampleRateHz, channels: [caller, agent] }));
}
