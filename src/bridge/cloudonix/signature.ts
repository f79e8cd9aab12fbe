/** What Cloudonix shows of itself with every webhook, and with no socket: a key that is always the same. */
export const API_KEY_HEADER = 'x-cx-apikey';
