/**
 * A call on a line whose peer hears and speaks by itself: prompts -> machine -> text -> line. The peer stops by itself when
 * the caller cuts in, and tells so in any order with what they said or pressed; what it means is found out by the speaker,
 * and what follows from it by the machine.
 */
import type { TextLine, TextLineEvent } from '../bridge/contract.ts';
import { createTextSpeaker, type TextSpeaker } from '../speak/text-speaker.ts';
import type { Call } from './call.ts';
import { DigitCollector } from './digits.ts';
import { hearCommon, startOnLine, type CommonAnswerOptions } from './line.ts';
import type { Hearing } from './screening.ts';
import type { CallStarter } from './start.ts';
import { TOO_MANY_TURNS, TurnRate } from './turn-rate.ts';

export function answerText(parley: CallStarter, bridge: TextLine, options: CommonAnswerOptions): Call {
  const { clock } = parley;
  const { language } = options.agent.voice;
  const digits = new DigitCollector(clock);
  const rate = new TurnRate();
  let speaker: TextSpeaker | undefined;
  return startOnLine(parley, {
    bridge,
    options,
    digits,
    medium: {
      heardBy: 'line',
      become: ({ voice }) => speaker?.speakIn(voice.language),
      speaker: (listener) => (speaker = createTextSpeaker({ sink: bridge, clock, language }, listener)),
    },
    listen(call, hearing) {
      bridge.listen((event) => {
        const isTurn = event.type === 'prompt' && event.isFinal;
        const verdict = isTurn ? rate.take(clock.nowMs()) : 'passes';
        if (verdict === 'first') call.reportError('frame-invalid', TOO_MANY_TURNS);
        if (verdict === 'passes') hear(event, call, { hearing, speaker, digits });
      });
    },
  });
}

interface Parts {
  hearing: Hearing;
  speaker: TextSpeaker | undefined;
  digits: DigitCollector;
}

function hear(event: TextLineEvent, call: Call, { hearing, speaker, digits }: Parts): void {
  switch (event.type) {
    case 'prompt':
      speaker?.callerActs();
      call.transcript(event.text, event.isFinal);
      if (event.isFinal) hearing.callerTurn(event.text, 0);
      else hearing.callerSpeech('words', event.text);
      return;
    case 'interrupt':
      return speaker?.cutOff(event.heard);
    case 'spoken':
      return speaker?.spoken(event.text);
    case 'speaking':
      if (event.who === 'caller') return hearing.callerSpeech(event.isSpeaking ? 'start' : 'end');
      return event.isSpeaking ? speaker?.began() : speaker?.fellSilent();
    case 'backpressure':
      return; // text is little: the line keeps it
    case 'digit':
      speaker?.callerActs();
      return hearCommon(event, call, digits);
    default:
      return hearCommon(event, call, digits);
  }
}
