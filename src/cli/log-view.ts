/** Log lines for a person who watches: the time, how bad it is, what happened, and the facts. Programs get the JSON. */
import { isRecord, parseJson } from '../lib/json.ts';
import { sentenceOf } from './log-sentences.ts';
import { paint } from './report.ts';
import { wrapText } from './text-width.ts';

const LEVELS: Record<number, string> = {
  10: paint.dim('trace'),
  20: paint.dim('debug'),
  30: 'info ',
  40: paint.yellow('warn '),
  50: paint.red('error'),
  60: paint.red('fatal'),
};

/** For `createLog`. `columns`: of the terminal, asked anew for every line; undefined where there is no edge. */
export function logView(
  write: (text: string) => void,
  columns: () => number | undefined = () => undefined,
): { write: (line: string) => void } {
  return { write: (line) => write(`${wrapText(formatLine(line), columns())}\n`) };
}

/** What is no JSON object stays as it is. */
export function formatLine(line: string): string {
  const fields = parseJson(line);
  if (!isRecord(fields)) return line.trimEnd();
  const { level, time, msg, ...facts } = fields;
  const clock = typeof time === 'number' ? new Date(time).toTimeString().slice(0, 8) : '';
  const sentence = sentenceOf(msg, facts);
  const told = Object.entries(sentence?.rest ?? facts).map(([name, value]) => `${name}=${shown(value)}`);
  const text = sentence?.text ?? (typeof msg === 'string' ? msg : '');
  return [paint.dim(clock), LEVELS[Number(level)] ?? '     ', text, told.length === 0 ? '' : paint.dim(told.join(' '))]
    .join('  ')
    .trimEnd();
}

/** As JSON, without the quotes of what can be read without. */
function shown(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"{},=]+$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  // indented, whatever it holds, so that no line of it looks like one of the log
  if (typeof value['stack'] === 'string') return value['stack'].replace(/\n\s*/g, '\n    ');
  const told = Object.entries(value).map(([name, one]) => `${name}:${shown(one)}`);
  return `{${told.join(',')}}`;
}
