/** What Asterisk puts into `Authorization`, as its WebSocket client and `CURLOPT(userpwd)` do, whatever the user is called. */
export const showPassword = (password: string): string =>
  `Basic ${Buffer.from(`asterisk:${password}`).toString('base64')}`;
