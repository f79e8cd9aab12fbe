/** How long an ear's line tries to get through before it gives up. */
export interface Patience {
  /** For one of the places that there are. */
  placeWaitMs: number;
  connectTimeoutMs: number;
  /** Before each try after a failure; no more tries than delays. */
  retryDelaysMs: readonly number[];
}

export const RETRY_DELAYS_MS = [0, 300, 600, 1_200, 2_400];

/** While somebody else can hear the caller, one more try is enough. */
export function impatient({ placeWaitMs, connectTimeoutMs, retryDelaysMs }: Patience): Patience {
  return {
    placeWaitMs: Math.min(placeWaitMs, 1_000),
    connectTimeoutMs: Math.min(connectTimeoutMs, 2_000),
    retryDelaysMs: retryDelaysMs.slice(0, 1),
  };
}
