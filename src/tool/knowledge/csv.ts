/** Tables as text (RFC 4180, and with `;` or tabs between fields): each row is read with the names of its columns. */
import type { Block } from './passage.ts';

interface Row {
  line: number;
  fields: string[];
}

/** The first row names the columns. Total: a quote that never ends goes to the end of the file. */
export function readCsv(text: string): Block[] {
  const [head, ...rows] = rowsOf(text, separatorOf(text));
  if (!head) return [];
  return rows.map(({ line, fields }) => ({ line, heading: fields[0] ?? '', text: toldAs(head.fields, fields) }));
}

/** `Service: Cleaning; Price: 60 euros`. */
function toldAs(names: readonly string[], fields: readonly string[]): string {
  return fields.flatMap((field, at) => (field === '' ? [] : names[at] ? `${names[at]}: ${field}` : field)).join('; ');
}

/** The one that stands most often in the first line. */
function separatorOf(text: string): string {
  const [first = ''] = text.split('\n', 1);
  const counted = [',', ';', '\t'].map((one) => ({ one, times: first.split(one).length }));
  return counted.reduce((most, next) => (next.times > most.times ? next : most)).one;
}

function rowsOf(text: string, separator: string): Row[] {
  const rows: Row[] = [];
  let [row, field, line, from]: [string[], string, number, number] = [[], '', 1, 1];
  let isQuoted = false;
  const endRow = () => {
    row.push(field.trim());
    if (row.some((one) => one !== '')) rows.push({ line: from, fields: row });
    [row, field, from] = [[], '', line];
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\n') line++;
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[++at];
      else isQuoted = false;
    } else if (character === '"' && field.trim() === '') [isQuoted, field] = [true, ''];
    else if (character === separator) {
      row.push(field.trim());
      field = '';
    } else if (character === '\n') endRow();
    else if (character !== '\r') field += character;
  }
  endRow();
  return rows;
}
