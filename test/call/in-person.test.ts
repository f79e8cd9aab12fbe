/** Somebody is rung for a caller, and what is told of it. What happens when is decided in `warm-transfer.ts`, which has its own tests. */
import { expect, test } from 'vitest';
import { InPerson, type Person, type PersonNews } from '../../src/call/in-person.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/lib/log.ts';

/** Both were there, and whoever took the call left at once. */
async function leave(bringCallerBack: Person['bringCallerBack']): Promise<string[]> {
  const lines: string[] = [];
  const log = createLog({ stream: { write: (line) => void lines.push((JSON.parse(line) as { msg: string }).msg) } });
  let told: (news: PersonNews) => void = () => {};
  const person: Person = { callId: 'p-1', letGo: () => {}, forget: () => {}, bringCallerBack };
  const inPerson = new InPerson({
    ...{ order: { to: '+15551230000', summary: 'Ann', ringMs: 10_000 }, clock: new VirtualClock(), log },
    ring: (_order, tell) => {
      told = tell;
      return Promise.resolve(person);
    },
    ...{ moveCaller: () => Promise.resolve(), play: () => () => {} },
    listener: { tell: () => {}, moved: () => {}, failed: () => {} },
  });
  await Promise.resolve();
  told({ type: 'person-there' });
  inPerson.callEnded(true);
  told({ type: 'caller-there' });
  told({ type: 'person-gone', outcome: 'completed' });
  await Promise.resolve();
  return lines;
}

test('a caller is said to be brought back where the carrier is asked to, and only there', async () => {
  const asked = await leave(() => Promise.resolve());
  expect(asked).toEqual(['a caller who was handed over is brought back: the person has left']);
  const refused = await leave(() => Promise.reject(new Error('no such call')));
  expect(refused.at(-1)).toBe('a caller who was handed over could not be brought back');
  // the dialplan of Asterisk brings back who met nobody, and ends the call of who did: nobody knows which here
  const unasked = await leave(() => undefined);
  expect(unasked).toEqual(['whoever took a call has left: a caller who did not meet them comes back by the carrier']);
});
