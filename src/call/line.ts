/** What is the same on every line that is answered, whatever it carries: how its call begins, and what both kinds tell. */
import type { BridgeCall, CallerFacts, CommonLineEvent, EarlierLine } from '../bridge/contract.ts';
import type { Clock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import type { CallLine } from '../tool/contract.ts';
import type { Agent } from './agent.ts';
import type { Call, CallMedium } from './call.ts';
import type { DigitCollector } from './digits.ts';
import { consultation } from './consultation.ts';
import type { RingPerson } from './in-person.ts';
import { Screening, type Hearing, type OutboundOptions } from './screening.ts';
import type { CallStarter } from './start.ts';

/** Keeps what a call leaves behind. */
export interface LineKeeper {
  /** Takes every line of the machine's log. */
  readonly machineLine: (line: string) => void;
  /** Before the call's first event. */
  attach(call: Call): void;
}

/** How a line of either kind is answered, whatever it carries. */
export interface CommonAnswerOptions {
  agent: Agent;
  recording?: LineKeeper | undefined;
  /** As of `StartOptions`; the carrier's is no good, for it may come again. */
  callId?: string | undefined;
  /** The line that the same call of the carrier's had before. Default: the call is new. */
  earlier?: EarlierLine | undefined;
  /** We have placed the call: who answers is looked at before the agent speaks. Default: they have called. */
  outbound?: OutboundOptions | undefined;
  /** Rings somebody on a second line, to whom the caller is to be handed over in person. Default: nobody is. */
  ringPerson?: RingPerson | undefined;
  /** Adds listeners before the first event. */
  listen?: ((call: Call) => void) | undefined;
}

/** What a call on a line is made of; `medium`: what differs between the two kinds. */
export interface LineParts {
  bridge: BridgeCall;
  options: CommonAnswerOptions;
  digits: DigitCollector;
  medium: Pick<CallMedium, 'heardBy' | 'providers' | 'speaker' | 'mayBeSpeaking' | 'become' | 'playWhileWaiting'>;
  /** Where a tool says what the caller is about to say; undefined on a line that tells whole turns. */
  expect?: CallLine['expect'];
  /** The call is there, and nothing has happened in it yet: listens to the line. `hearing`: where what is said there goes. */
  listen: (call: Call, hearing: Hearing) => void;
}

/** Opens the call that a line carries. */
export function startOnLine(parley: CallStarter, { bridge, options, digits, medium, expect, listen }: LineParts): Call {
  const { agent, callId, recording, outbound } = options;
  return parley.startCall(agent, {
    callId,
    caller: callerOf(bridge, options),
    medium: {
      ...medium,
      bridge: bridge.name,
      line: { ...lineOf(bridge, digits), expect },
      transfer: transferOf(bridge),
      ringPerson: bridge.capabilities.meets && options.ringPerson,
      hangUp: () => void bridge.hangUp(),
    },
    record: recording?.machineLine,
    isHeld: outbound !== undefined,
    listen(call) {
      recording?.attach(call);
      options.listen?.(call);
      listen(call, outbound ? screeningOf(call, outbound, { bridge, digits, agent, clock: parley.clock }) : call);
    },
  });
}

/** Who stands before a call that we have placed. */
function screeningOf(
  call: Call,
  outbound: OutboundOptions,
  { bridge, digits, agent, clock }: Pick<LineParts, 'bridge' | 'digits'> & { agent: Agent; clock: Clock },
): Hearing {
  const { greeting, phrases } = agent.machine;
  const { consult, carrier } = outbound;
  if (consult) return consultation({ call, bridge, digits, clock, consult, carrier, phrases });
  return new Screening({ ...outbound, call, greeting, clock, hangUp: () => void bridge.hangUp() });
}

/** What tools may do with it. */
function lineOf(bridge: BridgeCall, digits: DigitCollector): CallLine {
  const sendDigits = bridge.capabilities.dtmfOut === 'none' ? undefined : (keys: string) => bridge.sendDigits(keys);
  return { sendDigits, collectDigits: digits.collect };
}

/** Headers that are lost on the way would be missed by whoever takes the call: a line that passes none on hands nobody over with them. */
function transferOf(bridge: BridgeCall): CallMedium['transfer'] {
  const { transfer, transferHeaders = false } = bridge.capabilities;
  if (transfer === 'none') return undefined;
  return async (to, options) => {
    if (options.headers && !transferHeaders) {
      throw new VoiceError('request-invalid', `Expected ${bridge.name} to pass SIP headers on, got a line that cannot`);
    }
    await bridge.transfer(to, options);
  };
}

/** Who is on it, and, where they come back, what their earlier line was. */
function callerOf({ caller }: BridgeCall, { earlier, outbound }: CommonAnswerOptions): CallerFacts {
  if (outbound) {
    const { from, to, parameters } = outbound.call;
    return { ...caller, from, to, parameters: { ...caller.parameters, ...parameters }, direction: 'outbound' };
  }
  return earlier ? { ...caller, earlier } : caller;
}

/** What a line of either kind tells. */
export function hearCommon(
  event: Exclude<CommonLineEvent, { type: 'backpressure' }>,
  call: Call,
  digits: DigitCollector,
): void {
  switch (event.type) {
    case 'digit':
      if (call.isSensitive || !digits.take(event.digit)) call.digit(event.digit); // what a tool gets is told
      return;
    case 'closed':
      return call.hangUp(event.reason);
  }
}
