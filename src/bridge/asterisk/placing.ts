/**
 * Calls that Asterisk places for us, by ARI: the channel is called in a Stasis application of its own, whose events say what
 * becomes of it, and goes on in the dialplan once it is answered. There it is connected with us as a call that rings is.
 */
import { extensionOf } from './announce.ts';
import type { Desk, Outbound, OutboundCall, OutboundNews, OutboundOutcome } from '../door.ts';
import { firstMissing, secondsOf } from '../json/placed.ts';
import type { AriEvent } from './ari-events.ts';
import type { AriRest } from './ari.ts';
import { ASTERISK_SETTINGS, type AsteriskSettings } from './settings.ts';

type AsteriskDesk = Desk<AsteriskSettings, AriRest>;

const NEEDED = ['asteriskAriUrl', 'asteriskAriUser', 'asteriskAriPassword', 'asteriskDial'] as const;
/** Variables of the channel, for the dialplan: by which our lines know it again. */
export const CALL_VARIABLE = 'PARLEY_CALL';
export const TOKEN_VARIABLE = 'PARLEY_TOKEN';
/** So much before its time is up nobody gives up ringing. */
const ALMOST_MS = 1_000;

export const outbound: Outbound<AsteriskSettings, AriRest> = {
  needs: (settings) => firstMissing(ASTERISK_SETTINGS, settings, NEEDED),
  async place(call, desk) {
    const { asteriskDial: dial = '', asteriskCallsContext: context } = desk.settings;
    if (!desk.rest) throw new TypeError('ARI is needed to place calls');
    const news = new NewsReader(call, desk);
    await desk.rest.placeCall({
      ...{ channel: call.id, context, callerId: call.from, timeoutSeconds: secondsOf(call.ringMs) },
      endpoint: dial.replace('{to}', extensionOf(call.to)),
      variables: { [CALL_VARIABLE]: call.id, [TOKEN_VARIABLE]: call.token },
      heard: (event) => news.hear(event),
      failed: (error) =>
        desk.log.warn({ callId: call.id, err: error }, 'what becomes of a call that was placed is not told'),
    });
    return { carrierCallId: call.id };
  },
  comesBackUnasked: true, // by the dialplan: ARI cannot take a channel out of it
};

/** By the causes of Q.850. */
const CAUSES: Readonly<Record<number, OutboundOutcome>> = { 17: 'busy', 18: 'no-answer', 19: 'no-answer' };
/** It was ended by nobody in particular: by us, or by the time that it might ring. */
const NO_CAUSE = [0, 16];

class NewsReader {
  readonly #call: OutboundCall;
  readonly #desk: AsteriskDesk;
  readonly #startMs: number;

  constructor(call: OutboundCall, desk: AsteriskDesk) {
    this.#call = call;
    this.#desk = desk;
    this.#startMs = desk.clock.nowMs();
  }

  hear(event: AriEvent): void {
    for (const one of this.#newsIn(event)) this.#desk.report(this.#call.id, one);
  }

  #newsIn(event: AriEvent): OutboundNews[] {
    if (event.type === 'state') return event.state === 'Ringing' ? [{ type: 'ringing' }] : [];
    if (event.type === 'answered') return [{ type: 'answered' }];
    const { cause, words } = event;
    const isLate = this.#desk.clock.nowMs() - this.#startMs >= this.#call.ringMs - ALMOST_MS;
    const outcome = CAUSES[cause] ?? (NO_CAUSE.includes(cause) && isLate ? 'no-answer' : 'failed');
    return [{ type: 'ended', outcome, detail: words }];
  }
}
