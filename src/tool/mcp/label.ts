/** What an MCP server is called where nobody has given it a name. */
import { isRecord } from '../../lib/json.ts';

/** What a server is called: short, and without what may be secret. */
export function labelOf(given: unknown): string {
  if (!isRecord(given)) return 'mcp';
  const { name, command, args, url } = given;
  if (typeof name === 'string' && name !== '') return name;
  if (typeof url === 'string' || url instanceof URL)
    return String(url)
      .replace(/[?#].*$/, '')
      .replace(/\/\/[^/@]*@/, '//');
  const what: unknown = Array.isArray(args)
    ? args.find((one) => typeof one === 'string' && !one.startsWith('-'))
    : undefined;
  return [command, what].filter((part) => typeof part === 'string').join(' ') || 'mcp';
}
