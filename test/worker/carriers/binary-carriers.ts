/** The carriers whose audio goes as binary messages, as the tests of whole calls know them. */
import { PUBLIC_URL } from '../../helpers/worker.ts';
import type { WholeCallCarrier } from './knocking.ts';

export const GENESYS_SECRET = Buffer.from('a-client-secret-of-genesys').toString('base64');

export const BINARY_CARRIERS: WholeCallCarrier[] = [
  {
    ...{ line: 'web', secret: 'a-token-of-the-worker', hasInbandKeys: false },
    env: {
      PARLEY_PUBLIC_URL: PUBLIC_URL,
      PARLEY_WEB_ORIGINS: 'https://www.example.com',
      PARLEY_BRIDGE_TOKEN: 'a-token-of-the-worker',
    },
  },
  {
    ...{ line: 'vonage', secret: 'a-signature-secret', hasInbandKeys: false },
    env: { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_VONAGE_SIGNATURE_SECRET: 'a-signature-secret' },
    otherwise: { PARLEY_VONAGE_CONTENT_TYPE: 'audio/l16;rate=24000' },
    numbers: { from: '15550100', to: '15550199' },
  },
  {
    ...{ line: 'infobip', secret: 'a-secret-of-infobip', hasInbandKeys: false, hasClear: false },
    env: { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_INFOBIP_SECRET: 'a-secret-of-infobip' },
  },
  {
    ...{ line: 'freeswitch', secret: 'a-password-of-freeswitch', hasInbandKeys: false },
    env: { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_FREESWITCH_PASSWORD: 'a-password-of-freeswitch' },
  },
  {
    ...{ line: 'jambonz', secret: 'a-password-of-jambonz', hasInbandKeys: false },
    env: { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_JAMBONZ_PASSWORD: 'a-password-of-jambonz' },
    otherwise: { PARLEY_JAMBONZ_SAMPLE_RATE: '8000' },
  },
  {
    ...{ line: 'genesys', secret: GENESYS_SECRET, hasInbandKeys: false, isNearRealTime: true },
    env: { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_GENESYS_CLIENT_SECRET: GENESYS_SECRET },
  },
];
