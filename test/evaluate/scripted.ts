/** A small agent whose model follows fixed replies, and scenarios of it, for tests of what plays them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findScenarios } from '../../src/evaluate/find.ts';
import { plan, type PlannedScenario, type PlanOptions } from '../../src/evaluate/evaluate.ts';

/** As a user would write it, in a folder of theirs. */
export const AGENT = `
import { defineAgent, defineTool } from 'parley-voice';
import { z } from 'zod';

const find = defineTool({
  name: 'find_times', description: 'Finds free times.', effect: 'read', filler: 'One moment.',
  input: z.object({ date: z.string() }), run: () => ({ free: ['10:00'] }),
});
const book = defineTool({
  name: 'book', description: 'Books a time.', effect: 'write', filler: 'I am booking it.',
  input: z.object({ time: z.string() }), run: () => ({ booked: true }),
});
export default defineAgent({ name: 'desk', instructions: 'Be brief.', tools: [find, book] });
`;

export const REPLIES = `
    - { when: free, say: Let me check that., call: { name: find_times, arguments: { date: "2026-11-24" } } }
    - { after: find, say: "On Tuesday I have ten, or half past two. Which one suits you?" }
    - { when: ten, say: I am booking it., call: { name: book, arguments: { time: "10:00" } } }
    - { after: book, say: You are booked for Tuesday at ten. }
    - { say: Of course. }`;

/** A scenario of the agent above: what differs stands in \`rest\`. */
export const scenario = (name: string, steps: string, rest: string): string => `name: ${name}
agent: ./agent.mjs
now: 2026-11-23T09:00:00Z
tools: { find_times: { returns: { free: ["10:00"] }, takes: 600 }, book: { returns: { booked: true }, takes: 400 } }
model:
  replies:${REPLIES}
caller:
  steps:
${steps}
${rest}
`;

export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries({ 'agent.mjs': AGENT, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** The scenarios of these files, planned. */
export async function planned(
  folder: string,
  files: Record<string, string>,
  options?: PlanOptions,
): Promise<PlannedScenario[]> {
  writeFiles(folder, files);
  return plan(await findScenarios(Object.keys(files).map((name) => join(folder, name))), options);
}
