/** What `knowledge` is given, and how it is called in messages. */
import { isRecord } from '../../lib/json.ts';

/** What is searched, and how the model is told of it. */
export interface KnowledgeOptions {
  /**
   * Files and folders, relative to the agent file: Markdown, text, HTML and CSV, in UTF-8. Of a folder all that it holds counts, and
   * its folders, but for what begins with a dot.
   */
  files: string | readonly string[];
  /** Of the tool. Default `search_knowledge`. */
  name?: string | undefined;
  /** When the model is to use it: what the files are about. Default: says only that it searches the files of the business. */
  description?: string | undefined;
  /** A phrase, or several, for when the model says nothing before it searches. Default: none, since it takes milliseconds. */
  filler?: string | readonly string[] | undefined;
  /** The most passages in an answer, 1 to 10; each has at most 900 characters. Default 4. */
  passages?: number | undefined;
}

/** For messages. */
export function knowledgeName(options: unknown): string {
  const files: unknown = isRecord(options) ? options['files'] : undefined;
  const named = [files].flat().filter((one) => typeof one === 'string');
  return ['knowledge', named.join(', ')].join(' ').trim();
}
