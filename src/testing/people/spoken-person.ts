/**
 * A person on a telephone line of their own, in virtual time: Parley speaks to them as to anybody whom it has rung for a
 * caller, they hear it, and answer by a key or in words.
 */
import type { FrameClock } from '../../audio/frame-clock.ts';
import type { Agent } from '../../call/agent.ts';
import { answer } from '../../call/phone.ts';
import type { CallStarter } from '../../call/start.ts';
import { TRANSFERRED } from '../../call/transfers.ts';
import { PAUSE_MS, speakCaller } from '../line/caller-sounds.ts';
import { EarStandIn } from '../line/ear.ts';
import { VirtualLine } from '../line/virtual-line.ts';
import { VoiceStandIn } from '../line/voice.ts';
import { understand } from '../phone.ts';
import { THINKS_MS } from './manner.ts';
import type { AnsweredPerson, Answering } from './played-people.ts';

export interface SpokenPersonParts {
  parley: CallStarter;
  agent: Agent;
  frameClock: FrameClock;
  /** The number that the caller has called, which they see. */
  from: string;
}

/** From the ear piece to the ear. */
const PICKS_UP_MS = 300;
const HELLO = 'Hello?';
const MACHINE = 'You have reached the voicemail of this number. Please leave a message after the tone.';

/** Has somebody pick up. */
export function answerSpoken(
  { parley, agent, frameClock, from }: SpokenPersonParts,
  { callId, order, manner, told }: Answering,
): AnsweredPerson {
  const { clock } = parley;
  const { does, thinksMs = THINKS_MS, says } = manner;
  const { to, summary } = order;
  const line = new VirtualLine({ clock, caller: { carrierCallId: '', from, to, parameters: {} } });
  const speech = { synthesizer: new VoiceStandIn(clock), transcriber: new EarStandIn(clock), frameClock };
  const say = (text: string) => void line.say(speakCaller(text, PAUSE_MS).samples);
  const reply = () => {
    if (does === 'hangs-up') return line.end('caller-hung-up');
    if (says !== undefined) return say(says);
    line.press(does === 'accepts' ? '1' : '2');
  };
  answer(parley, line, {
    ...{ agent, speech, callId },
    outbound: {
      ...{ voicemail: { type: 'hang-up' }, call: { from, to, parameters: {} } },
      consult: {
        ...{ summary, meeting: callId },
        told: (what) => told({ type: what === 'there' ? 'person-there' : what }),
      },
    },
    listen: (call) => {
      call.on('answered-by', ({ who }) => told({ type: 'answered', who: who === 'machine' ? 'machine' : 'person' }));
      call.on('reply-audio-end', () => void (does === 'voicemail' || clock.after(thinksMs, reply)));
      call.on('call-end', ({ reason }) => {
        if (reason !== TRANSFERRED) told({ type: 'person-gone', outcome: 'completed' });
      });
    },
  });
  clock.after(PICKS_UP_MS, () => say(does === 'voicemail' ? MACHINE : HELLO));
  return {
    heard: () => wordsOn(line),
    letGo: () => line.end('let-go'),
  };
}

const wordsOn = ({ heard }: VirtualLine): string =>
  understand(heard)
    .map(({ text }) => text)
    .join(' ');
