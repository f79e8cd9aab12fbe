/**
 * Routes by which another process sees and steers the simulator. Bodies and answers are JSON.
 *
 *   GET    /_simulate/stats      what `stats()` gives
 *   GET    /_simulate/requests   the last requests
 *   POST   /_simulate/faults     adds one fault, or a list of them
 *   DELETE /_simulate/faults     takes every waiting fault away
 *   PATCH  /_simulate/settings   pace, shape, manners, plan, retryAfter, releaseLagMs, replies
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { VoiceError } from '../../lib/errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { ElectronStats } from './journal.ts';
import { Fault } from './faults.ts';
import { pathOf, readBody } from './http.ts';
import { readOptions } from './options.ts';
import type { ElectronService } from './service.ts';

export const ADMIN_PATH = '/_simulate/';

export interface AdminContext {
  service: ElectronService;
  stats: () => ElectronStats;
}

export function handleAdmin(request: IncomingMessage, response: ServerResponse, context: AdminContext): void {
  const run = ROUTES[`${request.method ?? ''} ${pathOf(request).slice(ADMIN_PATH.length)}`];
  if (!run) {
    request.resume();
    return answer(response, 404, { error: `Expected one of ${Object.keys(ROUTES).join(', ')}` });
  }
  readBody(request, (text) => {
    try {
      answer(response, 200, run(context, parseJson(text ?? '')));
    } catch (error) {
      if (!(error instanceof VoiceError)) throw error;
      answer(response, 400, { error: error.message });
    }
  });
}

const ROUTES: Record<string, (context: AdminContext, body: unknown) => unknown> = {
  'GET stats': ({ stats }) => stats(),
  'GET requests': ({ service }) => service.requests(),
  'POST faults': ({ service }, body) => {
    const faults = readOptions(z.array(Fault), Array.isArray(body) ? body : [body], 'faults');
    for (const fault of faults) service.fault(fault);
    return { faultsWaiting: service.stats().faultsWaiting };
  },
  'DELETE faults': ({ service }) => {
    service.clearFaults();
    return { faultsWaiting: 0 };
  },
  'PATCH settings': ({ service }, body) => {
    service.configure(isRecord(body) ? body : {});
    return { ok: true };
  },
};

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
