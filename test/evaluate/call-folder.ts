/** A call of the scripted agent, laid down as a recording of it would be. */
import { runOnce } from '../../src/evaluate/run.ts';
import type { CallResult } from '../../src/testing/result.ts';
import { layDown } from './lay-down.ts';
import { planned, scenario } from './scripted.ts';

const STEPS = '    - say: What is free tomorrow?\n    - say: Ten, please.';

/** @param agentFolder where the agent and its scenario are written; `steps`: what the caller does */
export async function drawCallFolder(agentFolder: string, folder: string, steps = STEPS): Promise<CallResult> {
  const text = scenario('recorded', steps, 'expect: [effectsOnce]');
  const [one] = await planned(agentFolder, { 'recorded.yaml': text });
  const { call } = await runOnce({ ...one!.runs[0]!, folder: agentFolder });
  if (!call) throw new Error('Expected a call');
  layDown(folder, call);
  return call;
}
