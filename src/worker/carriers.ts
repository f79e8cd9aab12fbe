/** The one list of carriers: another is a folder with a door, and a line here. */
import type { Door } from '../bridge/door.ts';
import { asterisk } from '../bridge/asterisk/door.ts';
import { cloudonix } from '../bridge/cloudonix/door.ts';
import { exotel } from '../bridge/exotel/door.ts';
import { telnyx } from '../bridge/telnyx/door.ts';
import { freeswitch } from '../bridge/freeswitch/door.ts';
import { genesys } from '../bridge/genesys/door.ts';
import { infobip } from '../bridge/infobip/door.ts';
import { jambonz } from '../bridge/jambonz/door.ts';
import { plivo } from '../bridge/plivo/door.ts';
import { signalwire } from '../bridge/signalwire/door.ts';
import { twilio } from '../bridge/twilio/door.ts';
import { vonage } from '../bridge/vonage/door.ts';
import { web } from '../bridge/web/door.ts';

export const CARRIERS = [
  twilio,
  signalwire,
  plivo,
  cloudonix,
  exotel,
  telnyx,
  vonage,
  infobip,
  freeswitch,
  asterisk,
  genesys,
  web,
  jambonz,
] as const satisfies readonly Door[];

/** Those of them by which nobody calls but web pages. */
export const PAGES = [web] as const satisfies readonly Door[];
