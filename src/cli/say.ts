/** `parley say`: a text in a voice, as a WAV file, to hear it before it answers the phone. */
import { writeFile } from 'node:fs/promises';
import { SampleReader } from '../audio/convert.ts';
import { writeWav } from '../audio/wav.ts';
import { DEFAULT_VENDORS, vendorNamed, vendorsWith } from '../call/vendors.ts';
import type { Clock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import { silentLog } from '../lib/log.ts';
import { Places } from '../lib/places.ts';
import { findSystemVoice } from '../simulate/system-voice.ts';
import { fileError } from '../lib/file-error.ts';
import { print, say } from './report.ts';
import { seconds } from './units.ts';

export interface SayOptions {
  voice: string;
  model?: string;
  language?: string;
  out?: string;
  simulate?: boolean;
}

/** @throws {VoiceError} when there is no such voice, or the service or the file fails. */
export async function sayWithVoice(text: string, options: SayOptions, clock: Clock): Promise<void> {
  const vendor = vendorNamed(DEFAULT_VENDORS.voice, 'voice', vendorsWith().voices);
  const known = (await vendor.catalogue?.({}))?.voices.find(({ id }) => id === options.voice);
  const { model = known?.model, language = known?.languages[0] } = options;
  const { success, data, error } = vendor.options.safeParse({ id: options.voice, model, language });
  if (!success) throw new VoiceError('options-invalid', error.issues[0]?.message ?? 'there is no such voice');
  const service = await openService(options.simulate ?? false);
  const places = () => new Places(1, clock);
  const voice = await vendor.create({ settings: service.settings, places, clock, log: silentLog });
  try {
    const { signal } = new AbortController();
    const { format, audio } = await voice.render(text, data, signal);
    const samples = new SampleReader(format).read(audio);
    const file = options.out ?? `${options.voice}.wav`;
    const wav = writeWav({ sampleRateHz: format.sampleRateHz, channels: [samples] });
    await writeFile(file, wav).catch((cause: unknown) => Promise.reject(fileError('write', file, cause)));
    print(`${file}: ${seconds((samples.length / format.sampleRateHz) * 1_000)} of ${options.voice}`);
  } finally {
    await voice.close();
    await service.close();
  }
}

/** The real one with a key; else its stand-in, which is said. */
async function openService(isSimulated: boolean) {
  const apiKey = process.env['SMALLEST_API_KEY']?.trim() || undefined;
  if (apiKey !== undefined && !isSimulated) {
    const baseUrl = process.env['SMALLEST_BASE_URL']?.trim().replace(/\/+$/, '');
    return { settings: { apiKey, ...(baseUrl && { baseUrl }) }, close: async () => {} };
  }
  const system = await findSystemVoice();
  const why = isSimulated ? '' : 'SMALLEST_API_KEY is not set, so ';
  say(`parley: ${why}a stand-in speaks, with ${system?.name ?? 'tones'}: it sounds the same for every voice.`);
  const { startStandIns } = await import('../simulate/stand-ins.ts');
  const standIns = await startStandIns({ voice: system?.voice });
  return { settings: standIns.settings[DEFAULT_VENDORS.voice], close: () => standIns.close() };
}
