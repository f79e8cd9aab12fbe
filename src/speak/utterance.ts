/** What a speaker knows of one utterance while it is spoken. */
import type { Converter } from '../audio/convert.ts';
import type { Alignment } from './alignment.ts';
import type { ClauseCutter } from './clauses.ts';
import type { SpeechCleaner } from './clean.ts';
import type { RenderedSpeech, Synthesis } from './contract.ts';

/** One utterance, from text to what was heard of it. */
export interface Utterance {
  number: number;
  /** Characters given to `say`. */
  said: number;
  /** R24: those given to `prepare` that have not been said since. */
  prepared: number;
  /** When the last ones were; infinite once that was looked at. */
  saidAtMs: number;
  cleaner: SpeechCleaner;
  cutter: ClauseCutter;
  alignment: Alignment;
  /** What can be said of the cleaned text, clause by clause, each with its place in it. */
  clauses: { text: string; at: number }[];
  /** Of the cleaned text so far. */
  length: number;
  /** What a known phrase may be, until it is clear whether more is said. */
  phrase: { text: string; speech: RenderedSpeech } | undefined;
  synthesis: Synthesis | undefined;
  converter: Converter | undefined;
  hasAudio: boolean;
  isFlushed: boolean;
  /** The caller has begun to hear it. */
  isStarted: boolean;
  /** Characters reported as heard. */
  reported: number;
}
