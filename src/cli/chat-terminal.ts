/** `parley chat` for a person on a terminal, or as plain text where one of its ends is piped. */
import type { Call } from '../call/call.ts';
import type { Clock } from '../lib/clock.ts';
import type { StartCall } from './start-call.ts';
import { PERSON_DEEDS, type PersonDeed } from '../testing/people/manner.ts';
import { ChatView } from './chat-view.ts';
import { readLines } from './lines.ts';
import { Prompt } from './prompt.ts';
import { edgeOf, paint, print, write } from './report.ts';
import { faultText } from './tool-faults.ts';

const LABEL = `${' '.repeat(7)}${paint.cyan('caller')}  `;
/** So often a line that waits to be sent keeps the silence from beginning: the shortest is twice as long. */
const TYPING_MS = 500;
/** What still runs after a hang-up is told when it takes longer than a blink. */
const PATIENCE_MS = 400;

interface ChatParts {
  clock: Clock;
  /** What they do whom the agent rings for the caller. */
  person: PersonDeed;
}

export async function chatOnTerminal(start: StartCall, { clock, person }: ChatParts): Promise<void> {
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (isTerminal) print(paint.dim('Ctrl-C cuts in while it speaks, again hangs up. Ctrl-D hangs up.\n'));
  let prompt: Prompt | undefined;
  const show = (text: string) => {
    prompt?.hide();
    write(text);
  };
  const view = new ChatView(show, () => edgeOf(process.stdout));
  const call = start((started) => {
    started.observe({ toolFailed: (fault) => view.fault(faultText(fault)) });
    started.on('event', (event) => {
      view.show(event);
      if (event.type === 'transfer-progress' && event.state === 'ringing') view.remark(playedText(person));
      if (event.type === 'transfer' && event.ok) view.remark('in a chat nobody is called, and it ends here');
      if (started.isTurnRunning || event.type === 'call-end') return;
      view.breakLine();
      prompt?.show();
    });
  });
  const keys = new InterruptKey(call, clock, {
    clearTyped: () => prompt?.clear() ?? false,
    waiting: () => show(paint.dim(`${' '.repeat(15)}a tool that writes is finishing; Ctrl-C again leaves at once\n`)),
  });
  const stop = () => call.hangUp('stopped');
  process.on('SIGINT', keys.pressed).once('SIGTERM', stop);
  process.stdout.once('error', () => call.hangUp('output-closed'));

  const takeLine = (text: string, wasShown = false) => {
    if (text.trim() === '') return prompt?.show();
    if (wasShown) view.wasTyped(text);
    void call.say(text);
  };
  if (isTerminal) {
    const typist = new Typist(call, clock, () => prompt?.typed ?? '');
    prompt = new Prompt({ label: LABEL, line: takeLine, interrupt: keys.pressed, typed: typist.pressed });
    prompt.show();
  }
  await Promise.race([prompt?.closed ?? readLines(process.stdin, (line) => takeLine(line)), call.ended]);
  await call.whenQuiet();
  call.hangUp();
  await call.ended;
  prompt?.close();
  process.stdin.destroy();
  process.removeListener('SIGINT', keys.pressed).removeListener('SIGTERM', stop);
}

/** Nobody's telephone rings. */
const playedText = (person: PersonDeed): string =>
  `in a chat nobody is rung: they are played, and what comes of it is \`--person ${person}\` (or ${PERSON_DEEDS.filter((deed) => deed !== person).join(', ')})`;

/** Whoever types is speaking, from the first key to the last, and as long as a line waits to be sent. */
class Typist {
  readonly #call: Call;
  readonly #clock: Clock;
  readonly #typed: () => string;
  #isTyping = false;

  constructor(call: Call, clock: Clock, typed: () => string) {
    this.#call = call;
    this.#clock = clock;
    this.#typed = typed;
  }

  readonly pressed = (): void => {
    if (this.#isTyping || this.#typed() === '') return;
    this.#isTyping = true;
    this.#tell();
  };

  readonly #tell = (): void => {
    const text = this.#typed();
    this.#isTyping = text !== '';
    if (!this.#isTyping) return;
    if (!this.#call.isTurnRunning) this.#call.callerSpeech('words', text); // over an answer it would be an interruption
    this.#clock.after(TYPING_MS, this.#tell);
  };
}

/** Ctrl-C: over the agent's words it cuts in; else it takes back what was typed; else it hangs up; at last it leaves. */
class InterruptKey {
  readonly #call: Call;
  readonly #clock: Clock;
  readonly #screen: { clearTyped: () => boolean; waiting: () => void };
  #isHangingUp = false;

  constructor(call: Call, clock: Clock, screen: { clearTyped: () => boolean; waiting: () => void }) {
    this.#call = call;
    this.#clock = clock;
    this.#screen = screen;
  }

  readonly pressed = (): void => {
    if (this.#isHangingUp) process.exit(130);
    if (this.#call.isTurnRunning) return this.#call.interrupt();
    if (this.#screen.clearTyped()) return;
    this.#isHangingUp = true;
    this.#call.hangUp();
    const stopWaiting = this.#clock.after(PATIENCE_MS, this.#screen.waiting);
    void this.#call.ended.finally(stopWaiting).catch(() => {});
  };
}
