/**
 * The voice or the ear fails in the middle of a call, in every way that its stand-in knows: the caller hears something
 * sensible within the times of R17, and the call goes on or ends politely.
 *
 * Real time: the faults are of sockets and what crosses them; those of the model, whose client is tried whole without any, are
 * in `model-faults.test.ts`.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { AgentInput } from '../../src/call/agent.ts';
import type { LightningFault } from '../../src/simulate/lightning/options.ts';
import type { PulseFault } from '../../src/simulate/pulse/faults.ts';
import { startPhone, voiceOf, type Phone, type PhoneLine, type PhoneOptions } from '../../src/testing/phone.ts';
import { lettersApart, lettersOf as heardAs, lettersOf } from '../../src/testing/heard-words.ts';
import {
  agentWith,
  answering,
  expectHeard,
  requestWith,
  saidByAgent,
  slackOf,
  timeOf,
  understood,
} from '../helpers/phone.ts';
import { until } from '../helpers/until.ts';

/** Everything runs at once, on a machine that may have other things to do. */
const LONGEST_MS = 90_000;
const SILENCE_MS = 1_200;
const PROGRESS_MS = 2_000;
const GIVE_UP_MS = 6_000;
/** A word that was cut off is not told to the model. */
const LETTERS_OF_A_WORD = 10;
const STORY = 'The lighthouse was built in eighteen hundred and two, and its light is seen from twenty miles away.';
const FINE = 'The sea is calm today.';
const phrases = {
  hold: 'One moment, please.',
  progress: ['I am still at it.', 'It takes a little longer.'],
  recovery: ['Sorry, could you say that again?', 'I lost that, once more please?'],
  outage: 'I am sorry, our line is broken. Please call again.',
  handover: 'I am sorry, our line is broken. A person will help you.',
};
const agent: Partial<AgentInput> = {
  turn: { silenceMs: SILENCE_MS, progressMs: PROGRESS_MS, giveUpMs: GIVE_UP_MS },
  phrases,
};
/** For where the words are to be told exactly, on a machine that may be slow. */
const patient: Partial<AgentInput> = { phrases };
const replies = answering({ when: 'story|light', say: STORY }, { say: FINE });

/** How the answer to the next question came out. */
interface Turn {
  /** Without white space, of which sound knows nothing. */
  heard: string;
  /** The longest silence from the end of the question to the end of the answer, endpointing left out. */
  longestSilenceMs: number;
  outcomes: string[];
}

const beginnings: (() => void)[] = [];
beforeAll(() => {
  for (const begin of beginnings) begin();
});

/** The whole story, perhaps with a letter or two too many or too few where it broke off. */
const GONE_ON_WITH = /^Thelighthouse.*twentymilesaway\.$/;

const lightningFaults: Record<string, { fault: LightningFault; heard: RegExp }> = {
  'refused once': { fault: { type: 'refuse', status: 503 }, heard: /milesaway\.$/ },
  'a request that is never answered': { fault: { type: 'hang' }, heard: /^Onemoment,please\..*milesaway\.$/ },
  'a silence in the middle': {
    fault: { type: 'stall', afterMs: 900, forMs: 3_000 },
    heard: /^Thelight.*Iamstillatit\..*milesaway\.$/,
  },
  'a cut before the first sound': { fault: { type: 'cut', afterMs: 0 }, heard: /milesaway\.$/ },
  'a cut in the middle': { fault: { type: 'cut', afterMs: 1_500 }, heard: GONE_ON_WITH },
  'a close in the middle': { fault: { type: 'close', afterMs: 1_500 }, heard: GONE_ON_WITH },
  garbage: { fault: { type: 'garbage' }, heard: /milesaway\.$/ },
  'an error frame': {
    fault: { type: 'error', shape: 'object', message: 'no such voice', code: '400' },
    heard: /again\?$/,
  },
  'an error in another shape': { fault: { type: 'error', shape: 'errors', message: 'bad' }, heard: /again\?$/ },
  'an error in the middle': {
    fault: { type: 'error', shape: 'message', message: 'it broke', afterMs: 1_500 },
    heard: GONE_ON_WITH,
  },
  'slower than speech': { fault: { type: 'slow', realTimeFactor: 0.7 }, heard: /milesaway\.$/ },
};

