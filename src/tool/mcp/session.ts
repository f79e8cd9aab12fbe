/**
 * One connection to an MCP server, by the official client (`@modelcontextprotocol/client`), which is loaded when the first agent has
 * such a server: it is an optional peer of this package.
 */
import type * as Sdk from '@modelcontextprotocol/client';
import type { Client, Transport } from '@modelcontextprotocol/client';
import { isDoneWithin, type Clock } from '../../lib/clock.ts';
import { outside } from '../../lib/outside.ts';
import { fieldOf, isA, messageOf } from '../../lib/thrown.ts';
import { ChildTransport } from './child.ts';

/** Where a server is. */
export type McpTarget =
  | { type: 'child'; command: string; args: readonly string[]; env: Readonly<Record<string, string>>; cwd: string }
  | { type: 'http'; url: string; headers: Readonly<Record<string, string>> };

/** A tool as a server lists it. */
export interface McpTool {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  inputSchema: Record<string, unknown>;
  annotations?: { readOnlyHint?: boolean | undefined } | undefined;
}

export interface McpSessionOptions {
  target: McpTarget;
  /** How long the server may take to answer when it is greeted, and asked for its tools. */
  connectMs: number;
  clock: Clock;
  /** A line of its standard error. */
  said: (line: string) => void;
  /** Its list of tools is another. */
  listed: (tools: readonly McpTool[]) => void;
  /** The connection is gone; called once, and not for `close`. */
  lost: (reason: string) => void;
  /** Something that is not understood, and ends nothing. */
  odd: (reason: string) => void;
}

export interface McpRequest {
  tool: string;
  input: Record<string, unknown>;
  meta: Record<string, unknown>;
  signal: AbortSignal;
  /** Whether it may be asked twice: it changes nothing. */
  isRead: boolean;
  /** How long the server may take, in milliseconds. */
  timeoutMs: number;
  progress: (text: string) => void;
}

