/** Ten thousand short calls in text, some at once, in one process that lives on. Needs `--expose-gc`. */
import { watchLeft, type Left } from './left.ts';
import { answer } from '../frame/child.ts';

export type SoakTextQuestion =
  { what: 'calls'; url: string; calls: number; atOnce: number } | { what: 'left' } | { what: 'close' };

const left = watchLeft();
const { noSamples, TurnProbe } = await import('../text/probe.ts');
const { create } = await import('../text/parley.ts');
type Contestant = Awaited<ReturnType<typeof create>>;
let contestant: Contestant | undefined;

answer(async (question: SoakTextQuestion): Promise<Left | undefined> => {
  if (question.what === 'left') return left();
  if (question.what === 'close') {
    await contestant?.close();
    contestant = undefined;
    return left();
  }
  const { url, calls, atOnce } = question;
  contestant ??= await create(url);
  for (let at = 0; at < calls; at += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, calls - at) }, () => talk(contestant!)));
  }
  return undefined;
});

async function talk(parley: Contestant): Promise<void> {
  const call = parley.openCall();
  await call.turn(new TurnProbe(noSamples(), 0));
  call.close();
}
