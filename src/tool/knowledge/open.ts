/** Opens what `knowledge({...})` stands for: the files are read, and searched by one tool. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { isRecord } from '../../lib/json.ts';
import { shown } from '../check.ts';
import { defineTool, type ToolDefinition } from '../define.ts';
import type { OpenedOrigin, OriginPlace, OriginProblem } from '../origin.ts';
import { READABLE } from './files.ts';
import { openLibrary, type Library } from './library.ts';
import { knowledgeName } from './options.ts';

const NAME = 'search_knowledge';
const DESCRIPTION =
  'Searches what this business has written down: prices, hours, rules, how things are done. Use it before you answer such a question, and answer by what it finds alone.';
/** A question takes milliseconds: no filler is missed, and `parley check` misses none. */
const MOST_MS = 1_000;
const NOTHING = 'Nothing in the files is about this. Say that you do not know, or search once more in other words.';

const Options = z.strictObject({
  files: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  name: z.string().optional(),
  description: z.string().optional(),
  filler: z.union([z.string(), z.array(z.string())]).optional(),
  passages: z.int().min(1).max(10).default(4),
});
const EXPECTED: Readonly<Record<string, string>> = {
  files: 'a file or a folder, or a list of them',
  passages: 'a whole number, 1 to 10',
};

/** Tells of mistakes in what it gives. */
export async function openKnowledge(given: unknown, { from, log, clock }: OriginPlace): Promise<OpenedOrigin> {
  const { success, data, error } = Options.safeParse(given);
  if (!success) return refused(error.issues.flatMap((issue) => problemsOf(issue, given)));
  const named = [data.files].flat();
  const { library, letGo } = await openLibrary({ paths: named.map((path) => resolve(from, path)), log, clock });
  const { files, passages, missing, unread } = library.state;
  const problems = named
    .filter((path) => missing.includes(resolve(from, path)))
    .map((path): OriginProblem => ({ field: 'files', expected: 'files and folders that are there', got: shown(path) }));
  if (problems.length === 0 && files === 0) {
    const got = unread.length === 0 ? 'none' : unread.join('; ');
    problems.push({ field: 'files', expected: `at least one file that can be read (${READABLE})`, got });
  }
  if (problems.length > 0) letGo();
  return {
    tools: problems.length > 0 ? [] : [searchTool(library, data)],
    problems,
    notices: unread.map((one) => `${knowledgeName(given)}: ${one}`),
    summary: `${knowledgeName(given)}: ${counted(files, 'file')}, ${counted(passages, 'passage')}`,
    close: letGo,
  };
}

function refused(problems: OriginProblem[]): OpenedOrigin {
  return { tools: [], problems, summary: 'knowledge', close: () => {} };
}

function problemsOf(issue: z.core.$ZodIssue, given: unknown): OriginProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(Options.shape).join(', ');
    return issue.keys.map((key) => ({
      ...{ field: key, expected: undefined },
      got: `\`${key}\` is not a field of knowledge: those are ${known}`,
    }));
  }
  const field = String(issue.path[0] ?? 'files');
  const got = shown(isRecord(given) ? given[field] : given);
  return [{ field, expected: EXPECTED[field] ?? 'a text', got }];
}

function searchTool(library: Library, options: z.output<typeof Options>): ToolDefinition {
  const { name = NAME, description = DESCRIPTION, filler, passages: most } = options;
  return defineTool({
    ...{ name, description, filler, effect: 'read' as const, timeoutMs: MOST_MS },
    input: z.object({
      question: z
        .string()
        .min(1)
        .max(500)
        .describe('What to look for, in a few telling words, in the language in which the files are written.'),
    }),
    run: ({ question }) => {
      const found = library.find(question, most);
      if (found.length === 0) return { passages: [], note: NOTHING };
      return {
        passages: found.map(({ file, line, heading, text }) => ({
          source: `${file}, line ${line}`,
          ...(heading !== '' && { heading }),
          text,
        })),
      };
    },
  });
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
