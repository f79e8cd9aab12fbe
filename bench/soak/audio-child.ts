/** The worker of part `soak`: that of part `audio`, watched from its first moment. Needs `--expose-gc`. */
import { watchLeft, type Left } from './left.ts';
import { answer } from '../frame/child.ts';
import type { Addresses } from '../audio/services-child.ts';

export type SoakAudioQuestion = { what: 'start'; addresses: Addresses } | { what: 'left' } | { what: 'close' };

const left = watchLeft();
const { startWorker } = await import('../audio/start-worker.ts');
let close: () => Promise<void> = () => Promise.resolve();

answer(async (question: SoakAudioQuestion): Promise<Left | string> => {
  if (question.what === 'start') {
    const started = await startWorker(question.addresses, { endpointMs: 200 });
    close = started.close;
    return started.url;
  }
  if (question.what === 'close') await close();
  return left();
});
