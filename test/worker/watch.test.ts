/** `PARLEY_WATCH` of a worker: its agent is another one for the next call, and a file that is broken changes nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createLog, startWorker, type Call, type RunningWorker } from '../../src/index.ts';
import { dialRelay } from '../../src/simulate/twilio/relay.ts';
import { createFolder, toolFile } from '../helpers/folder.ts';
import { until } from '../helpers/until.ts';
import type { LogLine } from '../helpers/worker.ts';

const AGENT = `import { defineAgent } from 'parley-voice';
import { greeting } from './words.ts';
export default defineAgent({ name: 'desk', instructions: 'Answer the phone.', greeting, tools: ['./tools'] });
`;
const words = (greeting: string) => `export const greeting: string = '${greeting}';\n`;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function project() {
  const { path, remove } = createFolder({
    'agent.ts': AGENT,
    'words.ts': words('One.'),
    'tools/find.ts': toolFile('find'),
  });
  cleanups.push(remove);
  return { file: join(path, 'agent.ts'), write: (name: string, text: string) => writeFileSync(join(path, name), text) };
}

async function start(file: string) {
  const logs: LogLine[] = [];
  const calls: Call[] = [];
  const log = createLog({ stream: { write: (line) => void logs.push(JSON.parse(line) as LogLine) } });
  const settings = { port: 0, simulate: true, watch: true, maxLagMs: 60_000 };
  const worker = await startWorker(settings, file, { log, onCall: (call) => calls.push(call) });
  cleanups.push(() => worker.close());
  return { worker, calls, logged: (msg: RegExp) => logs.filter((line) => msg.test(line.msg)) };
}

async function dial({ url }: RunningWorker) {
  const caller = await dialRelay({
    url: `${url.replace('http', 'ws')}/twilio/relay`,
    ...{ from: '+15550100', to: '+15550199' },
  });
  cleanups.push(() => caller.hangUp());
  return caller;
}

const greetingOf = (call: Call | undefined) => call?.messages.find(({ role }) => role === 'assistant')?.content;
const greeted = (calls: readonly Call[], index: number, greeting: string) =>
  until(`call ${index} to be greeted with "${greeting}"`, () => greetingOf(calls[index]) === greeting);

test("a saved file is the next call's; the call that runs keeps its own; a broken one is told with file and line", async () => {
  const { file, write } = project();
  const { worker, calls, logged } = await start(file);
  await dial(worker);
  await greeted(calls, 0, 'One.');

  write('words.ts', words('Two.'));
  await until('the new agent', () => logged(/loaded anew: the next call has it/)[0]);
  expect(logged(/loaded anew: the next call has it/)).toMatchObject([{ agent: 'desk', version: 2 }]);
  await dial(worker);
  await greeted(calls, 1, 'Two.');
  expect(greetingOf(calls[0])).toBe('One.');

  write('words.ts', `${words('Three.')}export const = 3;\n`);
  const broken = await until('the mistake to be told', () => logged(/not loaded anew, and the last good one/)[0]);
  expect(broken).toMatchObject({ level: 50, file: expect.stringMatching(/words\.ts$/) as string, line: 2, version: 2 });
  await dial(worker);
  await greeted(calls, 2, 'Two.');

  write('words.ts', words('Four.'));
  await until('the mended agent', () => logged(/the next call has it/)[1]);
  await dial(worker);
  await greeted(calls, 3, 'Four.');
});

test("a tool that is saved is the next call's too", async () => {
  const { file, write } = project();
  const { worker, calls, logged } = await start(file);
  write('tools/book.ts', toolFile('book'));
  await until('the new agent', () => logged(/the next call has it/)[0]);
  await dial(worker);
  await greeted(calls, 0, 'One.');
  expect(worker.calls.size).toBe(1);
});

test('an agent that is a value has no file to follow, and that is said', async () => {
  const agent = { name: 'desk', instructions: 'Answer.' };
  await expect(startWorker({ port: 0, simulate: true, watch: true }, agent)).rejects.toMatchObject({
    code: 'options-invalid',
    message: 'PARLEY_WATCH: expected the agent as a file to follow, got the value `desk`',
  });
});
