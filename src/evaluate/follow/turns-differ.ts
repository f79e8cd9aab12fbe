/**
 * Whether a caller who does what they did still fits a call whose words are others: as long as it has called the same tools with
 * the same arguments, and asks for the same kind of thing. Pure.
 */
import { canonicalJson } from '../../lib/json.ts';
import { questionIn } from '../../listen/question.ts';
import { speechOf } from '../../listen/speech-of.ts';
import type { ToolUse, Turn } from '../../testing/result.ts';
import type { Divergence } from './follow.ts';

/** Of turns that are over, the first that does not fit. */
export function misfitIn(was: readonly Turn[], is: readonly Turn[], language: string): Divergence | undefined {
  for (const now of is) {
    if (now.number === 0 || now.outcome === undefined) continue;
    const before = was.find(({ number }) => number === now.number);
    if (before?.outcome === undefined) continue; // the call ended in it, or what was said in one turn has come to be two
    const what = toolsThatDiffer(before, now) ?? questionThatDiffers(before, now, language);
    if (what !== undefined) return { atMs: Math.round(now.fromMs), turn: now.number, what };
  }
  return undefined;
}

function toolsThatDiffer({ tools: was }: Turn, { tools: is }: Turn): string | undefined {
  const left = was.map(shapeOf);
  for (const use of is) {
    const at = left.indexOf(shapeOf(use));
    if (at === -1) return `it calls ${shapeOf(use)}, and did not`;
    left.splice(at, 1);
  }
  return left[0] === undefined ? undefined : `it called ${left[0]}, and does not`;
}

const shapeOf = ({ name, arguments: given }: ToolUse): string => `\`${name}\` ${canonicalJson(given)}`;

/** What was cut off may not have come to its question. */
function questionThatDiffers(was: Turn, is: Turn, language: string): string | undefined {
  if (was.outcome !== 'replied' || is.outcome !== 'replied') return undefined;
  const [before, now] = [was, is].map(({ text }) => askedIn(text, language));
  return before === now ? undefined : `it ${now}, and ${before} then`;
}

function askedIn(text: string, language: string): string {
  const { kind, slots } = questionIn(text, speechOf(language));
  if (kind === 'statement') return 'asks nothing';
  if (slots.length > 0) return `asks for ${[...slots].sort().join(' and ')}`;
  return (
    { 'yes-no': 'asks for a yes or a no', else: 'asks for anything else', either: 'asks which of several' }[
      kind as string
    ] ?? 'asks an open question'
  );
}
