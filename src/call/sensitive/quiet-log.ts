/** The log of a call that has secrets: what its tools write, and what is written of them, has placeholders in place of these. */
import type { Bindings, ChildLoggerOptions } from 'pino';
import type { Log } from '../../lib/log.ts';
import { isRecord } from '../../lib/json.ts';
import { isA, readThrown } from '../../lib/thrown.ts';
import type { Vault } from './vault.ts';

const WRITING = new Set<PropertyKey>(['fatal', 'error', 'warn', 'info', 'debug', 'trace']);

/** As `log` is, and so are its children. */
export function quietLog(log: Log, vault: Vault): Log {
  return new Proxy(log, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (name === 'child') {
        return (bindings: Bindings, options?: ChildLoggerOptions) => quietLog(target.child(bindings, options), vault);
      }
      if (!WRITING.has(name)) return member;
      return (...given: unknown[]) => {
        const told = vault.isEmpty ? given : given.map((one) => quieted(one, vault));
        return Reflect.apply(member, target, told) as unknown;
      };
    },
  });
}

function quieted(given: unknown, vault: Vault): unknown {
  if (typeof given === 'string') return vault.hide(given, true);
  if (isA(given, Error)) return quietError(given, vault);
  if (!isRecord(given)) return given;
  const fields = Object.entries(given).map(([key, value]) => [key, quietField(value, vault)] as const);
  return Object.fromEntries(fields);
}

function quietField(value: unknown, vault: Vault): unknown {
  return isA(value, Error) ? quietError(value, vault) : vault.hideIn(value, true);
}

/** The same one, unless it tells a secret: then one with its words hidden, and nothing that lies behind them. */
export function quietError(error: Error, vault: Vault): Error {
  const { name, message, places, cause } = readThrown(error);
  const words = [message, cause?.message, cause?.cause?.message].filter((text) => text !== undefined);
  const facts = Object.entries(error).flatMap(([, value]) => (typeof value === 'string' ? [value] : []));
  if ([...words, ...facts].every((text) => vault.hide(text, true) === text)) return error;
  const quiet = Object.assign(new Error(vault.hide(words.join(': '), true)), { name });
  quiet.stack = [`${name}: ${quiet.message}`, ...places].join('\n');
  return quiet;
}
