/**
 * A caller and somebody who was called for them, by Call Control: whoever is called waits without a line, in silence, and the
 * caller is bridged with them in one step, so that nobody is ever on the way. A bridge that is refused leaves the caller with us.
 */
import { VoiceError } from '../../lib/errors.ts';
import type { Meeting } from '../contract.ts';
import type { Desk } from '../door.ts';
import { announceLine } from '../json/announced.ts';
import type { TelnyxRest } from './rest.ts';
import type { TelnyxSettings } from './settings.ts';

type TelnyxDesk = Desk<TelnyxSettings, TelnyxRest>;

/** For the call of either of them, by the carrier's id of it. */
export async function meet(callControlId: string, { as, personCarrierCallId }: Meeting, desk: TelnyxDesk) {
  const { rest, log } = desk;
  if (as === 'person') return rest?.stopStream(callControlId);
  if (personCarrierCallId === undefined) {
    throw new VoiceError('request-invalid', 'Expected Telnyx to have said which call the person is on, got nothing');
  }
  await rest?.bridge(callControlId, personCarrierCallId);
  await rest?.stopStream(callControlId).catch((error: unknown) => {
    log.warn({ err: error, callControlId }, 'the line of a caller who was handed over was not ended: it is closed');
  });
}

/** Of a caller whom nobody has any more. Telnyx ends their call with the bridge: one that has ended is ended. */
export async function bringBack(
  callControlId: string,
  desk: TelnyxDesk,
  { path, streamFields }: { path: string; streamFields: (desk: TelnyxDesk, token: string) => object },
): Promise<void> {
  const announced = await announceLine(desk, { path });
  if ('refusal' in announced) return desk.rest?.hangUp(callControlId);
  await desk.rest?.startStream(callControlId, { ...streamFields(desk, announced.token) });
}
