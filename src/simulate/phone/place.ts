/** A whole call by one carrier, from the ringing on, where audio is all that there is. */
import type { DialOptions } from './connect.ts';
import type { LineFormats, PhoneDialect } from './dialect.ts';
import { dialPhone, type DialMediaOptions, type MediaCaller } from './media.ts';

export interface PlaceAudioOptions extends Omit<DialOptions, 'url' | 'signedUrl'> {
  /** The worker's webhook, as the world knows it. */
  voiceUrl: string;
  /** Where an address of the worker's is really reached. Default: as it is written. */
  reach?: (publicUrl: string) => string;
  /** What the call runs at first. Default: what the webhook answers. */
  document?: string;
  /** More fields of the webhook, or others than those of a call that rings. */
  fields?: Readonly<Record<string, string>>;
  media?: Pick<DialMediaOptions, 'keep' | 'returnsMarks' | 'onEvent'>;
}

export type PlacedAudioCall =
  | { type: 'media'; caller: MediaCaller }
  /** The worker did not connect the call: what it had said to the caller, perhaps nothing. */
  | { type: 'refused'; said: string };

/**
 * Rings, and is done when the socket is open or the call is refused.
 * @throws {ProviderError} `connect-failed` or `unauthorized`, when the webhook or the socket could not be reached
 */
export type PlaceAudioCall = (options: PlaceAudioOptions) => Promise<PlacedAudioCall>;

/** Where no webhook rings before: the line is dialled at once. */
export const placeAtOnce =
  (dialect: PhoneDialect, formats: LineFormats): PlaceAudioCall =>
  async ({ reach = (url: string) => url, media, voiceUrl, document: _none, fields: _more, ...line }) => {
    const signedUrl = voiceUrl.replace(/^http/, 'ws');
    const url = reach(signedUrl);
    return { type: 'media', caller: await dialPhone({ ...line, ...media, dialect, url, signedUrl, formats }) };
  };
