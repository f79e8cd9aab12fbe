/** A server begins to listen; a port that cannot be had is told by name, with what to do about it. */
import type { AddressInfo, ListenOptions, Server } from 'node:net';
import { messageOf, VoiceError } from './errors.ts';

export interface Port {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** How another port is chosen: `--port or PARLEY_PORT`. Default: `port`, as options have it. */
  chosenBy?: string | undefined;
  /** Connections that may wait to be taken. Default: Node's. */
  backlog?: number;
}

/**
 * Resolves with the port that was opened.
 * @throws {VoiceError} `file-unreadable`, when it cannot be.
 */
export async function openPort(server: Server, wanted: Port): Promise<number> {
  const { host, port, backlog } = wanted;
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(cannotListen(wanted, error));
    server.once('error', fail);
    const options: ListenOptions = { host, port, ...(backlog !== undefined && { backlog }) };
    server.listen(options, () => {
      server.off('error', fail);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

function cannotListen({ host, port, chosenBy = '`port`, or 0 for a free one' }: Port, cause: Error): VoiceError {
  const reasons: Record<string, string> = {
    EADDRINUSE: `another program listens there; choose another port with ${chosenBy}`,
    EACCES: 'permission denied; ports below 1024 are kept for the system',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'there is no such host',
  };
  const code = 'code' in cause ? String(cause.code) : '';
  const reason = reasons[code] ?? messageOf(cause);
  return new VoiceError('file-unreadable', `cannot listen on ${host}:${port}: ${reason}`, { cause });
}
