/** Between a call and whatever it lies on. */
import type { TransferOptions } from '../bridge/contract.ts';
import type { RingPerson } from './in-person.ts';
import type { Speaker, SpeakerListener } from '../speak/contract.ts';
import type { CallLine } from '../tool/contract.ts';
import type { Agent } from './agent.ts';

/** What carries a call: how it speaks, and what else its line can do. */
export interface CallMedium {
  /** Bridge name, as events and logs show it. */
  bridge: string;
  /**
   * `emitted` for text that is heard when it is shown; `reported` when the speaker tells what was heard; `line` when it
   * does, and the line speaks by itself: it cannot be silenced, and decides by itself what interrupts it.
   */
  heardBy: 'emitted' | 'reported' | 'line';
  speaker(listener: SpeakerListener): Speaker;
  /** The caller may have begun to speak, though it is not sure yet: it is within some 40 ms. Default: nobody can tell. */
  mayBeSpeaking?: (() => boolean) | undefined;
  /** R27: who speaks and listens from here on; nothing is to be heard at the moment. Default: a line without a voice. */
  become?: ((agent: Agent) => void) | undefined;
  /** What tools may do with the line; undefined when it can do nothing. */
  line?: CallLine | undefined;
  transfer?: ((to: string, options: TransferOptions) => Promise<void>) | undefined;
  /** Rings somebody to whom the caller is to be handed over in person; undefined where nobody can be put together with them. */
  ringPerson?: RingPerson | undefined;
  /** Plays this WAV file to a caller who waits, until the returned function is called; undefined where nothing can be. */
  playWhileWaiting?: ((file: string) => () => void) | undefined;
  /** The agent ends the call. */
  hangUp?: (() => void) | undefined;
  /** Whose services speak and hear, as traces name them; undefined where nobody is asked. */
  providers?: { voice: string; ear: string } | undefined;
}
