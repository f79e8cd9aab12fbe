/** Which tool is meant: the caller's words against the words of names, descriptions, choices and parameters. */
import { findDates, findTimes } from './dates.ts';
import { fill } from './fill.ts';
import type { Tool } from './tool.ts';
import { meaningOf, meaningsIn, meaningsInName } from './words.ts';

export interface Hit {
  tool: Tool;
  score: number;
  /** The meanings that spoke for it. */
  meanings: Set<string>;
  /** Whether one of them is in its name. */
  isByName: boolean;
}

/** How much a word in common is worth, by where the tool has it. */
const WORTH = { name: 3, choice: 2, description: 1.5, parameter: 0.75 } as const;
const THRESHOLD = 1.4;
/** Scores nearer than this are equal; then a tool that only looks goes first. */
const TIE = 0.3;
const EARLIER_WORTH = 0.2;

/** Doing one thing is no reason to do another: `cancel my appointment` is not for `book_appointment`. */
const ACTIONS = new Set(['book', 'cancel', 'chang', 'pay', 'transfer', 'refund', 'block', 'find']);

/** Turns of phrase whose words alone would mislead. */
const PHRASES: readonly [RegExp, string][] = [
  [/\bmake (?:an? |the )?(?=(?:new )?(?:appointment|reservation|booking))/gi, 'book '],
  [/\bmoney back\b/gi, 'refund'],
  [/\bon time\b/gi, 'status'],
  [/\bwhere(?:'s| is| are|'re)\b/gi, 'status '],
  [/\bhow much (?:money )?(?:do|have) i (?:have|got)\b/gi, 'balance'],
  [/\bhow much (?:is|are|does|do|would)\b/gi, 'price'],
  [/\bcall off\b/gi, 'cancel'],
  [/\b(?:speak|talk) (?:to|with)\b/gi, 'human'],
  [/\bput (?:me )?through\b/gi, 'transfer human'],
];

/** The words that tools are known by, put together once for a set of tools. */
export class ToolIndex {
  static readonly #known = new WeakMap<readonly Tool[], ToolIndex>();
  readonly #entries: Entry[];
  readonly #spread = new Map<string, number>();

  /** The same set of tools has the same index. */
  static of(tools: readonly Tool[]): ToolIndex {
    const known = ToolIndex.#known.get(tools);
    if (known) return known;
    const index = new ToolIndex(tools);
    ToolIndex.#known.set(tools, index);
    return index;
  }

