/** Tables that read well in a terminal and in Markdown: the same text serves both. */
import type { Check, Table } from './part.ts';

export function formatTable({ columns, rows }: Table): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => [...(row[at] ?? '')].length)));
  const line = (row: string[]) => `| ${widths.map((width, at) => pad(row[at] ?? '', width, at > 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at > 0 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}

export function formatChecks(checks: readonly Check[], predictions: Readonly<Record<string, string>>): string {
  const rows = checks.map(({ what, target, measured, isMet }) => {
    const verdict = isMet === undefined ? '' : isMet ? 'met' : 'NOT MET';
    return [what, target, predictions[what] ?? '', measured, verdict];
  });
  return formatTable({ title: '', columns: ['What', 'Target', 'Predicted', 'Measured', ''], rows });
}

function pad(text: string, width: number, isRight: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - [...text].length));
  return isRight ? blanks + text : text + blanks;
}
