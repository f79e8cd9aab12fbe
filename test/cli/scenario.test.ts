/** `parley scenario --redact`: nobody is in the file, not even in what it says above the scenario. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeScenario } from '../../src/cli/scenario.ts';
import { drawCallFolder } from '../evaluate/call-folder.ts';
import { createFolder } from '../helpers/folder.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

test('what had to be guessed quotes the caller, and is redacted as the scenario is', async () => {
  const recording = join(folder, 'one');
  await drawCallFolder(
    folder,
    recording,
    '    - say: What is free tomorrow?\n    - cutIn: { at: half, say: "Call 0170 555 123." }',
  );
  const events = join(recording, 'events.jsonl');
  const kept = readFileSync(events, 'utf8').split('\n');
  writeFileSync(events, kept.filter((line) => !line.includes('"type":"interruption"')).join('\n'));
  const written = async (redact: boolean) => {
    const out = join(folder, `${redact ? 'redacted' : 'plain'}.yaml`);
    await makeScenario(recording, { agent: './agent.mjs', out, redact });
    return readFileSync(out, 'utf8');
  };
  expect(await written(false)).toMatch(/^# "Call 0170 555 123\." began while the agent spoke/m);
  const redacted = await written(true);
  expect(redacted).toMatch(/^# "Call \d{4} \d{3} \d{3}\." began while the agent spoke/m);
  expect(redacted).not.toContain('0170 555 123');
});
