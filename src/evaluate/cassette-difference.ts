/** Why a cassette has no answer to a request: what is other in it than in the nearest one that was recorded. Pure. */
import { canonicalJson, isRecord } from '../lib/json.ts';
import { keyOfPlace, type CallPlace, type Cassette, type RecordedRequest } from './cassette.ts';
import { messageThatDiffers } from './message-difference.ts';

export interface MissedRequest {
  cassette: Cassette;
  place: CallPlace;
  turn: number;
  step: number;
  request: RecordedRequest;
}

/** One sentence, for a report. */
export function differenceOf(missed: MissedRequest): string {
  const where = `no recorded answer to step ${missed.step} of turn ${missed.turn}`;
  return `${where}: ${whyMissed(missed)}. Record it anew (--record-model)`;
}

/** The part of a sentence that says it. */
export function whyMissed(missed: MissedRequest): string {
  const nearest = nearestTo(missed);
  return nearest ? whatDiffers(missed.cassette, nearest, missed.request) : 'nothing of it was recorded';
}

/** The one that was asked in the same place of the same call; else the one that begins as this one for longest. */
function nearestTo({ cassette, place, turn, step, request }: MissedRequest): RecordedRequest | undefined {
  const own = keyOfPlace(place);
  const score = (answer: (typeof cassette.answers)[number]) =>
    (keyOfPlace(answer) === own && answer.turn === turn && answer.step === step ? 1_000 : 0) +
    commonStart(answer.request.messages, request.messages);
  return [...cassette.answers].sort((a, b) => score(a) - score(b)).at(-1)?.request; // of equals the last: others were asked ahead
}

function commonStart(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((name, index) => name !== other[index]);
  return at === -1 ? one.length : at;
}

function whatDiffers(cassette: Cassette, was: RecordedRequest, is: RecordedRequest): string {
  if (was.options !== is.options) return optionThatDiffers(cassette.part(was.options), cassette.part(is.options));
  if (was.tools !== is.tools) return `the tools are others: ${toolsThatDiffer(cassette, was, is)}`;
  if (was.toolChoice !== is.toolChoice) return `\`tool_choice\` was ${was.toolChoice}, and is ${is.toolChoice}`;
  const at = commonStart(was.messages, is.messages);
  const part = (name: string | undefined) => (name === undefined ? undefined : cassette.part(name));
  return messageThatDiffers(at + 1, part(was.messages[at]), part(is.messages[at]));
}

function optionThatDiffers(was: unknown, is: unknown): string {
  const [before, now] = [isRecord(was) ? was : {}, isRecord(is) ? is : {}];
  const name = Object.keys({ ...before, ...now }).find(
    (key) => canonicalJson([before[key]]) !== canonicalJson([now[key]]),
  );
  const said = (value: unknown) => (value === undefined ? 'not set' : JSON.stringify(value));
  return `the model's \`${name ?? ''}\` was ${said(before[name ?? ''])}, and is ${said(now[name ?? ''])}`;
}

function toolsThatDiffer(cassette: Cassette, was: RecordedRequest, is: RecordedRequest): string {
  const [before, now] = [toolsByName(cassette.part(was.tools)), toolsByName(cassette.part(is.tools))];
  const names = [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name));
  return names.length > 0 ? names.map((name) => `\`${name}\``).join(', ') : 'their order';
}

function toolsByName(tools: unknown): Map<string, string> {
  const list: unknown[] = Array.isArray(tools) ? tools : [];
  return new Map(
    list.map((tool) => {
      const inner = isRecord(tool) && isRecord(tool['function']) ? tool['function'] : {};
      return [String(inner['name']), canonicalJson(tool)];
    }),
  );
}
