/** Pulse in the list of vendors. What hears is loaded when it is first made: an agent in text needs none of it. */
import { z } from 'zod';
import { accountOf, lacksKey, SMALLEST_PROVIDER, SMALLEST_SETTINGS } from '../../lib/smallest.ts';
import { number } from '../../lib/settings.ts';
import { readVendorSettings } from '../../lib/vendor.ts';
import type { EarVendor } from '../contract.ts';
import { PulseOptions } from './options.ts';
import { MOST_SOCKETS } from './wire.ts';

/** Live sockets at once that the account allows. */
const Limits = z.object({ pulseSockets: z.int().min(1).default(MOST_SOCKETS) });
const SOCKETS = 'pulse-sockets';

export const pulse = {
  provider: SMALLEST_PROVIDER,
  label: 'Pulse',
  options: PulseOptions,
  account: SMALLEST_SETTINGS,
  lacks: lacksKey,
  limits: {
    pulseSockets: number(
      'PARLEY_PULSE_SOCKETS',
      [1, 100_000, MOST_SOCKETS],
      'live transcriptions at once that the account allows',
    ),
  },
  resources: (settings) => ({
    [SOCKETS]: { type: 'places', concurrent: readVendorSettings(Limits, settings).pulseSockets },
  }),
  async create({ settings, places, clock, log }) {
    const { createPulse } = await import('./transcriber.ts');
    return createPulse({ ...accountOf(settings), places: places(SOCKETS), clock, log });
  },
} satisfies EarVendor;
