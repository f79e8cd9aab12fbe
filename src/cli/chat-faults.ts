/**
 * What escapes from a tool in `parley chat`, when nobody waits for it: it is told on standard error, with the exception and
 * its place, for whoever types here has written the tool; and the conversation goes on, as a call of `parley serve` does.
 */
import { createLog } from '../lib/log.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { guardProcess } from '../worker/faults.ts';
import { say } from './report.ts';

/** Of a stack, the message and the innermost places: the rest is Node's and ours. */
const MOST_LINES = 3;

/** Until the returned function is called. What is of unknown origin ends the process, as ever. */
export function guardChat(secrets: readonly string[]): () => void {
  let wasFatal = false;
  const log = createLog({
    level: 'error',
    showText: true,
    secrets,
    stream: {
      write(line) {
        const fields = parseJson(line);
        const told = isRecord(fields) ? fields : {};
        const { tool, msg, forMs } = told;
        if (tool === undefined && forMs !== undefined) return; // a slow machine, or Node itself
        wasFatal ||= tool === undefined;
        const what = tool === undefined ? 'an error that nobody caught, of a tool or of Parley itself' : String(msg);
        const whose = typeof tool === 'string' ? ` (\`${tool}\`)` : '';
        say(`parley: ${what}${whose}${typeof forMs === 'number' ? `, for ${forMs} ms` : ''}${stackOf(told['err'])}`);
      },
    },
  });
  const leave = () => {
    if (wasFatal) process.exit(1);
  };
  return guardProcess({ log, metrics: { fault: () => {} }, isTainted: leave, isLost: leave });
}

function stackOf(err: unknown): string {
  const stack = isRecord(err) ? (err['stack'] ?? err['message']) : undefined;
  return typeof stack === 'string' ? `\n  ${stack.split('\n', MOST_LINES).join('\n')}` : '';
}
