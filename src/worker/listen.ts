/** Where a worker listens: the port of HTTP, and one for each door that has lines over TCP. */
import type { Server } from 'node:net';
import type { Door } from '../bridge/contract.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { valuesFor, type Settings } from './settings.ts';

export interface Listener {
  /** `http`, or the name of the door whose lines come there. */
  name: string;
  host: string;
  /** 0 picks a free one. */
  port: number;
}

/** The port of HTTP, which every worker has. */
export const HTTP = 'http';

/** HTTP first. */
export function listenersOf(settings: Settings, carriers: readonly Door[]): Listener[] {
  const { host, port } = settings;
  const others = carriers.flatMap((door) => {
    const address = door.tcp?.address(valuesFor(door, settings), host);
    return address ? [{ name: door.name, ...address }] : [];
  });
  return [{ name: HTTP, host, port }, ...others];
}

/**
 * Opens the port; resolves with the address, such as `http://127.0.0.1:8080`, or `tcp://...` of a door.
 * @throws {VoiceError} `file-unreadable`, when it cannot be opened.
 */
export async function listen(server: Server, { name, host, port }: Listener): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(cannotListen({ name, host, port }, error));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return `${name === HTTP ? 'http' : 'tcp'}://${reachable(host)}:${bound}`;
}

/** As one program on this machine reaches another that listens there. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function cannotListen({ name, host, port }: Listener, cause: Error): VoiceError {
  const code = 'code' in cause ? cause.code : undefined;
  const setting = name === HTTP ? '--port or PARLEY_PORT' : `the settings of ${name}`;
  const reasons: Record<string, string> = {
    EADDRINUSE: `another program listens there; choose another port with ${setting}`,
    EACCES: 'permission denied; ports below 1024 are kept for the system',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'there is no such host',
  };
  const reason = reasons[String(code)] ?? messageOf(cause);
  return new VoiceError('file-unreadable', `cannot listen on ${host}:${port}: ${reason}`, { cause });
}
