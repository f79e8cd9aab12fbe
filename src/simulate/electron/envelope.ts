/** What a refusal looks like: the documented error envelope. */

/** One thing that is wrong with a body. Path entries are strings, also for positions in an array. */
export interface ErrorDetail {
  code: string;
  message: string;
  path: string[];
}

/** A refusal before the answer begins. */
export interface Refusal {
  status: number;
  type: string;
  message: string;
  details?: ErrorDetail[];
  headers?: Record<string, string>;
}

/** JSON text of the envelope. */
export function envelopeOf(refusal: Pick<Refusal, 'message' | 'type' | 'details'>, requestId: string): string {
  return JSON.stringify({
    error: {
      message: refusal.message,
      type: refusal.type,
      ...(refusal.details && { details: refusal.details }),
      request_id: requestId,
    },
  });
}

/** The `type` that goes with a status. `api_error` is a guess: the documents list no name for 5xx. */
export function typeOfStatus(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'api_error';
}

export function invalid(message: string, details?: ErrorDetail[]): Refusal {
  return { status: 400, type: typeOfStatus(400), message, ...(details && { details }) };
}
