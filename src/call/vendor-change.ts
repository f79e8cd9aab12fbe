/** Which vendor of a list a call has, as its events tell it: when another is taken, and when the first is back. */
import type { Successor, VendorKind } from '../lib/succession.ts';
import type { EventBody } from './events.ts';

/** What is told each time that one of a list is asked, and tells of it only when it is another than before. */
export function followVendor(kind: VendorKind, tell: (event: EventBody) => void): (who: Successor) => void {
  let now = 0;
  return ({ names, at, because }) => {
    if (at === now) return;
    const [from = '', to = ''] = [names[now], names[at]];
    const why = at > now && because ? { code: because.code, message: because.message } : {};
    now = at;
    tell({ type: 'vendor-change', kind, from, to, ...why });
  };
}
