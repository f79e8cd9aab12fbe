/** `parley scenario`: a recorded call as a scenario file, to be read, mended and played by `parley eval`. */
import { writeFileSync } from 'node:fs';
import { VoiceError } from '../lib/errors.ts';
import { plainLine } from '../lib/plain.ts';
import { isRecording, readRecording } from '../evaluate/recording.ts';
import { scenarioOf } from '../evaluate/from-recording.ts';
import { Redactor } from '../evaluate/redact.ts';
import { OWNER_ONLY } from '../record/folder.ts';
import { fileError } from '../lib/file-error.ts';
import { say, write } from './report.ts';

export interface ScenarioOptions {
  agent: string;
  out?: string;
  redact?: boolean;
}

/** @throws {VoiceError} `recording-invalid` or `file-unreadable` */
export async function makeScenario(recording: string, { agent, out, redact }: ScenarioOptions): Promise<void> {
  if (!(await isRecording(recording))) {
    throw new VoiceError(
      'recording-invalid',
      `${recording}: expected the folder of a recorded call, with events.jsonl in it`,
    );
  }
  const { scenario, guesses } = scenarioOf(await readRecording(recording), agent);
  const told = guesses.map(({ text }) => text);
  const redactor = redact ? new Redactor() : undefined;
  const { stringify } = await import('yaml');
  const written = redactor ? { ...redactor.redact(scenario), name: 'recorded-call' } : scenario;
  const text = stringify(written, { lineWidth: 120 });
  const head = [
    'Made of a recorded call by `parley scenario`. The caller says the same; the model and the tools answer as they did.',
    ...(redactor
      ? ['Names, numbers and addresses were replaced. Read it: what nothing in the call says is a name was not.']
      : ['It holds what a caller said: keep it as the recording is kept, or use --redact.']),
    ...(redactor ? redactor.redact(told) : told), // they quote what was said
  ];
  const file = `${head.map((line) => `# ${plainLine(line)}\n`).join('')}${text}`;
  if (out === undefined) return write(file);
  try {
    writeFileSync(out, file, { mode: OWNER_ONLY, flag: 'wx' });
  } catch (error) {
    throw fileError('write', out, error);
  }
  say(`parley: wrote ${out}. Play it by \`parley eval ${out}\`.`);
}
