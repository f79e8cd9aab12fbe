/** One operation of an OpenAPI document as a tool that asks a server. Pure. */
import { z } from 'zod';
import { isRecord } from '../../lib/json.ts';
import { messageOf } from '../../lib/errors.ts';
import type { ToolInput } from '../define.ts';
import { fromJsonSchema } from '../from-json-schema.ts';
import { METHODS, type HttpToolOptions } from '../http/fields.ts';
import { Unmakeable, withoutRefs, type Operation, type Part } from './document.ts';
import { secure, type SecretNames } from './security.ts';

/** What is the same for all tools of a document. */
export interface OperationFacts {
  document: Part;
  prefix: string;
  /** A template that stands in place of the document's own; undefined for that. */
  server: string | undefined;
  secrets: SecretNames;
}

/** Characters. */
const LONGEST_DESCRIPTION = 300;
const LONGEST_NAME = 64;

/** The input as it grows, field by field. */
class Fields {
  readonly shape: Record<string, z.ZodType> = {};
  readonly #version: 'openapi-3.0' | undefined;

  constructor(document: Part) {
    this.#version = String(document['openapi']).startsWith('3.0') ? 'openapi-3.0' : undefined;
  }

  /** Gives the place that stands for it in a template. @throws {Unmakeable} for a schema that cannot be checked */
  add(name: string, schema: unknown, facts: { isRequired: boolean; where: string; description?: unknown }): string {
    const field = this.#freeName(name, facts.where);
    const written = isRecord(schema) ? schema : {};
    const { description } = facts;
    const described = typeof description === 'string' ? { ...written, description } : written;
    let made: z.ZodType;
    try {
      made = fromJsonSchema(described, this.#version);
    } catch (error) {
      throw new Unmakeable(`the schema of \`${name}\` cannot be checked: ${messageOf(error)}`);
    }
    this.shape[field] = facts.isRequired ? made : made.optional();
    return `{${field}}`;
  }

  /** What a template can name: two of one name are told apart by where they are sent. */
  #freeName(name: string, where: string): string {
    const plain = name.replace(/[^\w-]+/g, '_').replace(/^(?![A-Za-z_])/, '_');
    const isTaken = (one: string) => Object.hasOwn(this.shape, one) || one === '__proto__';
    let free = isTaken(plain) ? `${plain}_${where}` : plain;
    while (isTaken(free)) free += '_';
    return free;
  }
}

/** @throws {Unmakeable} with the reason why there is no tool of it. */
export function toolOf(operation: Operation, facts: OperationFacts): HttpToolOptions<ToolInput> {
  const { document, prefix } = facts;
  const method = METHODS.find((one) => one === operation.method);
  if (!method) throw new Unmakeable(`${operation.method} is nothing that a tool asks with`);
  const { part, shared } = operation;
  const parameters = [shared, part].map((one) => withoutRefs(one['parameters'] ?? [], document));
  const fields = new Fields(document);
  const sent = sendParameters(parametersOf(parameters), operation.path, fields);
  const body = sendBody(withoutRefs(part['requestBody'], document), fields);
  const { headers, query } = secure(part, document, facts.secrets);
  const base = facts.server ?? serverOf([part, shared, document]);
  return {
    name: `${prefix}${snake(operation.name)}`.slice(0, LONGEST_NAME),
    description: descriptionOf(part, operation.address),
    input: z.object(fields.shape),
    method,
    url: `${base.replace(/\/+$/, '')}${sent.path}`,
    query: { ...sent.query, ...query },
    headers: { ...sent.headers, ...headers },
    ...(body !== undefined && { body }),
  };
}

const snake = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase();

function descriptionOf({ summary, description }: Part, address: string): string {
  const text = [summary, description].find((one) => typeof one === 'string' && one.trim() !== '');
  return typeof text === 'string' ? text.trim().replace(/\s+/g, ' ').slice(0, LONGEST_DESCRIPTION) : address;
}

