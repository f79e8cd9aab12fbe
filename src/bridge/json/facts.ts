/** Who is on a line, and whether they may be: what the start of a JSON protocol says. */
import { VoiceError } from '../../lib/errors.ts';
import type { CallerFacts } from '../contract.ts';
import type { Admission } from '../door.ts';
import { PARAMETER_NAMES } from './wire.ts';

export type { Admission };

/** The parameters that our own document wrote have their place; the rest is handed on by name. */
export function readCaller(
  start: { callId: string; parameters: Record<string, string> },
  own: {
    from?: string | undefined;
    to?: string | undefined;
    facts?: Readonly<Record<string, string>> | undefined;
  } = {},
): { caller: CallerFacts; token: string | undefined } {
  const {
    [PARAMETER_NAMES.from]: from,
    [PARAMETER_NAMES.to]: to,
    [PARAMETER_NAMES.token]: token,
    ...rest
  } = start.parameters;
  const caller: CallerFacts = {
    carrierCallId: start.callId,
    from: own.from ?? (from || undefined),
    to: own.to ?? (to || undefined),
    parameters: { ...own.facts, ...rest },
  };
  return { caller, token };
}

export function notAdmitted(bridge: string): VoiceError {
  return new VoiceError(
    'unauthorized',
    `${bridge}: The start of the call did not carry the token it was expected to carry`,
  );
}
