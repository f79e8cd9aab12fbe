/** What the caller will say once a tool is called, as its author writes it. */
import { z } from 'zod';
import { EXPECTED_ANSWERS } from '../listen/contract.ts';

const CodeLength = z.int().min(1).max(64);

export const Expects = z.union([
  z.enum(EXPECTED_ANSWERS),
  z.strictObject({ code: z.union([CodeLength, z.array(CodeLength).min(1)]) }),
]);

/** In the words of the messages: "Expected `expects` to be...". */
export const EXPECTS_HELP = `{ code: 8 }, { code: [8, 10] } (1 to 64 digits and letters), or one of ${EXPECTED_ANSWERS.join(', ')}`;
