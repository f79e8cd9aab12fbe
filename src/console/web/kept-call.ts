/** What a page leaves for itself when it is loaded again, so that its call goes on. In this tab alone, and read once. */
import type { Return } from './link.ts';

export interface KeptCall extends Return {
  url: string;
  kind: 'audio' | 'text';
  inRateHz: number;
  outRateHz: number;
  /** When it was left, by the wall clock, in milliseconds. */
  leftAtMs: number;
}

export function keepCall(name: string, call: KeptCall): void {
  try {
    sessionStorage.setItem(name, JSON.stringify(call));
  } catch {
    // a browser that keeps nothing: the call ends with the page
  }
}

/** Undefined when there is none, or its worker has waited long enough. */
export function takeCall(name: string): KeptCall | undefined {
  try {
    const text = sessionStorage.getItem(name);
    sessionStorage.removeItem(name);
    const call = text === null ? undefined : (JSON.parse(text) as KeptCall);
    return call && Date.now() - call.leftAtMs < call.forMs ? call : undefined;
  } catch {
    return undefined;
  }
}
