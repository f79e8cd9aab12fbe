/** What is the matter with a file or a folder, in words for whoever named it. */
import { messageOf, VoiceError } from './errors.ts';

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of the path is not a folder',
  EEXIST: 'something else of that name is there',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};

/** `verb` is `read`, `write` or `write into`. */
export function fileError(verb: string, file: string, error: unknown): VoiceError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new VoiceError('file-unreadable', `cannot ${verb} ${file}: ${REASONS[code] ?? messageOf(error)}`, {
    cause: error,
  });
}
