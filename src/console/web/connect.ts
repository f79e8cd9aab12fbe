/** How a page calls, and goes on with the call that it had. */
import { Call, KEPT_AS, type ConnectOptions, type ResumeOptions } from './call.ts';
import { takeCall } from './kept-call.ts';

/** Calls. To be asked in the page's answer to a click or a key: else the browser plays nothing. */
export function connect(options: ConnectOptions): Call {
  return new Call(options);
}

/** The call that this tab had when its page was loaded again, which goes on; undefined when there was none, or it is too late. */
export function resume(options: ResumeOptions = {}): Call | undefined {
  const kept = takeCall(options.keepAs ?? KEPT_AS);
  if (!kept) return undefined;
  const { url, kind, inRateHz, outRateHz } = kept;
  return new Call({ ...options, url, token: '', kind, inRateHz, outRateHz }, kept);
}
