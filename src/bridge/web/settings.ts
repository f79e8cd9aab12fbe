/** Settings of the line of web pages. */
import { origins, setting, type ValuesOf } from '../../lib/settings.ts';

export const WEB_SETTINGS = {
  webOrigins: setting('PARLEY_WEB_ORIGINS', origins.default([]), {
    help: 'web pages whose visitors may call, by origin, separated by commas; none by default',
    expected: 'origins such as https://www.example.com, separated by commas',
  }),
} as const;

export type WebSettings = ValuesOf<typeof WEB_SETTINGS>;
