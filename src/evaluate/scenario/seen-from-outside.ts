/** Which checks see anything of a call to a worker elsewhere: each is asked itself, over a call of which only the sound is known. */
import type { CallResult } from '../../testing/result.ts';
import { runCheck } from '../checks.ts';
import type { NamedCheck } from './check-use.ts';

const said = { kind: 'utterance', text: 'Hello?', fromMs: 1_000, toMs: 1_400 } as const;
const sound = { fromMs: 2_000, toMs: 2_400 };

const CALL: CallResult = {
  ...{ callId: '', agent: '', line: 'url', visible: 'outside', hearing: 'real' },
  ...{ events: [], requests: [], tools: [], troubles: [], caller: [said], agentSound: [sound] },
  end: { atMs: 3_000, reason: 'agent-hung-up', isCutOff: false },
};

/** Why it sees nothing; undefined when it does. `isUnderstood`: the agent's words are. */
export function unseenFromOutside(use: NamedCheck, isUnderstood: boolean): string | undefined {
  const call: CallResult = isUnderstood ? { ...CALL, heard: [{ text: 'Hello.', ...sound }] } : CALL;
  return runCheck(use, call, { prices: {} }).find(({ kind }) => kind === 'not visible')?.what;
}
