/**
 * The many dresses of one stream. `full` is the streaming guide's; `minimal` the tool guide's own sample, on which most
 * clients fail; every single trait can be chosen, as `wire/electron.md` 5 and 11 and `wire/stream-reading.md` list them.
 */
import { z } from 'zod';

export const ShapeTraits = z.strictObject({
  /** `id`, `object`, `created` and `model` on every chunk. */
  metadata: z.boolean().default(true),
  /** A blank line after every `data:` line. */
  blankLines: z.boolean().default(true),
  /** A space after `data:`. */
  space: z.boolean().default(true),
  lineEnd: z.enum(['lf', 'crlf', 'cr']).default('lf'),
  /** Comment lines, as a heartbeat of a proxy would put them. */
  comments: z.boolean().default(false),
  /** A byte order mark before the first line. */
  byteOrderMark: z.boolean().default(false),
  /** Where `delta.role` comes: on a chunk of its own, on the first chunk of content, or nowhere. */
  role: z.enum(['own-chunk', 'with-content', 'none']).default('own-chunk'),
  /** `content` of the role chunk, which has no text. */
  roleContent: z.enum(['absent', 'null', 'empty']).default('absent'),
  /** `content` of the chunks with tool-call fragments. */
  fragmentContent: z.enum(['absent', 'null', 'empty']).default('absent'),
  /** `finish_reason`: on a chunk with `delta: {}`, on one without `delta`, or on the last content or fragment. */
  finish: z.enum(['own-chunk', 'no-delta', 'last-chunk', 'never']).default('own-chunk'),
  /** The reason given beside calls. */
  finishWithCalls: z.enum(['tool_calls', 'stop']).default('tool_calls'),
  /** Parallel calls one after the other, or their fragments mixed, several to a chunk. */
  calls: z.enum(['sequential', 'interleaved']).default('sequential'),
  /** Arguments of a call's first fragment: `""`, the first piece, or all of them. */
  firstFragment: z.enum(['empty', 'piece', 'whole']).default('empty'),
  /** What is sent for arguments that are `{}`. */
  noArguments: z.enum(['object', 'empty']).default('object'),
  /** A call's `id`: on its first fragment, on every one, `""`, or nowhere. */
  callId: z.enum(['first', 'every', 'empty', 'absent']).default('first'),
  /** A call's `index`: from 0, from 1, or nowhere. */
  callIndex: z.enum(['from-0', 'from-1', 'absent']).default('from-0'),
  /** Text after the calls instead of before them. */
  textAfterCalls: z.boolean().default(false),
  /** `prompt_tokens_details` in the usage. */
  usageDetails: z.boolean().default(true),
  /** `usage: null` on every chunk but the last. */
  nullUsage: z.boolean().default(false),
  /** The last line. */
  done: z.boolean().default(true),
  /** `tool_calls` of a non-streamed message without calls. */
  noToolCalls: z.enum(['null', 'absent', 'empty-list']).default('null'),
  /** Cut the body into TCP writes of this many bytes, wherever that falls; 0 keeps chunks whole. */
  splitBytes: z.int().min(0).default(0),
});
export type ShapeTraits = z.output<typeof ShapeTraits>;
export type ShapeTraitsInput = z.input<typeof ShapeTraits>;

const MINIMAL: ShapeTraitsInput = {
  metadata: false,
  blankLines: false,
  roleContent: 'empty',
  role: 'own-chunk',
  finish: 'no-delta',
};

export const Shape = z
  .union([
    z.literal(['full', 'minimal']),
    ShapeTraits.extend({ base: z.literal(['full', 'minimal']).optional() }).partial(),
  ])
  .transform((shape): ShapeTraits => {
    if (shape === 'full') return ShapeTraits.parse({});
    if (shape === 'minimal') return ShapeTraits.parse(MINIMAL);
    const { base, ...traits } = shape;
    return ShapeTraits.parse({ ...(base === 'minimal' && MINIMAL), ...traits });
  });
/** A name, or traits that differ from it: `{ base: 'minimal', lineEnd: 'crlf' }`; `base` is `full` when left out. */
export type ShapeInput = z.input<typeof Shape>;
