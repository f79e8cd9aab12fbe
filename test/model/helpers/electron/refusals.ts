/** What is made of an answer that refuses. */
import { readErrorBody } from '../../../../src/lib/provider-errors.ts';
import { statusFailure } from '../../../../src/model/electron/failure.ts';

export const codeOf = (status: number, body: string): string =>
  statusFailure(readErrorBody(status, {}, body), 'before-first-output', body).code;
