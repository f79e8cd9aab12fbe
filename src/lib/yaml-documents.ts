/** The documents of a YAML file, each value with the line that it stands in. The parser is loaded when the first file is read. */
import { messageOf } from './thrown.ts';

/** A place in the file; both from 1. */
export interface YamlPlace {
  line: number;
  column: number;
}

/** A document that is not empty. */
export interface YamlDocument {
  value: unknown;
  /** Where the value at `path` stands, or its key, or the nearest thing that is there. */
  placeOf: (path: readonly PropertyKey[], isKey?: boolean) => YamlPlace;
}

/** Something that is no YAML. */
export interface YamlProblem extends YamlPlace {
  message: string;
}

/** Documents that are broken are told of, and are not among `documents`. */
export async function readYamlDocuments(text: string): Promise<{ documents: YamlDocument[]; problems: YamlProblem[] }> {
  const { parseAllDocuments, LineCounter, isMap, isNode, isPair, isScalar } = await import('yaml');
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(parsed)) return { documents: [], problems: [] };
  const at = (offset: number): YamlPlace => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const broken = parsed.flatMap(({ errors }) => errors.map(({ pos, message }) => ({ ...at(pos[0]), message })));
  if (broken.length > 0) return { documents: [], problems: broken };
  const documents: YamlDocument[] = [];
  const problems: YamlProblem[] = [];
  for (const document of parsed) {
    if (document.contents === null) continue;
    const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
    const keyAt = (path: readonly PropertyKey[]): number | undefined => {
      const owner = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
      const pair = isMap(owner)
        ? owner.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))
        : undefined;
      return isPair(pair) ? startOf(pair.key) : undefined;
    };
    const placeOf = (path: readonly PropertyKey[], isKey = false): YamlPlace => {
      for (let length = path.length; length > 0; length--) {
        const part = path.slice(0, length);
        const offset =
          (isKey && length === path.length ? keyAt(part) : undefined) ??
          startOf(document.getIn(part, true)) ??
          keyAt(part);
        if (offset !== undefined) return at(offset);
      }
      return at(startOf(document.contents) ?? document.range[0]);
    };
    try {
      documents.push({ value: document.toJS() as unknown, placeOf });
    } catch (error) {
      // aliases are followed here: to nothing, or to far too much
      problems.push({ ...placeOf([]), message: `${messageOf(error)}. An anchor holds in its own document alone` });
    }
  }
  return { documents, problems };
}
