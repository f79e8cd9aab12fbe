/** How one talks: over the line of sound, by the browser's own speech, or by letters; and which of them this page has. */
import type { TalkStart } from '../messages.ts';
import { hasBrowserEar } from './browser-ear.ts';

export type Way = 'sound' | 'speech' | 'letters';

export interface WayOffered {
  way: Way;
  label: string;
  /** What it is made of. */
  note: string;
  /** Why it cannot be chosen; undefined when it can. */
  lacks: string | undefined;
}

export const hasBrowserVoice = (): boolean => 'speechSynthesis' in window && 'SpeechSynthesisUtterance' in window;

export function waysOffered({ services }: TalkStart): WayOffered[] {
  const [ear, voice] = [hasBrowserEar(), hasBrowserVoice()];
  const ownSpeech =
    ear && voice ? "this browser's own ear and voice" : voice ? "this browser's own voice; you type" : '';
  return [
    {
      way: 'sound',
      label: 'Microphone',
      note:
        services === 'real'
          ? 'Pulse hears, Lightning speaks'
          : 'simulated Pulse and Lightning: tones, which understand no people',
      lacks: navigator.mediaDevices === undefined ? 'this page may not use a microphone' : undefined,
    },
    {
      way: 'speech',
      label: "Browser's speech",
      note: ownSpeech,
      lacks: ownSpeech === '' ? 'this browser has neither an ear nor a voice' : undefined,
    },
    { way: 'letters', label: 'Letters', note: 'what is shown counts as heard', lacks: undefined },
  ];
}

export function standardWay({ services, prefersSound }: TalkStart, offered: readonly WayOffered[]): Way {
  const wanted: Way[] = services === 'real' || prefersSound ? ['sound', 'speech'] : ['speech'];
  return wanted.find((way) => offered.some((one) => one.way === way && one.lacks === undefined)) ?? 'letters';
}