export interface McpSession {
  /** As the server calls itself: `calendar 1.2.0`. */
  readonly server: string;
  readonly tools: readonly McpTool[];
  /** Rejects with what the client throws. */
  call(request: McpRequest): Promise<unknown>;
  /** Whether it answers. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** It is not there, or has forgotten us: nothing was done. */
export class McpUnreachable extends Error {
  override readonly name = 'McpUnreachable';
}

/** It was asked, and is gone: nobody knows whether it was done. */
export class McpLost extends Error {
  override readonly name = 'McpLost';
}

/** It answered, and does not do what it was asked for: a wrong argument, no such tool. */
export class McpRefused extends Error {
  override readonly name = 'McpRefused';
}

/** It will not be there later either: somebody has to mend it. */
export class McpMistake extends Error {
  override readonly name = 'McpMistake';
}

/**
 * Connects, greets, and asks for the tools.
 * @throws {McpMistake} {McpUnreachable}
 */
export type OpenMcpSession = (options: McpSessionOptions) => Promise<McpSession>;

const PACKAGE = '@modelcontextprotocol/client';

export const openSession: OpenMcpSession = async (options) => {
  const { clock, connectMs, lost, odd, listed } = options;
  const sdk = await load();
  const transport = transportOf(options, sdk);
  const client = new sdk.Client(
    { name: 'parley-voice', version: '1' },
    {
      listChanged: {
        tools: { onChanged: (error, tools) => (error ? odd(messageOf(error)) : listed(tools ?? [])) },
      },
    },
  );
  client.onerror = (error) => odd(messageOf(error));
  try {
    await within(client.connect(transport, { timeout: connectMs }), connectMs, clock);
    const { tools } = await client.listTools(undefined, { timeout: connectMs });
    let isClosing = false;
    client.onclose = () => isClosing || lost(endingOf(transport));
    const close = async () => {
      isClosing = true;
      if (transport instanceof sdk.StreamableHTTPClientTransport)
        await isDoneWithin(
          transport.terminateSession().catch(() => {}),
          END_MS,
          clock,
        );
      await client.close();
    };
    return sessionOf(client, tools, close);
  } catch (error) {
    await transport.close().catch(() => {});
    throw connectError(error, transport);
  }
};

/** How long a server by HTTP may take to end the session. */
const END_MS = 1_000;

async function load(): Promise<typeof Sdk> {
  try {
    return await import('@modelcontextprotocol/client');
  } catch (error) {
    throw new McpMistake(`the package that speaks to MCP servers is not installed: npm install ${PACKAGE}`, {
      cause: error,
    });
  }
}

function transportOf(
  { target, clock, said }: McpSessionOptions,
  { StreamableHTTPClientTransport }: typeof Sdk,
): Transport {
  if (target.type === 'child') return new ChildTransport({ ...target, clock, said });
  return new StreamableHTTPClientTransport(new URL(target.url), { requestInit: { headers: { ...target.headers } } });
}

const endingOf = (transport: Transport): string =>
  (transport instanceof ChildTransport ? transport.ending : undefined) ?? 'the connection ended';

function sessionOf(client: Client, tools: readonly McpTool[], close: () => Promise<void>): McpSession {
  const { name = 'a server', version = '' } = client.getServerVersion() ?? {};
  return {
    server: `${name} ${version}`.trim(),
    tools,
    async call({ tool, input, meta, signal, timeoutMs: timeout, progress }) {
      try {
        const onprogress = ({ message }: { message?: string | undefined }) =>
          message !== undefined && progress(message);
        const asked = { name: tool, arguments: input, _meta: meta };
        return await outside(() => client.callTool(asked, { signal, timeout, onprogress }));
      } catch (error) {
        if (signal.aborted) throw error;
        throw callError(error);
      }
    },
    ping: async (timeoutMs) => {
      await client.ping({ timeout: timeoutMs }).catch((error: unknown) => {
        if (codeOf(error) !== NO_SUCH_METHOD) throw error; // then it answers, and has no ping
      });
    },
    close,
  };
}

// ---- what the client throws ---------------------------------------------------------------------------------------

const NO_SUCH_METHOD = -32_601;
/** Of HTTP: it may be there later, though it answers so. */
const PASSING = new Set([408, 425, 429]);
/** Of Node, where nothing has left this machine. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const NO_PROGRAM = new Set(['ENOENT', 'EACCES', 'ENOTDIR', 'EISDIR']);

function connectError(error: unknown, transport: Transport): Error {
  if (isA(error, McpMistake)) return error;
  const [status, code] = [statusOf(error), causeCodeOf(error)];
  if (code !== undefined && NO_PROGRAM.has(code) && transport instanceof ChildTransport) {
    return new McpMistake(
      code === 'ENOENT' ? 'there is no such program, or no such folder to run it in' : messageOf(error),
    );
  }
  if (status !== undefined && status >= 400 && status < 500 && !PASSING.has(status)) {
    return new McpMistake(
      `it answers ${status}${status === 401 || status === 403 ? ': the `headers` do not let in' : ", which is no MCP server's answer"}`,
    );
  }
  const ending = transport instanceof ChildTransport ? transport.ending : undefined;
  return new McpUnreachable(ending ?? readableOf(error, status));
}

function callError(error: unknown): Error {
  const [status, code] = [statusOf(error), causeCodeOf(error)];
  if (typeof codeOf(error) === 'number') return new McpRefused(messageOf(error));
  const reason = readableOf(error, status);
  const isUnsent = code !== undefined && UNSENT.has(code);
  if (isUnsent || codeOf(error) === 'NOT_CONNECTED' || (status !== undefined && status >= 400 && status < 500)) {
    return new McpUnreachable(reason); // by 404 a server says that it has forgotten the session
  }
  return codeOf(error) === 'REQUEST_TIMEOUT' ? new Error('it did not answer in time') : new McpLost(reason);
}

function readableOf(error: unknown, status: number | undefined): string {
  if (status !== undefined) return `it answers ${status}`;
  const [code, cause] = [causeCodeOf(error), fieldOf(error, 'cause')];
  const why = code ?? (cause === undefined ? undefined : messageOf(cause)); // `fetch` says only that it failed
  return why === undefined ? messageOf(error) : `${messageOf(error)} (${why})`;
}

const codeOf = (error: unknown): unknown => fieldOf(error, 'code');
function causeCodeOf(error: unknown): string | undefined {
  const code = codeOf(error) ?? codeOf(fieldOf(error, 'cause'));
  return typeof code === 'string' ? code : undefined;
}

function statusOf(error: unknown): number | undefined {
  if (fieldOf(error, 'name') === 'UnauthorizedError') return 401;
  const status = fieldOf(fieldOf(error, 'data'), 'status');
  return typeof status === 'number' ? status : undefined;
}

async function within(work: Promise<void>, ms: number, clock: Clock): Promise<void> {
  work.catch(() => {}); // it may fail when nobody waits any longer
  if (!(await isDoneWithin(work, ms, clock))) throw new McpUnreachable(`it did not answer within ${ms} ms`);
}
