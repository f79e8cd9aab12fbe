/** Somebody who is rung for a caller of a worker's: a call that it places by the same carrier, and what is told of that. */
import type { PersonNews, RingPerson } from '../call/in-person.ts';
import { VoiceError } from '../lib/errors.ts';
import type { CallerFacts } from '../bridge/contract.ts';
import { WHY } from './calls-api.ts';
import type { OutboundCalls } from './outbound-calls.ts';
import type { PlacedCallState } from './placed-call.ts';

/** Undefined, where the carrier of this line cannot put a caller and somebody else together. */
export function ringerFor(outbound: OutboundCalls, line: string, caller: CallerFacts): RingPerson | undefined {
  const calling = outbound.doorOf(line);
  const placing = calling?.door.outbound;
  if (!calling || !(placing?.bringBack || placing?.comesBackUnasked)) return undefined;
  return async ({ to, summary, ringMs }, told) => {
    const order = {
      door: calling,
      to,
      from: ownNumber(caller),
      parameters: {},
      ringMs,
      voicemail: { type: 'hang-up' } as const,
    };
    const placed = await outbound.place(order, { summary });
    if (typeof placed === 'string') throw new VoiceError('rate-limited', `no call can be placed now: ${WHY[placed]}`);
    let known = placed;
    const change = (state: PlacedCallState) => {
      const before = known;
      known = state;
      for (const news of newsBetween(before, state)) told(news);
    };
    const forget = outbound.watch(placed.id, change);
    const now = outbound.get(placed.id);
    if (now) change(now);
    return {
      callId: placed.id,
      get carrierCallId() {
        return known.carrierCallId;
      },
      letGo() {
        forget();
        outbound.cancel(placed.id);
      },
      bringCallerBack: () => placing.bringBack?.(caller.carrierCallId, calling),
      forget,
    };
  };
}

/** What whoever is rung sees: the number that the caller has called, or was called from. */
function ownNumber({ direction, from, to }: CallerFacts): string {
  const number = direction === 'outbound' ? from : to;
  if (number !== undefined) return number;
  throw new VoiceError('request-invalid', 'the number that was called is not known, and a call needs one to come from');
}

/** What has changed, in the words of whoever waits for it. Pure. */
export function newsBetween(before: PlacedCallState, now: PlacedCallState): PersonNews[] {
  const news: PersonNews[] = [];
  if (now.answeredBy !== before.answeredBy && now.answeredBy !== undefined) {
    news.push({ type: 'answered', who: now.answeredBy === 'machine' ? 'machine' : 'person' });
  }
  if (now.person !== before.person && now.person !== undefined) {
    news.push({ type: now.person === 'there' ? 'person-there' : now.person });
  }
  if (now.callerThere && !before.callerThere) news.push({ type: 'caller-there' });
  if (now.state === 'ended' && before.state !== 'ended') {
    const { outcome = 'failed', reason, error } = now;
    news.push({ type: 'person-gone', outcome, detail: error?.message ?? reason });
  }
  return news;
}
