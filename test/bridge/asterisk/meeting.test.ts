/** A caller and somebody who was called for them, where the dialplan has both: what it is told, and what it tells by asking. */
import { expect, test } from 'vitest';
import { comesBack, meet, tellWhoIsThere } from '../../../src/bridge/asterisk/meeting.ts';
import type { AnnouncedCall } from '../../../src/bridge/door.ts';
import type { CallerFacts } from '../../../src/bridge/contract.ts';
import { recallNext } from '../../../src/bridge/json/announced.ts';
import { silentLog } from '../../../src/lib/log.ts';

type AsteriskDesk = Parameters<typeof meet>[2];
type Follow = NonNullable<AsteriskDesk['rest']>['follow'];

const CALLER: CallerFacts = {
  ...{ carrierCallId: '1700000000.1', from: '+15550100', to: '+15550199', parameters: { tenant: 'acme' } },
};
const PERSON: CallerFacts = { carrierCallId: 'call-2', from: undefined, to: undefined, parameters: {} };

function desk(follow: Follow = () => Promise.resolve()) {
  const kept = new Map<string, AnnouncedCall>();
  const [told, ended]: [unknown[], string[]] = [[], []];
  const one: Partial<AsteriskDesk> = {
    log: silentLog,
    remember: (key, call) => Promise.resolve(void kept.set(key, call)),
    recall: (key) => kept.get(key),
    report: (id, news) => void told.push({ id, ...news }),
    rest: { follow, hangUp: (channel: string) => Promise.resolve(void ended.push(channel)) } as AsteriskDesk['rest'],
  };
  return { desk: one as AsteriskDesk, told, ended };
}

/** As the dialplan asks for a channel. */
function ask(one: AsteriskDesk, channel: string): string | undefined {
  const next = recallNext(one, channel);
  if (next) tellWhoIsThere(next, one);
  return next?.to;
}

test('transfer: whoever takes the call waits, the caller is bridged with their channel, and each is there when the dialplan asks', async () => {
  const { desk: one, told } = desk();
  await meet(PERSON, { id: 'call-2', as: 'person' }, one);
  expect(told).toEqual([]);
  expect(ask(one, 'call-2')).toBe('wait/60');
  await meet(CALLER, { id: 'call-2', as: 'caller', personCarrierCallId: 'call-2' }, one);
  expect(ask(one, CALLER.carrierCallId)).toBe('join/call-2');
  expect(told).toEqual([
    { id: 'call-2', type: 'there', who: 'person' },
    { id: 'call-2', type: 'there', who: 'caller' },
  ]);
});

test('transfer: whose end cannot be heard of does not leave their line', async () => {
  const { desk: one } = desk(() => Promise.reject(new Error('nothing is heard')));
  await expect(meet(PERSON, { id: 'call-2', as: 'person' }, one)).rejects.toThrow('nothing is heard');
  expect(ask(one, 'call-2')).toBeUndefined();
});

test('transfer: that whoever waits has left is told, though they have no line', async () => {
  const { desk: one, told } = desk((_channel, { ended }) => Promise.resolve(ended()));
  await meet(PERSON, { id: 'call-2', as: 'person' }, one);
  expect(told).toEqual([{ id: 'call-2', type: 'ended', outcome: 'completed' }]);
});

test('transfer: a caller who comes again has what they had, and nobody is kept waiting for them; others are new', async () => {
  const { desk: one, ended } = desk();
  await meet(CALLER, { id: 'call-2', as: 'caller', personCarrierCallId: 'call-2' }, one);
  expect(comesBack('1700000000.2', one)).toBeUndefined();
  expect(comesBack(undefined, one)).toBeUndefined();
  expect(ended).toEqual([]);
  const { from, to, parameters } = CALLER;
  expect(comesBack(CALLER.carrierCallId, one)).toMatchObject({ from, to, parameters });
  expect(ended).toEqual(['call-2']);
});
