/** A process of its own for whatever is measured, asked one thing at a time. */
import { fork, type ChildProcess } from 'node:child_process';

export interface Child {
  /** Sends `question` and resolves with the answer. Rejects when the process fails or dies first. */
  ask<Answer>(question: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** Compiled file. */
  file: string;
  arguments?: string[];
  /** Options of node. */
  nodeOptions?: string[];
}

type Reply = { answer: unknown } | { failure: string };

export function startChild({ file, arguments: list = [], nodeOptions = [] }: ChildOptions): Child {
  const child = fork(file, list, { execArgv: nodeOptions, serialization: 'advanced' });
  return {
    ask: (question) => ask(child, question, file),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
}

/** In a fresh process that can be told to collect its garbage. */
export async function askOnce<Answer>(file: string, question: unknown): Promise<Answer> {
  const child = startChild({ file, nodeOptions: ['--expose-gc'] });
  try {
    return await child.ask<Answer>(question);
  } finally {
    await child.stop();
  }
}

function ask<Answer>(child: ChildProcess, question: unknown, file: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onMessage = (reply: Reply) => {
      child.off('exit', onExit);
      if ('failure' in reply) reject(new Error(reply.failure));
      else resolve(reply.answer as Answer);
    };
    const onExit = (code: number | null) => {
      child.off('message', onMessage);
      reject(new Error(`${file} ended with ${code} before it answered`));
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
    child.send(question as object);
  });
}

/** In the child: answers questions until the parent lets go, then ends the process. */
export function answer(handle: (question: never) => unknown): void {
  const send = (reply: Reply) => process.send?.(reply);
  process.on('message', (question) => {
    Promise.resolve()
      .then(() => handle(question as never))
      .then(
        (result) => send({ answer: result }),
        (error: unknown) => send({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  });
  process.on('disconnect', () => process.exit(0));
}
