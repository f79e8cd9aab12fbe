/** What a server has answered, as something that a model reads: JSON where it is JSON, words where it is words. */
import { z } from 'zod';
import { isRecord, parseJson } from '../../lib/json.ts';
import { ToolError } from '../define.ts';

const Part = z.looseObject({ type: z.string() });
const Result = z.looseObject({
  content: z.array(Part).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});
type Part = z.output<typeof Part>;

/** @throws {ToolError} when the server says that the tool has failed, in its words. {TypeError} when it is no result of a tool. */
export function readMcpResult(tool: string, answer: unknown): unknown {
  const { success, data } = Result.safeParse(answer);
  if (!success) throw new TypeError(`Expected the result of a tool, got ${JSON.stringify(answer)?.slice(0, 200)}`);
  const { content, structuredContent, isError } = data;
  const isStructured = structuredContent !== undefined && structuredContent !== null;
  if (isError) {
    const words = wordsOf(content) || (isStructured ? JSON.stringify(structuredContent) : '');
    throw new ToolError(words || `The tool \`${tool}\` failed, and did not say why.`);
  }
  if (isStructured) return structuredContent;
  const read = content.map(readPart).filter((part) => part !== '');
  if (read.length === 0) return { done: true };
  return read.length === 1 ? read[0] : read;
}

const wordsOf = (content: readonly Part[]): string =>
  content
    .flatMap(({ text }) => (typeof text === 'string' ? text : []))
    .join('\n')
    .trim();

function readPart(part: Part): unknown {
  switch (part.type) {
    case 'text':
      return asData(textOf(part['text'], ''));
    case 'resource':
      return readResource(part['resource']);
    case 'resource_link':
      return { link: part['uri'], ...named(part), note: 'What it leads to was not read.' };
    case 'image':
    case 'audio':
      return `(${part.type === 'image' ? 'a picture' : 'a sound'}, ${textOf(part['mimeType'], 'of unknown kind')}, that cannot be read here)`;
    default:
      return `(something of the kind \`${part.type.slice(0, 40)}\`, that cannot be read here)`;
  }
}

function readResource(resource: unknown): unknown {
  if (!isRecord(resource)) return '(an empty resource)';
  const { uri, text, mimeType } = resource;
  if (typeof text === 'string') return { uri, text: asData(text) };
  return { uri, note: `It is ${textOf(mimeType, 'no text')}, and cannot be read here.` };
}

const textOf = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

const named = ({ name, description }: Part) => ({
  ...(typeof name === 'string' && { name }),
  ...(typeof description === 'string' && { description }),
});

/** JSON that stands in a text would be written as a text once more, and cost the model twice. */
function asData(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  const data = parseJson(text);
  return typeof data === 'object' && data !== null ? data : text;
}