describe('Lightning', () => {
  const all = runs(lightningFaults, ({ fault, heard }) =>
    withPhone(agent, replies, async (phone) => {
      const [line, other] = await Promise.all([phone.dial(), phone.dial()]);
      const others = ask(other, 'A story please');
      await other.caller.waitForSpeech();
      phone.services.lightning.fail(fault, 1, line.call.id); // of `refused`, whoever comes next
      const failed = await ask(line, 'A story please');
      expect(failed.heard).toMatch(heard);
      expectNoLongSilence(line, failed);
      expect(await ask(line, 'How is the sea?')).toMatchObject({ heard: heardAs(FINE), outcomes: ['replied'] });
      expect(await others).toMatchObject({ heard: heardAs(STORY), outcomes: ['replied'] });
      const told = saidByAgent(await requestWith(phone, 'How is the sea')).join('');
      // the word within which a phrase was put in may be told behind it: it is missing in one place, and too many in another
      const mostApart = LETTERS_OF_A_WORD * (fault.type === 'stall' ? 2 : 1);
      expect(lettersApart(told, failed.heard), `"${told}" is not "${failed.heard}"`).toBeLessThanOrEqual(mostApart);
    }),
  );
  test.each(all.names)(
    '%s: heard within the times of R17, the model knows what was, and the call goes on',
    (name) => all.of(name),
    LONGEST_MS,
  );

  const gone = runs({ 'gone for good': true }, () =>
    withPhone(agent, replies, async (phone) => {
      const line = await phone.dial();
      await phone.services.lightning.close();
      const first = await ask(line, 'A story please');
      expect(first.heard).toMatch(/^Onemoment,please\..*again\?$/);
      expectNoLongSilence(line, first);
      await line.say('A story please');
      await line.caller.ended;
      expect(line.heardText()).toMatch(/our line is broken\. Please call again\.$/);
      expect(await line.call.ended).toMatchObject({ reason: 'speech-failed' });
      expect(JSON.stringify(line.call.messages)).not.toContain('lighthouse');
    }),
  );
  test(
    'gone for good: the agent says so with words made before, and hangs up',
    () => gone.of('gone for good'),
    LONGEST_MS,
  );
});

const pulseFaults: Record<string, PulseFault> = {
  refused: { type: 'refuse', status: 503 },
  'closed as soon as it opens': { type: 'close-on-open' },
  'a cut while the caller speaks': { type: 'close', afterMs: 1_000 },
  'a close while the caller speaks': { type: 'close', afterMs: 1_000, code: 1011 },
  'an error frame': { type: 'error', afterMs: 1_000 },
  garbage: { type: 'garbage', afterMs: 500 },
  'binary garbage': { type: 'garbage', afterMs: 500, isBinary: true },
  'a line that is dead without a word': { type: 'mute', afterMs: 500 },
  'no answer to finalize': { type: 'ignore-finalize' },
  'finals that come late': { type: 'late-finals', delayMs: 900 },
};

describe('Pulse', () => {
  const all = runs(pulseFaults, (fault) =>
    withPhone(patient, replies, async (phone) => {
      const other = await phone.dial();
      await until('the other line to be heard', () => phone.services.pulse.sessions().length > 0);
      phone.services.pulse.fault(fault);
      const line = await phone.dial();
      const [asked, others] = await Promise.all([ask(line, 'A story please'), ask(other, 'How is the sea?')]);
      expect(line.eventsOf('turn-start').map(({ text }) => text)).toEqual(['A story please']);
      expect(asked).toMatchObject({ heard: heardAs(STORY), outcomes: ['replied'] });
      expect(others).toMatchObject({ heard: heardAs(FINE), outcomes: ['replied'] });
    }),
  );
  test.each(all.names)('%s: the question is understood all the same', (name) => all.of(name), LONGEST_MS);

  const gone = runs({ 'in an answer': false, 'with a person': true }, (hasPerson) =>
    hasPerson ? loseThePulseBeforeAPerson() : loseThePulseInAnAnswer(),
  );
  test(
    'gone for good in the middle of an answer: it is heard, then that the line is broken, then it ends',
    () => gone.of('in an answer'),
    LONGEST_MS,
  );
  test('gone for good where there is a person: the caller is put through', () => gone.of('with a person'), LONGEST_MS);
});

