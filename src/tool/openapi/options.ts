/** What `openApi` is given beside its document. */
import type { ToolInput } from '../define.ts';
import type { HttpToolOptions } from '../http/fields.ts';

/** What of a tool is to be other than its document says: any field of `httpTool` but those that say how it is asked. */
export type OperationChanges = Partial<
  Omit<HttpToolOptions<ToolInput>, 'input' | 'method' | 'url' | 'query' | 'headers' | 'body'>
>;

/** Which tools are made of a document. */
export interface OpenApiOptions {
  /**
   * Which operations, by their `operationId` or as `GET /orders/{id}`; as an object, each with what is to be other than the
   * document says, such as a `filler`, a `pick` or a shorter `description`.
   */
  operations: readonly string[] | Readonly<Record<string, OperationChanges>>;
  /** What the tools' names begin with, such as `orders_`. Default: nothing. */
  prefix?: string | undefined;
  /** By operation. Default: `read` for GET and HEAD, else `write`. */
  effects?: Readonly<Record<string, 'read' | 'write'>> | undefined;
  /** Where it is asked, in place of the document's first server; a template such as `{$ORDERS_URL}`. */
  server?: string | undefined;
  /**
   * The variables of the environment that hold the secrets, by the names of the document's security schemes. Default: the
   * scheme's own name, `BEARER_AUTH` for `bearerAuth`. Two of them for basic authentication: `USER:PASSWORD`.
   */
  secrets?: Readonly<Record<string, string>> | undefined;
  /** Whether they may ask this machine and its network. Default false. */
  allowPrivate?: boolean | undefined;
  /** Other servers that a redirect may lead to. Default: none. */
  redirects?: readonly string[] | undefined;
}
