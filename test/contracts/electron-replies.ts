/** How the contract of a language model tells Electron's stand-in what to answer, with sockets or without. */
import type { FaultInput } from '../../src/simulate/electron/faults.ts';
import type { ReplyRuleInput } from '../../src/simulate/electron/replies.ts';
import type { ElectronService } from '../../src/simulate/electron/service.ts';
import type { ModelReply } from './model.suite.ts';

const FAULTS: Record<NonNullable<ModelReply['fault']>, FaultInput> = {
  busy: { type: 'status', status: 503 },
  unauthorized: { type: 'status', status: 401 },
  hang: { type: 'hang' },
  cut: { type: 'cut', afterChunks: 3 },
  'cut-in-arguments': { type: 'cut', inArguments: true },
};

export function repliesOf(service: Pick<ElectronService, 'configure' | 'fault'>) {
  const replies: ReplyRuleInput[] = [];
  return (caller: string, { say, calls, fault }: ModelReply): void => {
    const when = caller.replace(/[^\w ]/g, '.');
    replies.unshift({ when, ...(say && { say }), ...(calls && { call: calls, argumentPieces: 4 }) });
    service.configure({ replies });
    if (fault) service.fault({ ...FAULTS[fault], when: { caller: when } });
  };
}
