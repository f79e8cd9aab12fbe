/**
 * A caller and somebody who was called for them, by the dialplan, since ARI bridges no channel that is in it. Both lines end, and
 * the dialplan asks for each what comes next: whoever was called waits, and the caller's channel is bridged with theirs. Where
 * that does not come about, the dialplan alone can have the caller talk with the agent again: it begins anew for them.
 */
import type { CallerFacts, Meeting } from '../contract.ts';
import type { AnnouncedCall, Desk } from '../door.ts';
import { rememberNext } from '../json/announced.ts';
import { unlessGone } from '../rest-client.ts';
import type { AriRest } from './ari.ts';
import type { AsteriskSettings } from './settings.ts';

type AsteriskDesk = Desk<AsteriskSettings, AriRest>;

/** Whoever has taken the call waits so long for the caller: longer than a line takes to end. */
const WAIT_SECONDS = 60;

/** What comes next for a channel, as `VERB/ARGUMENT`: no extension has a slash. */
const waitStep = `wait/${WAIT_SECONDS}`;
const joinStep = (channel: string): string => `join/${channel}`;

/** For the channel of either, while it has its line. `id`: of the second call, which is that of its channel, too. */
export async function meet(caller: CallerFacts, { id, as, personCarrierCallId }: Meeting, desk: AsteriskDesk) {
  const { carrierCallId, from, to, parameters } = caller;
  const person = personCarrierCallId ?? id;
  if (as === 'person') await followToEnd(carrierCallId, id, desk);
  else await desk.remember(backKey(carrierCallId), { token: '', from, to, parameters, ids: { person } });
  const step = as === 'person' ? waitStep : joinStep(person);
  await rememberNext(desk, carrierCallId, { to: step, ids: { id, as } });
  return 'we-end' as const;
}

/** Without a line nobody else tells of it. */
async function followToEnd(channel: string, id: string, desk: AsteriskDesk): Promise<void> {
  await desk.rest?.follow(channel, {
    ended: () => desk.report(id, { type: 'ended', outcome: 'completed' }),
    failed: (error) => desk.log.warn({ callId: id, err: error }, 'what becomes of whoever took a call is not told'),
  });
}

/** The dialplan has asked what comes next: who it asked for is where both meet. */
export function tellWhoIsThere({ ids }: Pick<AnnouncedCall, 'ids'>, desk: AsteriskDesk): void {
  const { id, as } = ids ?? {};
  if (id !== undefined) desk.report(id, { type: 'there', who: as === 'person' ? 'person' : 'caller' });
}

/**
 * What is known of a caller who comes again from where they were to meet somebody, by their channel; undefined for all others.
 * Whoever waits for them is let go.
 */
export function comesBack(channel: string | undefined, desk: AsteriskDesk): AnnouncedCall | undefined {
  const back = channel === undefined ? undefined : desk.recall(backKey(channel));
  const person = back?.ids?.['person'];
  if (person === undefined) return undefined;
  unlessGone(desk.rest?.hangUp(person)).catch((error: unknown) => {
    desk.log.warn({ err: error, channel: person }, 'whoever waited for a caller was not let go');
  });
  return back;
}

const backKey = (channel: string): string => `back ${channel}`;
