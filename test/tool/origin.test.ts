/** Tools from elsewhere in an agent: in their place, checked as others are, replaced for the next call, let go of in the end. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createAgent } from '../../src/call/agent.ts';
import { defineTool } from '../../src/tool/define.ts';
import { inspectTools } from '../../src/tool/load.ts';
import { toolOrigin, type OpenedOrigin, type OriginPlace } from '../../src/tool/origin.ts';

const tool = (name: string) => defineTool({ name, description: 'Looks.', input: z.object({}), run: () => 1 });

/** Something that has tools, and may have others later. */
function elsewhere(names: string[], facts: Partial<OpenedOrigin> = {}) {
  let tools = names.map(tool);
  const told = new Set<() => void>();
  const seen: { place?: OriginPlace; closed: number } = { closed: 0 };
  const origin = toolOrigin('elsewhere', async (place) => {
    seen.place = place;
    return {
      get tools() {
        return tools;
      },
      problems: [],
      summary: 'elsewhere',
      onChange: (tell) => {
        told.add(tell);
        return () => told.delete(tell);
      },
      close: () => void seen.closed++,
      ...facts,
    };
  });
  const change = (...now: string[]) => {
    tools = now.map(tool);
    for (const tell of told) tell();
  };
  return { origin, change, seen, listeners: told };
}

const AGENT = { name: 'desk', instructions: 'Answer.' };
const namesOf = ({ machine }: { machine: { tools: readonly { name: string }[] } }) =>
  machine.tools.map(({ name }) => name);

test('they stand where the agent lists them, and know the folder of its file', async () => {
  const { origin, seen } = elsewhere(['b', 'c']);
  const { tools, problems } = await inspectTools([tool('a'), origin, tool('d')], { from: '/where/it/lies' });
  expect([tools.map(({ definition }) => definition.name), problems]).toEqual([['a', 'b', 'c', 'd'], []]);
  expect(seen.place?.from).toBe('/where/it/lies');
});

test('a function may make them', async () => {
  const { origin } = elsewhere(['b']);
  const { tools } = await inspectTools([() => origin], { from: '/' });
  expect(tools).toHaveLength(1);
});

test('their mistakes are those of tools, and an agent that is not valid holds nothing of them', async () => {
  const { origin, seen } = elsewhere(['find'], { problems: [{ field: 'files', expected: 'files', got: 'none' }] });
  await expect(createAgent({ ...AGENT, tools: [origin, tool('find')] })).rejects.toMatchObject({
    code: 'tool-invalid',
    message: expect.stringMatching(
      /tool `elsewhere`\n.*Expected `files` to be files, got none[^]*a second `find`/,
    ) as string,
  });
  expect(seen.closed).toBe(1);
});

test('one that cannot be opened is a mistake, not a crash', async () => {
  const broken = toolOrigin('broken', () => Promise.reject(new Error('no luck')));
  const { problems } = await inspectTools([broken], { from: '/' });
  expect(problems).toMatchObject([{ tool: 'broken', message: expect.stringContaining('no luck') as string }]);
});

test('when they are others, the next call has those; a list that is not valid leaves the last that was', async () => {
  const { origin, change, seen, listeners } = elsewhere(['one']);
  const agent = await createAgent({ ...AGENT, tools: [tool('own'), origin] });
  const { toolbox: before } = agent;
  change('two', 'three');
  expect(namesOf(agent)).toEqual(['own', 'two', 'three']);
  expect([agent.toolbox.has('three'), before.has('three'), before.has('one')]).toEqual([true, false, true]);
  change('own');
  expect(namesOf(agent)).toEqual(['own', 'two', 'three']);
  await agent.close();
  await agent.close();
  expect([seen.closed > 0, listeners.size]).toEqual([true, 0]);
});
