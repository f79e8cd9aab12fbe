/** The fields of an agent file as an editor shows them, and the page that is made of them: `docs/agent.md`. */
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { z } from 'zod';
import { PulseOptions } from '../../../src/listen/pulse/options.ts';
import { ModelOptions } from '../../../src/model/electron/request.ts';
import { LightningOptions } from '../../../src/speak/lightning/options.ts';
import { Phrases, TurnOptions } from '../../../src/turn/options.ts';
import { buildTypes, type BuiltTypes } from './built-types.ts';

export interface Field {
  name: string;
  /** What the editor shows when somebody points at it. */
  hover: string;
  type: string;
  isRequired: boolean;
  /** Of a field that is a number or a text, what the schema says. */
  schema: FieldSchema | undefined;
}

export interface FieldSchema {
  minimum?: number;
  maximum?: number;
  default?: unknown;
}

export interface Section {
  /** The field of the agent file; empty for the file itself. */
  name: string;
  fields: Field[];
}

const SCHEMAS = {
  model: ModelOptions,
  voice: LightningOptions,
  listen: PulseOptions,
  turn: TurnOptions,
  phrases: Phrases,
};

export function readSections(): Section[] {
  const types = buildTypes();
  const input = interfaceOf(types, 'call/agent.ts', 'AgentInput');
  const names = Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[];
  const own: Section = { name: '', fields: fieldsOf(types, input) };
  return [own, ...names.map((name) => sectionOf(types, input, name))];
}

function interfaceOf(types: BuiltTypes, source: string, name: string): ts.Type {
  const found = types
    .file(source)
    .statements.find((each) => ts.isInterfaceDeclaration(each) && each.name.text === name);
  if (!found || !ts.isInterfaceDeclaration(found)) throw new Error(`${source} has no interface ${name}`);
  return types.checker.getTypeAtLocation(found.name);
}

/** Of a choice of vendors, what may be said of the one that need not be named. */
function sectionOf(types: BuiltTypes, input: ts.Type, name: keyof typeof SCHEMAS): Section {
  const { checker } = types;
  const symbol = input.getProperty(name);
  if (!symbol) throw new Error(`An agent file has no field ${name}`);
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(symbol));
  const choices = type.isUnion() ? type.types : [type];
  const listed = choices.find((choice) => {
    const isOwn = checker.getIndexInfosOfType(choice).length > 0 || choice.getProperty('close') !== undefined;
    const vendor = choice.getProperty('vendor');
    return !isOwn && (vendor === undefined || (vendor.flags & ts.SymbolFlags.Optional) !== 0);
  });
  if (!listed) throw new Error(`The field ${name} has no choice that need not be named`);
  const { properties = {} } = z.toJSONSchema(SCHEMAS[name], { io: 'input', unrepresentable: 'any' });
  const fields = fieldsOf(types, listed).filter((field) => field.name !== 'vendor');
  return { name, fields: fields.map((field) => ({ ...field, schema: flat(properties[field.name]) })) };
}

/** Of a choice, the branch that is a number. */
function flat(schema: unknown): FieldSchema | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const { anyOf = [] } = schema as { anyOf?: FieldSchema[] };
  return Object.assign({}, ...anyOf, schema) as FieldSchema;
}

function fieldsOf({ checker }: BuiltTypes, type: ts.Type): Field[] {
  return checker.getPropertiesOfType(type).map((symbol) => {
    const own = checker.getNonNullableType(checker.getTypeOfSymbol(symbol));
    return {
      name: symbol.name,
      hover: ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, ' ').trim(),
      type: checker.typeToString(own, undefined, ts.TypeFormatFlags.NoTruncation),
      isRequired: !(symbol.flags & ts.SymbolFlags.Optional),
      schema: undefined,
    };
  });
}

const HEADINGS: Readonly<Record<string, string>> = {
  model: '## `model`: who thinks\n\n`vendor` is `electron` when it is left out.',
  voice: '## `voice`: who speaks\n\n`vendor` is `lightning` when it is left out. `parley voices` lists the voices.',
  listen: '## `listen`: who hears\n\n`vendor` is `pulse` when it is left out.',
  turn: '## `turn`: timings and numbers\n\nThe defaults are those of a telephone call in English.',
  phrases:
    '## `phrases`: what the agent says when the model does not\n\nEach is one phrase, or several that take turns. They are made ahead, so that they can be said when nothing else can. In another language, write all of them.',
};

const INTRODUCTION = `# The agent file

A business writes one: \`export default defineAgent({ ... })\`, in TypeScript or JavaScript. It is read once, checked whole, and refused
with every mistake named, with its field, what was expected and what is there: \`parley check agent.ts\`. An editor shows each of these
sentences where the field is written.

Keep \`instructions\` the same for every call: they are the prefix that the model caches. What changes goes into \`facts\`, which comes
behind them. It is given \`from\`, \`to\`, \`parameters\` and, of a caller who is back, \`earlier\`; the greeting does not wait for it.
What an agent can do is in [tools.md](tools.md). Vendors of your own have their own fields: [vendors.md](vendors.md); so have
voices and ears on servers of your own: [own-servers.md](own-servers.md).`;

/** As `npm run format` leaves it. */
export async function agentPage(sections: readonly Section[]): Promise<string> {
  const parts = sections.map(({ name, fields }) => [HEADINGS[name] ?? '', tableOf(name, fields)].join('\n\n'));
  const config = await resolveConfig('docs/agent.md');
  return format([INTRODUCTION, ...parts].join('\n\n'), { ...config, parser: 'markdown' });
}

function tableOf(section: string, fields: readonly Field[]): string {
  const rows = fields.map((field) => `| \`${field.name}\` | ${cell(meaningOf(section, field))} |`);
  return ['| Field | Meaning |', '| --- | --- |', ...rows].join('\n');
}

function meaningOf(section: string, { name, hover, isRequired }: Field): string {
  if (section === 'phrases') return `${hover.replace(/ Default: .*/, '')} Default: ${standardPhrases(name)}`;
  if (section !== '') return hover;
  return `${hover}${isRequired ? ' Required.' : ''}${name in SCHEMAS ? ' See below.' : ''}`;
}

function standardPhrases(name: string): string {
  const standard = Object.entries(Phrases.parse({})).find(([field]) => field === name)?.[1] ?? [];
  return standard.map((phrase) => `“${phrase}”`).join(' ');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
