/**
 * What is known of a call of Asterisk's beside its line, and what may be asked for it. Its lines say next to nothing: the
 * dialplan, or whoever steers Asterisk by ARI, says who is calling before, by HTTP.
 */
import type { CallerFacts, Meeting } from '../contract.ts';

/** A call that was announced, by the id that its line shows: a UUID, or the channel's of a WebSocket. */
export interface KnownCall {
  token: string;
  from?: string | undefined;
  to?: string | undefined;
  /** With the caller's channel among them, where it was named. */
  parameters?: Readonly<Record<string, string>> | undefined;
}

/** By what Asterisk, or its dialplan, knows one call of ours. */
export interface CallIds {
  /** The caller's channel, or what the line showed where nobody has named that. */
  carrierCallId: string;
  /** The caller's channel, by which Asterisk can be asked for more; undefined where nobody has named it. */
  channel: string | undefined;
}

/** Asked of Asterisk for one call, where it can be. Each rejects with a `ProviderError`. */
export interface CallAsks {
  hangUp?: (() => Promise<void>) | undefined;
  sendDigits?: ((digits: string) => Promise<void>) | undefined;
  /** `we-end`: the dialplan goes on when our line ends. `they-end`: Asterisk takes the caller away. */
  transfer?: ((to: string) => Promise<'we-end' | 'they-end'>) | undefined;
  /** As a transfer, to where a caller and somebody else are put together. */
  meet?: ((meeting: Meeting) => Promise<'we-end'>) | undefined;
}

export type AsksFor = (call: CallIds, caller: CallerFacts) => CallAsks;

/** Under this name the caller's channel goes with the parameters of a call that is announced. */
export const CHANNEL = 'channel';

/** Who is calling, and by what ids. `lineId`: what the line showed. */
export function callerOf(
  lineId: string,
  known: Pick<KnownCall, 'from' | 'to' | 'parameters'> = {},
): { caller: CallerFacts; ids: CallIds } {
  const { [CHANNEL]: named, ...parameters } = known.parameters ?? {};
  const channel = named === '' ? undefined : named;
  const carrierCallId = channel ?? lineId;
  return { ids: { carrierCallId, channel }, caller: { carrierCallId, from: known.from, to: known.to, parameters } };
}
