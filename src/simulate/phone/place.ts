/** A whole call by one carrier, from the ringing on, where audio is all that there is. */
import type { DialOptions } from './connect.ts';
import type { DialMediaOptions, MediaCaller } from './media.ts';

export interface PlaceAudioOptions extends Omit<DialOptions, 'url' | 'signedUrl'> {
  /** The worker's webhook, as the world knows it. */
  voiceUrl: string;
  /** Where an address of the worker's is really reached. Default: as it is written. */
  reach?: (publicUrl: string) => string;
  /** What the call runs at first. Default: what the webhook answers. */
  document?: string;
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
