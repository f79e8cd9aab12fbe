/** A telephone whose carrier speaks as Vonage does: audio in messages of exactly one frame, events as texts. */
import type { AudioFormat } from '../../audio/contract.ts';
import { messageBytesOf, readVonageCommand, vonageEvents } from '../../bridge/binary/vonage-like/wire.ts';
import type { PhoneCall, PhoneSpeech } from './dialect.ts';

/** `name`: of the bridge, for errors. The parameters of the call are the headers that its socket was given. */
export const vonageLikeSpeech =
  (name: string) =>
  ({ formats, parameters }: PhoneCall): PhoneSpeech => ({
    begin: () => [vonageEvents.connected(formats.inFormat, parameters)],
    audio: (audio) => audio,
    digit: (digit) => vonageEvents.digit(digit),
    // what is pending when the buffer is cleared is never told
    mark: (mark, { isCleared }) => (isCleared ? undefined : vonageEvents.notify(mark)),
    cleared: () => vonageEvents.cleared(),
    end: () => undefined,
    read: (data, isBinary) => [isBinary ? { type: 'audio', audio: data } : readVonageCommand(name, data.toString())],
  });

/** As its log has it. */
export function refusesOtherFrames(audio: Uint8Array, format: AudioFormat): string | undefined {
  const required = messageBytesOf(format);
  return audio.length === required ? undefined : `unexpected frame size ${audio.length}, when required ${required}`;
}
