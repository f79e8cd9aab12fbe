/** Lightning in the list of vendors. What speaks is loaded when it is first made: an agent in text needs none of it. */
import { z } from 'zod';
import { accountOf, lacksKey, SMALLEST_PROVIDER, SMALLEST_SETTINGS } from '../../lib/smallest.ts';
import { number } from '../../lib/settings.ts';
import { readVendorSettings } from '../../lib/vendor.ts';
import type { VoiceVendor } from '../contract.ts';
import { LightningOptions } from './options.ts';
import { SOCKETS_PER_SYNTHESIS } from './voices.ts';

/** Syntheses at once that the account allows. */
const Limits = z.object({ syntheses: z.int().min(1).default(1) });
const SYNTHESES = 'lightning';
const SOCKETS = 'lightning-sockets';

export const lightning = {
  provider: SMALLEST_PROVIDER,
  label: 'Lightning',
  options: LightningOptions,
  account: SMALLEST_SETTINGS,
  lacks: lacksKey,
  limits: {
    syntheses: number('PARLEY_SYNTHESES', [1, 10_000, 1], 'syntheses at once that the account allows'),
  },
  resources(settings) {
    const { syntheses } = readVendorSettings(Limits, settings);
    return {
      [SYNTHESES]: { type: 'places', concurrent: syntheses },
      [SOCKETS]: { type: 'places', concurrent: SOCKETS_PER_SYNTHESIS * syntheses },
    };
  },
  async create({ settings, places, clock, log }) {
    const { createLightning } = await import('./synthesizer.ts');
    const own = { syntheses: places(SYNTHESES), sockets: places(SOCKETS) };
    return createLightning({ ...accountOf(settings), places: own, clock, log });
  },
  async catalogue(settings) {
    const { builtInCatalogue, catalogueOf } = await import('./catalogue.ts');
    return settings['apiKey'] === undefined ? builtInCatalogue() : catalogueOf(accountOf(settings));
  },
} satisfies VoiceVendor;
