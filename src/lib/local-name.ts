/** Whether a host is this machine itself, by its name alone. */

/** `localhost` and what lies below it, the addresses of the loopback, and the one that stands for all of this machine's. */
const LOCAL_NAME =
  /^(.+\.)?localhost\.?$|^127(\.\d{1,3}){3}$|^0\.0\.0\.0$|^\[(::1|::|::ffff:127(\.\d{1,3}){3}|::ffff:7f[\da-f]{2}:[\da-f]{1,4})\]$/i;

/** `host`: without its port, an address of version 6 in brackets, as `URL` has it. */
export const isLocalName = (host: string): boolean => LOCAL_NAME.test(host);
