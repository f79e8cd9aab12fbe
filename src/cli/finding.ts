/** What `parley check` tells of an agent and its tools. */

/** What is wrong, or might be better. */
export interface Finding {
  severity: 'error' | 'warning';
  /** File, tool or field. */
  where: string;
  message: string;
  /** What a warning costs. */
  cost?: 'latency' | 'cache' | 'money' | 'silence' | 'speech';
}
