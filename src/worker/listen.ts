/** Where a worker listens: the port of HTTP, and one for each door that has lines over TCP. */
import type { Server } from 'node:net';
import type { Door } from '../bridge/door.ts';
import { openPort } from '../lib/open-port.ts';
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
  const chosenBy = name === HTTP ? '--port or PARLEY_PORT' : `the settings of ${name}`;
  const bound = await openPort(server, { host, port, chosenBy });
  return `${name === HTTP ? 'http' : 'tcp'}://${reachable(host)}:${bound}`;
}

/** As one program on this machine reaches another that listens there. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
