/**
 * The speech services outside of calls, as `parley-voice/services`: whole texts to speech, recordings to text, voices,
 * clones and pronunciation dictionaries. Apart from the main entry, so that who does not need them does not load them.
 */
export { transcribeFile, type FileTranscript, type TranscribeFileOptions } from './listen/pulse/transcribe-file.ts';
export {
  createDictionary,
  deleteDictionary,
  listClones,
  listDictionaries,
  listVoices,
  speakStreaming,
  speakWhole,
  updateDictionary,
  type LightningAccount,
  type LightningClone,
  type LightningVoice,
  type Pronunciation,
  type PronunciationDictionary,
  type SpeechOptions,
} from './speak/lightning/http.ts';
export type { LightningVoiceOptions } from './speak/lightning/voices.ts';
export type { VoiceOptions } from './speak/contract.ts';
export type { AudioFormat } from './audio/contract.ts';
