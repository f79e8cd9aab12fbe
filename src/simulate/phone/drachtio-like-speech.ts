/**
 * A telephone behind `mod_audio_fork`, which plays nothing until so many samples are there: a tail that is shorter stays where
 * it is until more comes, and a mark behind it is told at once.
 */
import { bytesPerSample } from '../../audio/contract.ts';
import { drachtioEvents, readDrachtioCommand } from '../../bridge/binary/drachtio-like/wire.ts';
import type { PhoneCall, PhoneCommand, PhoneSpeech } from './dialect.ts';
import type { PhoneData } from './link.ts';

/** Before anything was played, and afterwards. */
const FIRST_SAMPLES = 1_280;
const NEXT_SAMPLES = 640;

export class DrachtioSpeech implements PhoneSpeech {
  readonly #name: string;
  readonly #start: string;
  readonly #sampleBytes: number;
  #waiting: Buffer = Buffer.alloc(0);
  #hasPlayed = false;

  /** `name`: of the bridge, for errors. `facts`: the first text. */
  constructor(name: string, call: PhoneCall, facts: object) {
    this.#name = name;
    this.#start = JSON.stringify(facts);
    this.#sampleBytes = bytesPerSample(call.formats.outFormat);
  }

  begin(): PhoneData[] {
    return [this.#start];
  }

  audio(audio: Uint8Array): PhoneData {
    return audio;
  }

  digit(digit: string): string {
    return drachtioEvents.digit(digit);
  }

  mark(name: string, { isCleared }: { isCleared: boolean }): string {
    return drachtioEvents.mark(name, isCleared ? 'cleared' : 'playout');
  }

  cleared(): undefined {
    this.#waiting = Buffer.alloc(0);
  }

  end(): Uint8Array {
    return new Uint8Array(0); // as it does when it is shut down gracefully
  }

  read(data: Buffer, isBinary: boolean): PhoneCommand[] {
    if (isBinary) return this.#play(data);
    const command = readDrachtioCommand(this.#name, data.toString());
    switch (command.type) {
      case 'bye':
      case 'transfer': // whoever runs the call takes it from here
        return [{ type: 'stop' }];
      default:
        return [command];
    }
  }

  #play(data: Buffer): PhoneCommand[] {
    this.#waiting = Buffer.concat([this.#waiting, data]);
    const least = (this.#hasPlayed ? NEXT_SAMPLES : FIRST_SAMPLES) * this.#sampleBytes;
    if (this.#waiting.length < least) return [];
    const audio = this.#waiting;
    this.#waiting = Buffer.alloc(0);
    this.#hasPlayed = true;
    return [{ type: 'audio', audio }];
  }
}
