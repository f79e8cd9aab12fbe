/** What tools of a live agent hold, such as a connection to an MCP server: kept over a load, and let go of behind the last call. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { LiveAgent } from '../../src/worker/live-agent.ts';
import { createFolder } from '../helpers/folder.ts';
import { until } from '../helpers/until.ts';
import { startCalendar } from '../tool/mcp/helpers/calendar-http.ts';

const agent = (url: string, greeting: string) => `import { defineAgent, mcp } from 'parley-voice';
export default defineAgent({ name: 'desk', instructions: 'Answer.', greeting: '${greeting}', tools: [mcp({ url: '${url}' })] });
`;

async function calendar() {
  const started = await startCalendar();
  onTestFinished(() => started.close());
  return started;
}

async function open(text: string) {
  const { path, remove } = createFolder({ 'agent.ts': text });
  onTestFinished(remove);
  const file = join(path, 'agent.ts');
  const live = await LiveAgent.open({ file, clock: systemClock, log: silentLog, changed: () => {} });
  onTestFinished(() => live.close());
  const write = (other: string) => writeFileSync(file, other);
  const save = (other: string, version: number) => {
    write(other);
    return until(`version ${version}`, () => live.state.version === version);
  };
  return { live, write, save };
}

/** A call that ends when it is told to. */
function call() {
  let end = () => {};
  const ended = new Promise<never>((_, reject) => (end = () => reject(new Error('over'))));
  ended.catch(() => {});
  return { ended, end };
}

test('a file that is saved keeps the connection that its agent has', async () => {
  const { url, ...at } = await calendar();
  const { live, save } = await open(agent(url, 'one'));
  await save(agent(url, 'two'), 2);
  expect([live.state.agent.machine.greeting, live.state.agent.toolbox.has('book_slot')]).toEqual(['two', true]);
  await live.close();
  await until('it to end', () => at.ended() === 1);
  expect(at.begun()).toBe(1);
});

test('what an agent of before holds is held until its calls are over', async () => {
  const [before, now] = [await calendar(), await calendar()];
  const { live, save } = await open(agent(before.url, 'one'));
  const [first, second] = [call(), call()];
  live.hold(first);
  live.hold(second);
  await save(agent(now.url, 'two'), 2);
  first.end();
  await first.ended.catch(() => {});
  expect([before.ended(), now.begun()]).toEqual([0, 1]);
  second.end();
  await until('the connection of before to end', () => before.ended() === 1);
  expect(now.ended()).toBe(0);
});

test('a file that is broken lets go of nothing', async () => {
  const at = await calendar();
  const { live, write } = await open(agent(at.url, 'one'));
  write('export default 3;');
  await until('the mistake', () => live.state.faults.length > 0);
  expect([at.begun(), at.ended(), live.state.agent.toolbox.has('book_slot')]).toEqual([1, 0, true]);
});
