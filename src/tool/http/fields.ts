/** What may stand in a tool that asks a server, and how it is checked; `plan.ts` makes a request's plan of it. */
import { z } from 'zod';
import type { ToolInput, ToolOptions } from '../define.ts';

/** A query's value: a template, something fixed, or several of either. */
export type QueryValue = string | number | boolean | readonly (string | number | boolean)[];

/** How a tool asks. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** What stands in a tool that asks a server over HTTP. */
export interface HttpToolOptions<Input extends ToolInput> extends Omit<ToolOptions<Input>, 'run' | 'waitsForCaller'> {
  /** Default: `read` for GET and HEAD, which is retried and may be cancelled; else `write`. Never `terminal`. */
  effect?: 'read' | 'write' | undefined;
  /** How many times a `read` is asked again that was answered 429 or 5xx, or not at all. Default 2; a `write` is asked once. */
  retries?: number | undefined;
  /** Default `GET`. */
  method?: (typeof METHODS)[number] | undefined;
  /**
   * The address, a template: `https://api.example.com/orders/{orderId}`. It may begin with a variable of the environment:
   * `{$ORDERS_URL}/orders/{orderId}`. Each value is one segment, or a part of one, and never more.
   */
  url: string;
  /** What stands behind the `?`, beside what `url` has there. A value of which nothing is known is left out; a list is sent once for each. */
  query?: Readonly<Record<string, QueryValue>> | undefined;
  /** Templates. One of which nothing is known is left out. Secrets belong here: `authorization: 'Bearer {$ORDERS_TOKEN}'`. */
  headers?: Readonly<Record<string, string>> | undefined;
  /**
   * What is sent as JSON: objects and lists with templates in their texts. A text that is one place alone, such as `'{count}'`,
   * is that value with its type. Default: for POST, PUT and PATCH, the fields of the input that stand nowhere else.
   */
  body?: unknown;
  /** What of the answer the model reads: a path such as `order.items[].{name: title}`, or several by the names of the result. Default: all of it. */
  pick?: string | Readonly<Record<string, string>> | undefined;
  /** Words for the model in place of the usual ones, by status: `404`, or `4xx` and `5xx` for the rest. */
  statuses?: Readonly<Record<string | number, string>> | undefined;
  /** The header that carries the key of a `write`, the same for a retry of it; `false`: none. Default `Idempotency-Key`. */
  idempotencyHeader?: string | false | undefined;
  /** Other servers that a redirect may lead to, such as `https://cdn.example.com`; they are sent none of the `headers`. Default: none. */
  redirects?: readonly string[] | undefined;
  /** Whether it may ask this machine and its network, by whatever name. Default false. */
  allowPrivate?: boolean | undefined;
  /** Bytes of an answer that are read at most, 1 to 50,000,000. More is a failure. Default 1,000,000. */
  mostBytes?: number | undefined;
  /** Entries of a list that the model reads at most, 1 to 1,000; it is told of how many. Default 20. */
  mostItems?: number | undefined;
}

/** A word of RFC 9110, such as a header's name. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
/** The connection's own, which no tool may write. */
const CONNECTION = new Set(
  'connection content-length expect host keep-alive proxy-connection te trailer transfer-encoding upgrade'.split(' '),
);
const HeaderName = z.string().refine((name) => TOKEN.test(name) && !CONNECTION.has(name.toLowerCase()));
const Scalar = z.union([z.string(), z.number(), z.boolean()]);

export const HttpFields = z.strictObject({
  method: z.enum(METHODS).default('GET'),
  url: z.string().min(1),
  query: z.record(z.string(), z.union([Scalar, z.array(Scalar)])).default({}),
  headers: z.record(HeaderName, z.string()).default({}),
  body: z.unknown().optional(),
  pick: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  statuses: z.record(z.string().regex(/^(?:[1-5]\d\d|[45]xx)$/), z.string().min(1)).default({}),
  idempotencyHeader: z.union([HeaderName, z.literal(false)]).default('Idempotency-Key'),
  redirects: z.array(z.string().refine(isOrigin)).default([]),
  allowPrivate: z.boolean().default(false),
  mostBytes: z.int().min(1).max(50_000_000).default(1_000_000),
  mostItems: z.int().min(1).max(1_000).default(20),
});

/** In the words of the messages: "Expected `method` to be 'GET'...". */
export const HTTP_EXPECTED: Record<keyof z.input<typeof HttpFields>, string> = {
  method: `one of ${METHODS.join(', ')}`,
  url: 'the address to ask, such as `https://api.example.com/orders/{orderId}`',
  query: 'names with a text, a number, true, false or a list of them',
  headers: "names of headers, but for the connection's own, with a text each",
  body: 'what can be sent as JSON',
  pick: 'a path, such as `order.status`, or names with a path each',
  statuses: 'words by status: `404`, `4xx` or `5xx`',
  idempotencyHeader: 'the name of a header, or false',
  redirects: 'a list of servers, such as `https://cdn.example.com`',
  allowPrivate: 'true or false',
  mostBytes: 'a whole number of bytes, 1 to 50,000,000',
  mostItems: 'a whole number, 1 to 1,000',
};

/** What others call the same things. */
export const HTTP_OTHER_NAMES: Record<string, string> = {
  endpoint: 'url',
  uri: 'url',
  path: 'url',
  verb: 'method',
  params: 'query',
  json: 'body',
  data: 'body',
  payload: 'body',
  select: 'pick',
  response: 'pick',
  errors: 'statuses',
  timeout: 'timeoutMs',
  parameters: 'input',
  schema: 'input',
};

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}
