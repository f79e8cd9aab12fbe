/** Electron's client, on real sockets to its stand-in, keeps the contract of a language model. */
import { createBudget } from '../../../src/model/budget.ts';
import { createElectron } from '../../../src/model/electron/client.ts';
import type { FaultInput } from '../../../src/simulate/electron/faults.ts';
import type { ReplyRuleInput } from '../../../src/simulate/electron/replies.ts';
import { startElectronSimulator } from '../../../src/simulate/electron/server.ts';
import { modelContract, type ModelReply } from '../../contracts/model.suite.ts';
import { CountingClock } from '../../speak/helpers/lightning.ts';

const FAULTS: Record<NonNullable<ModelReply['fault']>, FaultInput> = {
  busy: { type: 'status', status: 503 },
  unauthorized: { type: 'status', status: 401 },
  hang: { type: 'hang' },
  cut: { type: 'cut', afterChunks: 3 },
  'cut-in-arguments': { type: 'cut', inArguments: true },
};

modelContract('electron', async () => {
  const service = await startElectronSimulator();
  const clock = new CountingClock();
  const model = createElectron({
    apiKey: 'sk_test_0123456789',
    baseUrl: service.url,
    budget: createBudget({ plan: 'none', clock }),
    random: () => 0.01, // retries come soon
    clock,
  });
  const replies: ReplyRuleInput[] = [];
  return {
    model,
    reply(caller, { say, calls, fault }) {
      const when = caller.replace(/[^\w ]/g, '.');
      replies.unshift({ when, ...(say && { say }), ...(calls && { call: calls, argumentPieces: 4 }) });
      service.configure({ replies });
      if (fault) service.fault({ ...FAULTS[fault], when: { caller: when } });
    },
    timers: () => clock.pending,
    close: () => service.close(),
  };
});
