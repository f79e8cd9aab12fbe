/**
 * The second call of a caller who is handed over in person: whoever answers hears what it is about, and says by a key or in a
 * word whether they take the call. Its agent has no model here, and no tools. A machine is hung up on.
 */
import type { BridgeCall } from '../bridge/contract.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Call } from './call.ts';
import { answerIn } from './consult-words.ts';
import type { DigitCollector } from './digits.ts';
import { Screening, type ConsultOptions, type Hearing, type OutboundOptions, type ScreenedCall } from './screening.ts';

interface Consulting {
  call: Call;
  bridge: BridgeCall;
  digits: DigitCollector;
  clock: Clock;
  consult: ConsultOptions;
  carrier: OutboundOptions['carrier'];
  /** How they say whether they take it, and what they hear when they do not. */
  phrases: { offer: readonly string[]; goodbye: readonly string[] };
}

/** Why their call ends when they do not take it. */
export const DECLINED = 'declined';
/** A key is waited for as long as the call lasts. */
const KEY_MS = 300_000;
/** So often they are asked once more. */
const MOST_ASKED = 2;

/** Stands before the call. */
export function consultation(parts: Consulting): Hearing {
  const { call, bridge, clock, consult, carrier, phrases } = parts;
  const asking = new Asking(parts);
  const screened: ScreenedCall = {
    begin: () => call.begin(),
    announce(text) {
      call.announce(text);
      asking.begin();
    },
    callerTurn: (text) => asking.hear(text),
    callerSpeech() {}, // what it is about is said to its end, whatever they say meanwhile
    addFacts() {},
    interrupt: () => call.interrupt(),
    sayGoodbye: (text, reason) => call.sayGoodbye(text, reason),
    hangUp: (reason) => call.hangUp(reason),
    answeredBy: (who, sign) => call.answeredBy(who, sign),
    ended: call.ended,
  };
  return new Screening({
    ...{ call: screened, clock, carrier, voicemail: { type: 'hang-up' } },
    greeting: `${consult.summary} ${phrases.offer[0] ?? ''}`.trim(),
    hangUp: () => void bridge.hangUp(),
  });
}

class Asking {
  readonly #parts: Consulting;
  readonly #end = new AbortController();
  #hasDecided = false;
  #asked = 0;

  constructor(parts: Consulting) {
    this.#parts = parts;
    const end = () => this.#end.abort();
    parts.call.ended.then(end, end);
  }

  begin(): void {
    if (this.#asked === 0) void this.#waitForKeys();
  }

  hear(text: string): void {
    this.#take(answerIn(text));
  }

  async #waitForKeys(): Promise<void> {
    const { digits } = this.#parts;
    const { signal } = this.#end;
    while (!this.#hasDecided && !signal.aborted) {
      const key = await digits.collect({ count: 1, timeoutMs: KEY_MS, signal }).catch(() => '');
      if (key !== '') this.#take({ '1': 'yes', '2': 'no' }[key]);
    }
  }

  #take(answer: string | undefined): void {
    if (this.#hasDecided || this.#end.signal.aborted) return;
    if (answer === undefined) return this.#askAgain();
    this.#hasDecided = true;
    if (answer === 'yes') void this.#accept();
    else this.#decline();
  }

  #askAgain(): void {
    const { call, phrases } = this.#parts;
    if (++this.#asked <= MOST_ASKED) call.announce(phrases.offer[0] ?? '');
  }

  /** Their line ends for the meeting, unless the carrier refuses. */
  async #accept(): Promise<void> {
    const { bridge, consult } = this.#parts;
    consult.told('accepted');
    try {
      await bridge.transfer('', { meeting: { id: consult.meeting, as: 'person' } });
      if (bridge.capabilities.meets === 'asked') consult.told('there');
    } catch (error) {
      this.#parts.call.reportError('provider-failed', messageOf(error));
      this.#decline();
    }
  }

  #decline(): void {
    const { call, consult, phrases } = this.#parts;
    consult.told('declined');
    call.sayGoodbye(phrases.goodbye[0] ?? '', DECLINED);
  }
}
