/**
 * A real `redis-server` behind a door of our own, which goes wrong on demand: the worker sees what a network, a proxy or a
 * Redis in trouble would show it.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export type RedisFault =
  /** Connections are torn, and new ones too. */
  | { type: 'refused' }
  /** Every command is answered with this error. */
  | { type: 'error'; message: string }
  /** Connections are torn, and new ones are taken and never answered. */
  | { type: 'hang' }
  /** Nothing more comes on the connections that there are. */
  | { type: 'stall' }
  /** Connections are torn, once. */
  | { type: 'cut' }
  /** Every answer is what no Redis says. */
  | { type: 'garbage' }
  /** Every answer comes so much later. */
  | { type: 'slow'; delayMs: number };

/** A command as it begins on the wire. */
const COMMAND = /\*\d+\r\n\$/g;

export class FaultyRedis {
  readonly #program: ChildProcess;
  readonly #redisPort: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #fault: RedisFault | undefined;

  private constructor(program: ChildProcess, redisPort: number) {
    this.#program = program;
    this.#redisPort = redisPort;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async start(): Promise<FaultyRedis> {
    const port = await freePort();
    const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];
    const program = spawn('redis-server', options.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of program.stdout) if (String(line).includes('Ready to accept connections')) break;
    const redis = new FaultyRedis(program, port);
    redis.#server.listen(0, '127.0.0.1');
    await once(redis.#server, 'listening');
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on; a new one takes the place of the old one. */
  fail(fault: RedisFault): void {
    const isForLater = fault.type !== 'cut';
    this.#fault = isForLater ? fault : undefined;
    if (fault.type === 'refused' || fault.type === 'hang' || fault.type === 'cut') this.#tear();
  }

  async close(): Promise<void> {
    this.#tear();
    await new Promise((resolve) => this.#server.close(resolve));
    const exited = once(this.#program, 'exit');
    this.#program.kill('SIGKILL');
    await exited;
  }

  #tear(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket));
    if (this.#fault?.type === 'refused') return void socket.resetAndDestroy();
    const onward = connect({ host: '127.0.0.1', port: this.#redisPort, noDelay: true });
    onward.on('error', () => {}).once('close', () => socket.destroy());
    socket.once('close', () => onward.destroy());
    socket.on('data', (data) => this.#ask(data, socket, onward));
    onward.on('data', (data) => this.#answer(data, socket));
  }

  #ask(data: Buffer, socket: Socket, onward: Socket): void {
    const fault = this.#fault;
    const count = data.toString('latin1').match(COMMAND)?.length ?? 0;
    if (fault?.type === 'error') socket.write(`-${fault.message}\r\n`.repeat(count));
    else if (fault?.type === 'garbage') socket.write('<html>502 Bad Gateway</html>\r\n'.repeat(Math.max(1, count)));
    else if (fault?.type !== 'hang' && fault?.type !== 'stall') onward.write(data);
  }

  #answer(data: Buffer, socket: Socket): void {
    const fault = this.#fault;
    if (fault?.type === 'slow') setTimeout(() => socket.write(data), fault.delayMs);
    else if (fault?.type !== 'hang' && fault?.type !== 'stall') socket.write(data);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
