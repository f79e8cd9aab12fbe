/** What the simulated model answers, before it is cut into chunks. */

export interface ReplyCall {
  name: string;
  /** JSON text, or whatever text a rule asks for. */
  arguments: string;
}

/** One answer: words, calls or both; never neither. */
export interface Reply {
  /** What is said before the calls, or the answer. Empty when there are only calls. */
  text: string;
  calls: readonly ReplyCall[];
  /** How many content chunks; a token each when absent. */
  chunks?: number | undefined;
  /** How many pieces each call's arguments come in; a few characters each when absent. */
  argumentPieces?: number | undefined;
  /** Instead of what follows from the reply. */
  finishReason?: FinishReason | undefined;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';
