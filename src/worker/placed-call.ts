/** What is known of a call that was placed, and what follows from what is told of it. Pure: every process has it alike. */
import type { OutboundCall, OutboundNews, OutboundOutcome } from '../bridge/door.ts';
import type { AnsweredBy, Voicemail } from '../call/screening.ts';

/** As `GET /calls/ID` shows it. Times are ISO 8601. */
export interface PlacedCallState {
  /** Of the call's events and its recording, too. */
  id: string;
  /** The line it goes out by, by its name. */
  line: string;
  agent: string;
  to: string;
  from: string;
  /** `placing`: the carrier has not taken the order yet; `ringing`: it has, and nobody has answered; `talking`: on the line. */
  state: 'placing' | 'ringing' | 'talking' | 'ended';
  placedAt: string;
  answeredAt?: string;
  /** Who has answered, once that is known; `unknown`: nobody said a word. */
  answeredBy?: AnsweredBy;
  endedAt?: string;
  /** What became of it, once it has ended. */
  outcome?: OutboundOutcome;
  /** Why it ended, of a call that was answered: as its `call-end` says; else the carrier's own word, where it has one. */
  reason?: string;
  carrierCallId?: string;
  /** Of a call that was placed for a caller, to hand them over in person: what whoever answered has said; `there`: they wait for them. */
  person?: 'accepted' | 'declined' | 'there';
  /** The same: the caller is there, too. */
  callerThere?: true;
  /** Why it could not be placed. */
  error?: { code: string; message: string; requestId?: string };
}

/** One call, as processes tell each other of it. */
export interface PlacedCall {
  call: OutboundCall;
  voicemail: Voicemail;
  /** It was placed for a caller: what whoever answers is told of them. */
  summary?: string | undefined;
  state: PlacedCallState;
}

const ORDER = ['placing', 'ringing', 'talking', 'ended'] as const;

/** What is known once this is known too. A call never goes back: news of a ringing come late, and by other ways. */
export function advance(state: PlacedCallState, change: Partial<PlacedCallState>): PlacedCallState {
  if (state.state === 'ended') return { ...change, ...state };
  const isBack = change.state !== undefined && ORDER.indexOf(change.state) < ORDER.indexOf(state.state);
  return { ...state, ...change, ...(isBack && { state: state.state }) };
}

/** What a carrier's news changes. Of a call whose line is there the line tells more, so its answer changes nothing. */
export function changeBy(news: OutboundNews, atIso: string): Partial<PlacedCallState> {
  switch (news.type) {
    case 'ringing':
      return { state: 'ringing' };
    case 'answered':
      return { answeredAt: atIso };
    case 'answered-by':
      return { answeredBy: news.who };
    case 'there':
      return news.who === 'person' ? { person: 'there' } : { callerThere: true };
    case 'ended':
      return {
        ...{ state: 'ended', endedAt: atIso, outcome: news.outcome },
        ...(news.detail !== undefined && { reason: news.detail }),
      };
  }
}
