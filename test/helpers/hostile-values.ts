/** What may be thrown or returned to break whoever reads it: each by a name, made anew each time. */

const no = (): never => {
  throw new Error('not to be read');
};

const trap = new Proxy({}, { get: () => no });

export const HOSTILE_VALUES: Readonly<Record<string, () => unknown>> = {
  'a bigint': () => 10n,
  'a bigint of a million digits': () => 7n ** 1_000_000n,
  'a symbol': () => Symbol('x'),
  nothing: () => undefined,
  null: () => null,
  'an empty text': () => '',
  'an object without a prototype': () => Object.create(null) as unknown,
  'a circular object': () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    circle['cause'] = circle;
    return circle;
  },
  'a proxy whose every trap throws': () => new Proxy({}, trap),
  'a proxy of an error whose every trap throws': () => new Proxy(new Error('x'), trap),
  'a proxy that was revoked': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'an error with throwing getters': () =>
    Object.defineProperties(new Error('x'), {
      stack: { get: no },
      message: { get: no },
      name: { get: no },
      code: { get: no },
      cause: { get: no },
    }),
  'an error with throwing getters in its cause': () =>
    new Error('x', { cause: Object.defineProperty(new Error('y'), 'message', { get: no }) }),
  'an error that is its own cause': () => {
    const error = new Error('x');
    error.cause = error;
    return error;
  },
  'an error whose stack is no text': () => Object.assign(new Error('x'), { stack: { split: 5 } }),
  'an error whose message is no text': () => Object.assign(new Error('x'), { message: { toString: no } }),
  'an error whose code is no text': () => Object.assign(new Error('x'), { code: { toString: no } }),
  'an error with a message of 60 MB': () => new Error('x'.repeat(60_000_000)),
  'an error with terminal codes': () => new Error('\u001b[2J\u001b]0;title\u0007\r\nforged \u202e line'),
  'an object whose texts throw': () => ({ toString: no, valueOf: no, toJSON: no, [Symbol.toPrimitive]: no }),
  'an object whose tag throws': () => Object.defineProperty({}, Symbol.toStringTag, { get: no }),
  'a thenable whose then throws': () => Object.defineProperty({}, 'then', { get: no }),
};