/** The first server, its variables as they are by default. */
function serverOf(parts: readonly Part[]): string {
  const servers = parts
    .map(({ servers: all }) => all)
    .find((all): all is unknown[] => Array.isArray(all) && all.length > 0);
  const server = servers?.[0];
  const written = isRecord(server) && typeof server['url'] === 'string' ? server['url'] : '';
  const variables = isRecord(server) && isRecord(server['variables']) ? server['variables'] : {};
  const url = written.replace(/\{([^{}]*)\}/g, (place, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return isRecord(variable) ? String(variable['default']) : place;
  });
  if (/^https?:\/\/[^{}?#]+$/.test(url)) return url;
  const got = written === '' ? 'none' : `\`${written}\``;
  throw new Unmakeable(
    `its server is ${got}: say which with \`server\`, such as \`https://api.example.com\` or \`{$ORDERS_URL}\``,
  );
}

// ---- parameters -----------------------------------------------------------------------------------------------------

/** Those of the operation stand in place of those of its path that have the same name and place. */
function parametersOf(lists: readonly unknown[]): Part[] {
  const all = lists.flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : [])).filter((one) => isRecord(one));
  return [...new Map(all.map((one) => [`${String(one['in'])} ${String(one['name'])}`, one])).values()];
}

interface Sent {
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
}

/** Said by other parts of a document, as OpenAPI has it. */
const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);

function sendParameters(parameters: readonly Part[], path: string, fields: Fields): Sent {
  const query: Record<string, string> = {};
  const headers: Record<string, string> = {};
  const places = new Map<string, string>();
  for (const parameter of parameters) {
    const name = String(parameter['name']);
    const where = String(parameter['in']);
    if (where === 'header' && NOT_PARAMETERS.has(name.toLowerCase())) continue;
    const isRequired = where === 'path' || parameter['required'] === true;
    const reason = reasonAgainst(parameter, where);
    if (reason !== undefined) {
      if (!isRequired) continue; // it does without
      throw new Unmakeable(`its parameter \`${name}\` ${reason}`);
    }
    const { schema, description } = parameter;
    const place = fields.add(name, schema, { isRequired, where, description });
    if (where === 'path') places.set(name, place);
    else if (where === 'query') query[name] = place;
    else headers[name] = place;
  }
  const filled = path.replace(/\{([^{}]*)\}/g, (_place, name: string) => {
    const place = places.get(name);
    if (place === undefined) throw new Unmakeable(`its path has a place for \`${name}\`, of which it says nothing`);
    return place;
  });
  return { path: filled, query, headers };
}

/** How a value is written, where that is how every tool writes it. */
const STYLES: Readonly<Record<string, string>> = { path: 'simple', query: 'form', header: 'simple' };

function reasonAgainst({ schema, style, explode }: Part, where: string): string | undefined {
  const usual = STYLES[where];
  if (usual === undefined) return `is sent in a ${where}, where a tool sends nothing`;
  if (!isRecord(schema)) return 'has no `schema`, but perhaps `content`, which cannot be sent there';
  if (style !== undefined && style !== usual)
    return `has the style \`${typeof style === 'string' ? style : typeof style}\`, and only \`${usual}\` can be sent`;
  const isList = isOfType(schema, 'array', 'items');
  if (isList && (where !== 'query' || explode === false)) return 'is a list between commas, which cannot be sent';
  return isOfType(schema, 'object', 'properties') ? 'is an object, which cannot be sent there' : undefined;
}

/** By its `type`, which may be a list (3.1), or by what only that type has. */
function isOfType({ type, ...schema }: Part, name: string, mark: string): boolean {
  return type === undefined ? mark in schema : [type].flat().includes(name);
}

// ---- the body -------------------------------------------------------------------------------------------------------

/** The template of what is sent: field by field where it is a plain object. */
function sendBody(written: unknown, fields: Fields): unknown {
  if (!isRecord(written)) return undefined;
  const isRequired = written['required'] === true;
  const content = isRecord(written['content']) ? written['content'] : {};
  const type = Object.keys(content).find((one) => /^application\/(?:[\w.+-]+\+)?json\b/i.test(one));
  const media = type === undefined ? undefined : content[type];
  if (!isRecord(media)) {
    if (!isRequired) return undefined;
    throw new Unmakeable(`its body is \`${Object.keys(content).join('`, `')}\`, and only JSON can be sent`);
  }
  const schema = isRecord(media['schema']) ? media['schema'] : {};
  const { properties } = schema;
  const isPlain = isRecord(properties) && !['allOf', 'anyOf', 'oneOf', 'not'].some((word) => word in schema);
  if (!isPlain) return fields.add('body', schema, { isRequired, where: 'body', description: written['description'] });
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
  const writable = Object.entries(properties).filter(([, one]) => !(isRecord(one) && one['readOnly'] === true));
  return Object.fromEntries(
    writable.map(([name, one]) => [
      name,
      fields.add(name, one, { isRequired: isRequired && required.includes(name), where: 'body' }),
    ]),
  );
}