function loseThePulseInAnAnswer(): Promise<void> {
  return withPhone(agent, replies, async (phone) => {
    const line = await phone.dial();
    const { toMs } = await line.say('A story please');
    await line.caller.waitForSpeech({ fromMs: toMs });
    await phone.services.pulse.close();
    await timeOf(line, 'error');
    void line.caller.say(voiceOf('Hello, hello, can you hear me?')); // nobody can: it does not stop the goodbye
    await line.caller.ended;
    expectHeard(line, STORY + phrases.outage);
    expect(await line.call.ended).toMatchObject({ reason: 'transcriber-failed' });
  });
}

function loseThePulseBeforeAPerson(): Promise<void> {
  const handing = { ...agent, turn: { ...agent.turn, transferTo: '+15550142' } };
  return withPhone(handing, { ...replies, hasAccount: true }, async (phone) => {
    await phone.services.pulse.close();
    const line = await phone.dial();
    const end = await line.caller.ended;
    expectHeard(line, phrases.handover);
    expect(end.redirect?.twiml).toContain('+15550142');
  });
}

/** Every case runs at once, from the first test of this file on; each test waits for its own. */
function runs<Case>(cases: Readonly<Record<string, Case>>, run: (one: Case, name: string) => Promise<void>) {
  const running = new Map<string, Promise<void>>();
  beginnings.push(() => {
    for (const [name, one] of Object.entries(cases)) {
      const promise = run(one, name);
      promise.catch(() => {}); // told by the test that waits for it
      running.set(name, promise);
    }
  });
  return { names: Object.keys(cases), of: (name: string) => running.get(name) };
}

async function withPhone(
  input: Partial<AgentInput>,
  options: PhoneOptions,
  work: (phone: Phone) => Promise<void>,
): Promise<void> {
  const phone = await startPhone(agentWith(input), options);
  try {
    await work(phone);
  } finally {
    await phone.close();
  }
}

/** Asks and listens until the agent has finished. */
async function ask(line: PhoneLine, question: string): Promise<Turn> {
  const turns = line.eventsOf('turn-end').length;
  const { toMs } = await line.say(question);
  const startMs = await timeOf(line, 'turn-start', ({ turn }) => turn > turns);
  await until('the end of the turn', () => line.eventsOf('turn-end').length > turns, 25_000);
  const endMs = line.timeOf(line.eventsOf('turn-end').at(-1)!);
  await line.caller.waitForSilence({ forMs: 300 });
  return {
    heard: lettersOf(understood(line, toMs)),
    longestSilenceMs: longestSilence(line, startMs, endMs),
    outcomes: line
      .eventsOf('turn-end')
      .slice(turns)
      .map(({ outcome }) => outcome),
  };
}

function longestSilence({ caller }: PhoneLine, fromMs: number, toMs: number): number {
  let lastMs = fromMs;
  let longestMs = 0;
  for (const sound of caller.heard.stretches()) {
    if (sound.toMs < fromMs) continue;
    longestMs = Math.max(longestMs, Math.min(sound.fromMs, toMs) - lastMs);
    lastMs = sound.toMs;
  }
  return longestMs;
}

/** R17: after `silenceMs` a phrase, then one every `progressMs`. */
function expectNoLongSilence(line: PhoneLine, { longestSilenceMs }: Turn): void {
  expect(longestSilenceMs).toBeLessThan(Math.max(SILENCE_MS, PROGRESS_MS) + 300 + slackOf(line));
}
