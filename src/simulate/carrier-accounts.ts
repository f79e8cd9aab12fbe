/**
 * The stand-ins for what carriers can be asked for beside their sockets, for a worker whose calls come from a telephone of
 * another process: they know every call, and carry out what needs nothing of that telephone. Nobody is really called.
 */
import type { Clock } from '../lib/clock.ts';
import { calleeAt } from './phone/callee.ts';
import { SimulatedTwilioRest } from './twilio/rest-server.ts';

export interface CarrierAccounts {
  /** By door: the settings that its REST API is opened with. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  close(): Promise<void>;
}

/** Starts them, each at an address of its own. `clock`: by which they go. */
export async function startCarrierAccounts(clock: Clock): Promise<CarrierAccounts> {
  const account = { accountSid: 'AC00000000000000000000000000000000', authToken: 'simulated' };
  const rest = new SimulatedTwilioRest({ ...account, clock, knowsEveryCall: true, placing: { calleeAt } });
  await rest.listen();
  const { accountSid, authToken, baseUrl } = rest.account;
  return {
    settings: {
      twilio: { twilioAccountSid: accountSid, twilioAuthTokens: [authToken], twilioRestUrl: baseUrl },
    },
    close: () => rest.close(),
  };
}