  private constructor(tools: readonly Tool[]) {
    this.#entries = tools.filter((tool) => !tool.endsCall).map(entryOf);
    for (const { all } of this.#entries)
      for (const meaning of all) this.#spread.set(meaning, (this.#spread.get(meaning) ?? 0) + 1);
  }

  /** The tool that `text` is about, or `undefined`. What was said `earlier` only tips the scales. */
  choose(text: string, earlier = ''): Hit | undefined {
    const meanings = meaningsOf(text);
    if (findDates(text, ANY_DAY).length > 0 || findTimes(text).length > 0) meanings.add(A_DAY);
    const before = meaningsOf(earlier);
    const hits = this.#entries.flatMap((entry) => this.#score(entry, meanings, before) ?? []);
    const best = Math.max(...hits.map(({ score }) => score));
    const near = hits.filter(({ score }) => best - score < TIE);
    const reads = near.filter(({ tool }) => !tool.isWrite);
    const [first, ...others] = reads.length > 0 ? reads : near.toSorted((a, b) => b.score - a.score);
    if (others.length === 0) return first;
    return [first, ...others].toSorted((a, b) => shareGiven(b?.tool, text) - shareGiven(a?.tool, text))[0];
  }

  #score(entry: Entry, meanings: ReadonlySet<string>, before: ReadonlySet<string>): Hit | undefined {
    let score = 0;
    let described = 0;
    const shared = new Set<string>();
    for (const meaning of meanings) {
      const worth = worthOf(entry, meaning);
      if (worth === 0) continue;
      shared.add(meaning);
      score += worth / Math.sqrt(this.#spread.get(meaning) ?? 1);
      if (worth < WORTH.choice) described++;
    }
    const isSearchForDay = shared.has('find') && shared.has(A_DAY);
    const telling = [...shared].filter((meaning) => meaning !== 'find' || entry.name.size === 1 || isSearchForDay);
    const isByName = telling.some((meaning) => entry.name.has(meaning));
    const isByChoice = telling.some((meaning) => entry.choices.has(meaning));
    if (telling.length === 0 || !(isByName || isByChoice || described >= 2 || shared.has('human'))) return undefined;
    if (isOtherAction(entry, meanings)) score *= 0.4;
    if (score < THRESHOLD) return undefined;
    // Nouns alone are no order to change anything.
    if (entry.tool.isWrite && !meanings.has(entry.action)) score *= 0.5;
    for (const meaning of before)
      if (!meanings.has(meaning)) score += EARLIER_WORTH * Math.min(1, worthOf(entry, meaning));
    return { tool: entry.tool, score, meanings: shared, isByName };
  }
}

/** Stands for a day or a time among the meanings. */
const A_DAY = 'a day';
const ANY_DAY = '2000-01-01';

/** How many of the required parameters `text` itself gives. */
function shareGiven(tool: Tool | undefined, text: string): number {
  const required = tool?.parameters.filter(({ isRequired }) => isRequired) ?? [];
  if (!tool || required.length === 0) return 0;
  const filled = fill(tool, { own: [{ text }], earlier: [], results: [], today: ANY_DAY });
  return required.filter(({ name }) => name in filled.arguments).length / required.length;
}

interface Entry {
  tool: Tool;
  /** The meaning of the verb that its name begins with. */
  action: string;
  name: Set<string>;
  description: Set<string>;
  choices: Set<string>;
  parameters: Set<string>;
  all: Set<string>;
}

function entryOf(tool: Tool): Entry {
  const name = meaningsInName(tool.name);
  const description = meaningsIn(tool.description);
  const choices = new Set<string>();
  const parameters = new Set<string>();
  for (const parameter of tool.parameters) {
    if (parameter.kind === 'date' || parameter.kind === 'time' || parameter.kind === 'moment') parameters.add(A_DAY);
    for (const choice of parameter.choices) {
      // Of several words each alone says little: `too_late` has nothing to do with being late.
      const meanings = typeof choice === 'string' ? [...meaningsInName(choice)] : [];
      const isDay = findDates(String(choice), ANY_DAY).length > 0;
      if (meanings.length === 1 && meanings[0] !== undefined && meanings[0] !== 'find' && !isDay)
        choices.add(meanings[0]);
    }
    for (const meaning of meaningsIn(parameter.words.join(' '))) parameters.add(meaning);
    for (const meaning of meaningsIn(parameter.description)) parameters.add(meaning);
  }
  return {
    tool,
    action: meaningOf(tool.words[0] ?? ''),
    name,
    description,
    choices,
    parameters,
    all: new Set([...name, ...description]),
  };
}

function worthOf({ name, choices, description, parameters }: Entry, meaning: string): number {
  if (name.has(meaning) || (meaning === 'human' && description.has(meaning))) return WORTH.name;
  if (choices.has(meaning)) return WORTH.choice;
  if (description.has(meaning)) return WORTH.description;
  return parameters.has(meaning) ? WORTH.parameter : 0;
}

function isOtherAction({ name, description }: Entry, meanings: ReadonlySet<string>): boolean {
  const asked = [...meanings].filter((meaning) => ACTIONS.has(meaning));
  const offered = [...name].filter((meaning) => ACTIONS.has(meaning));
  return (
    asked.length > 0 && offered.length > 0 && !asked.some((meaning) => name.has(meaning) || description.has(meaning))
  );
}

function meaningsOf(text: string): Set<string> {
  return meaningsIn(PHRASES.reduce((plain, [form, meaning]) => plain.replace(form, meaning), text));
}
