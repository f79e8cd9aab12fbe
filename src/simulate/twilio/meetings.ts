/**
 * Conferences of a stand-in for Twilio: calls that are sent into one by TwiML are there until they hang up, are sent elsewhere, or
 * somebody leaves whose leaving ends it. Who comes and goes is told to the worker.
 */
import { SIGNATURE_HEADER, signRequest } from '../../bridge/twilio/signature.ts';
import { askWebhook } from '../phone/document.ts';
import { readTwiml, type XmlElement } from '../phone/xml-reader.ts';

export interface MeetingsOptions {
  accountSid: string;
  authToken: string;
  /** Where an address of the worker's is really reached. Default: as it is written. */
  reach?: ((publicUrl: string) => string) | undefined;
}

interface Guest {
  callSid: string;
  room: string;
  endsOnExit: boolean;
  tell: (event: 'participant-join' | 'participant-leave') => Promise<void>;
  left: Promise<void>;
  leave: () => void;
}

export class SimulatedMeetings {
  readonly #options: MeetingsOptions;
  readonly #guests = new Map<string, Guest>();

  constructor(options: MeetingsOptions) {
    this.#options = options;
  }

  /** Who is together there, by the labels that they came with: `caller`, `person`. */
  in(room: string): string[] {
    return [...this.#guests.values()].filter((guest) => guest.room === room).map(({ callSid }) => callSid);
  }

  has(callSid: string): boolean {
    return this.#guests.has(callSid);
  }

  /** Takes a call there, if that is what the document says. */
  enter(callSid: string, twiml: string): void {
    const [dial] = readTwiml(twiml);
    const conference = dial?.name === 'Dial' ? dial.children.find(({ name }) => name === 'Conference') : undefined;
    if (!conference) return;
    const guest = this.#guestOf(callSid, conference);
    this.#guests.set(callSid, guest);
    void guest.tell('participant-join');
  }

  /** The call hangs up, or is sent elsewhere. */
  leave(callSid: string): void {
    const guest = this.#guests.get(callSid);
    if (!guest) return;
    this.#guests.delete(callSid);
    guest.leave();
    void guest.tell('participant-leave');
    if (guest.endsOnExit) for (const other of this.in(guest.room)) this.leave(other);
  }

  /** Done when the call is there no more; at once when it is not there. */
  async whenLeft(callSid: string): Promise<void> {
    await this.#guests.get(callSid)?.left;
  }

  #guestOf(callSid: string, { attributes, text }: XmlElement): Guest {
    let leave = (): void => {};
    const left = new Promise<void>((resolve) => (leave = resolve));
    return {
      ...{ callSid, room: text.trim(), endsOnExit: attributes['endConferenceOnExit'] === 'true', left, leave },
      tell: (event) => this.#post(callSid, attributes, event),
    };
  }

  async #post(callSid: string, attributes: Readonly<Record<string, string>>, event: string): Promise<void> {
    const { accountSid, authToken, reach = (url: string) => url } = this.#options;
    const url = attributes['statusCallback'];
    const wanted = attributes['statusCallbackEvent']?.split(/\s+/) ?? [];
    if (url === undefined || !wanted.includes(event.replace('participant-', ''))) return;
    const form = new URLSearchParams({
      ...{ AccountSid: accountSid, CallSid: callSid, StatusCallbackEvent: event },
      ParticipantLabel: attributes['participantLabel'] ?? '',
    });
    const headers = { [SIGNATURE_HEADER]: signRequest(authToken, url, form) };
    const type = 'application/x-www-form-urlencoded';
    await askWebhook({ url, reachedAt: reach(url), type, body: form.toString(), headers }).catch(() => '');
  }
}
