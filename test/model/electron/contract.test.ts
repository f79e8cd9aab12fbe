/** Electron's client, on real sockets to its stand-in, keeps the contract of a language model. */
import { createBudget } from '../../../src/model/budget.ts';
import { createElectron } from '../../../src/model/electron/client.ts';
import { startElectronSimulator } from '../../../src/simulate/electron/server.ts';
import { repliesOf } from '../../contracts/electron-replies.ts';
import { modelContract } from '../../contracts/model.suite.ts';
import { CountingClock } from '../../speak/helpers/lightning.ts';

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
  return {
    model,
    reply: repliesOf(service),
    timers: () => clock.pending,
    close: () => service.close(),
  };
});
