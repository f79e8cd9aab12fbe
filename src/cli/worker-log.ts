/** The log of a worker, as the settings have it: for programs or, on a terminal, for people. */
import { createLog, type Log } from '../lib/log.ts';
import { secretsOf, type Settings } from '../worker/settings.ts';

/** Whether somebody watches. */
export const isForPeople = ({ logFormat }: Settings): boolean => process.stderr.isTTY && logFormat === 'auto';

export async function openLog(settings: Settings): Promise<Log> {
  const { logLevel: level, logText: showText } = settings;
  const stream = isForPeople(settings) ? { stream: (await import('./for-people.ts')).logForPeople() } : {};
  return createLog({ level, showText, secrets: secretsOf(settings), ...stream });
}
