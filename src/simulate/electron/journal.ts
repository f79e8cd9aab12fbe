/** What the simulator has seen: counts since its start, and the last requests in full. */
import type { ChatRequest } from './request.ts';

/** What has come to the stand-in for Electron since its start. */
export interface ElectronStats {
  /** Everything that came to the chat route, refused or not. */
  requests: number;
  /** Answered to the end. */
  completed: number;
  /** The client closed the connection first. */
  aborts: number;
  /** Ended by a fault: reset. */
  reset: number;
  inFlight: number;
  maxConcurrent: number;
  /** 429 by the plan, not by a fault. */
  rateLimited: number;
  /** 400, 401, 403, 404, 405 and 413. */
  refused: number;
  /** Met a fault. */
  faults: number;
  /** Faults still waiting for a request. */
  faultsWaiting: number;
  promptTokens: number;
  cachedTokens: number;
  /** TCP connections open now, and ever. */
  connections: number;
  connectionsEver: number;
}

/** One request to the chat route. Instants are milliseconds since 1970 with fractions, comparable between processes. */
export interface RequestRecord {
  ordinal: number;
  requestId: string;
  receivedAtMs: number;
  /** When the first piece of the body left. */
  firstPieceAtMs: number | undefined;
  endedAtMs: number | undefined;
  status: number;
  outcome: 'running' | 'ended' | 'reset' | 'client-gone' | 'refused';
  fault: string | undefined;
  /** As it was read; undefined when it was refused before. */
  body: ChatRequest | undefined;
}

type Count = Exclude<keyof ElectronStats, 'faults' | 'faultsWaiting' | 'connections' | 'connectionsEver'>;

export class Journal {
  readonly #keep: number;
  readonly #epochMs: () => number;
  readonly #counts: Record<Count, number> = {
    requests: 0,
    completed: 0,
    aborts: 0,
    reset: 0,
    inFlight: 0,
    maxConcurrent: 0,
    rateLimited: 0,
    refused: 0,
    promptTokens: 0,
    cachedTokens: 0,
  };
  #records: RequestRecord[] = [];

  /** `epochMs`: by which instants are written down. */
  constructor(keep: number, epochMs: () => number) {
    this.#keep = keep;
    this.#epochMs = epochMs;
  }

  get counts(): Readonly<Record<Count, number>> {
    return this.#counts;
  }

  /** The last requests, oldest first. */
  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  open(requestId: string): RequestRecord {
    const record: RequestRecord = {
      ordinal: ++this.#counts.requests,
      requestId,
      receivedAtMs: this.#epochMs(),
      firstPieceAtMs: undefined,
      endedAtMs: undefined,
      status: 200,
      outcome: 'running',
      fault: undefined,
      body: undefined,
    };
    if (this.#keep > 0) this.#records.push(record);
    if (this.#records.length > this.#keep) this.#records.shift();
    return record;
  }

  start(): void {
    const counts = this.#counts;
    counts.maxConcurrent = Math.max(counts.maxConcurrent, ++counts.inFlight);
  }

  /** The first piece of the body leaves. */
  mark(record: RequestRecord): void {
    record.firstPieceAtMs = this.#epochMs();
  }

  countTokens(promptTokens: number, cachedTokens: number): void {
    this.#counts.promptTokens += promptTokens;
    this.#counts.cachedTokens += cachedTokens;
  }

  refuse(record: RequestRecord, status: number, isRateLimit: boolean): void {
    record.status = status;
    this.#end(record, 'refused');
    if (isRateLimit) this.#counts.rateLimited++;
    else this.#counts.refused++;
  }

  end(record: RequestRecord, outcome: 'ended' | 'reset' | 'client-gone'): void {
    this.#end(record, outcome);
    this.#counts.inFlight--;
    if (outcome === 'ended') this.#counts.completed++;
    else if (outcome === 'reset') this.#counts.reset++;
    else this.#counts.aborts++;
  }

  #end(record: RequestRecord, outcome: RequestRecord['outcome']): void {
    record.outcome = outcome;
    record.endedAtMs = this.#epochMs();
  }
}

/** Of the system, with fractions, and the same for every process of the machine. */
export function systemEpochMs(): number {
  return performance.timeOrigin + performance.now();
}
