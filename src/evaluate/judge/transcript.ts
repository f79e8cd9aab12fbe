/**
 * A call as a judge reads it: numbered turns with what was heard, the silences, the tools and what they answered. What was
 * said in it is data and nothing else: each text stands as a JSON string in a JSON document.
 */
import { turnsOf } from '../../testing/turns.ts';
import type { CallResult, Turn } from '../../testing/result.ts';

export interface JudgedTurn {
  turn: number;
  caller?: string;
  /** What the caller heard; what the agent wrote where nothing can be heard. */
  agent: string;
  cutOff?: true;
  waitedMs?: number;
  silentMs: number;
  tools: { name: string; arguments: unknown; result?: unknown; error?: string }[];
}

export interface Transcript {
  turns: JudgedTurn[];
  ended?: string;
}

export function transcriptOf(call: CallResult): Transcript {
  const turns = turnsOf(call)
    .map(judgedTurn)
    .filter(({ agent, caller, tools }) => agent !== '' || caller !== undefined || tools.length > 0);
  return { turns, ...(call.end && { ended: call.end.reason }) };
}

function judgedTurn({ number, said, heard, tools, latencyMs, deadAirMs, interruption }: Turn): JudgedTurn {
  return {
    turn: number,
    ...(said !== '' && { caller: said }),
    agent: heard,
    ...(interruption && { cutOff: true as const }),
    ...(latencyMs !== undefined && { waitedMs: Math.round(latencyMs) }),
    silentMs: Math.round(deadAirMs),
    tools: tools.map(({ name, arguments: given, result, error }) => ({
      name,
      arguments: given,
      ...(result !== undefined && { result }),
      ...(error !== undefined && { error }),
    })),
  };
}

/** Whether these very words stand in that turn: of the caller, the agent, or a tool. */
export function stands(quote: string, turn: number, { turns }: Transcript): boolean {
  const wanted = plain(quote);
  const one = turns.find((each) => each.turn === turn);
  if (wanted === '' || !one) return false;
  const texts = [one.caller ?? '', one.agent, ...one.tools.map((tool) => JSON.stringify(tool))];
  return texts.some((text) => plain(text).includes(wanted));
}

/** Spaces, case and the kind of a quotation mark are no words. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/\s+/g, ' ')
    .trim();
