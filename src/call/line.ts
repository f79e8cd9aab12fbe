/** What every line tells a call, and what tools may do with it, whatever it carries. */
import type { BridgeCall, CallerFacts, CommonLineEvent, EarlierLine } from '../bridge/contract.ts';
import type { CallLine } from '../tool/contract.ts';
import type { Call } from './call.ts';
import type { DigitCollector } from './digits.ts';

/** What a line of either kind tells. */
export function hearCommon(
  event: Exclude<CommonLineEvent, { type: 'backpressure' }>,
  call: Call,
  digits: DigitCollector,
): void {
  switch (event.type) {
    case 'digit':
      if (!digits.take(event.digit)) call.digit(event.digit);
      return;
    case 'closed':
      return call.hangUp(event.reason);
  }
}

/** What tools may do with it. */
export function lineOf(bridge: BridgeCall, digits: DigitCollector): CallLine {
  const sendDigits = bridge.capabilities.dtmfOut === 'none' ? undefined : (keys: string) => bridge.sendDigits(keys);
  return { sendDigits, collectDigits: digits.collect };
}

/** Who is on it, and, where they come back, what their earlier line was. */
export function callerOf({ caller }: BridgeCall, { earlier }: { earlier?: EarlierLine | undefined }): CallerFacts {
  return earlier ? { ...caller, earlier } : caller;
}
