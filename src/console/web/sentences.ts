/** What a page may have to say about its call, in words for whoever looks at it. */

export const SENTENCES = {
  'microphone-refused': 'The microphone may not be used. Allow it in the browser and call again, or type.',
  'microphone-missing': 'No microphone was found. Plug one in, or type.',
  'microphone-lost': 'The microphone is gone. Plug it in again, or choose another; you can type meanwhile.',
  'microphone-changed': 'Another microphone is in use now.',
  'sound-suspended': 'The browser has paused the sound. The call waits: click or press a key to go on.',
  'sound-running': 'The sound is on again.',
  'page-hidden': 'This page is in the background. The call goes on.',
  'network-lost': 'The connection is lost. The call waits while it is tried again.',
  'network-back': 'The connection is back. The call goes on.',
  'call-resumed': 'The page was loaded again. The call goes on.',
  'call-refused': 'The call was not taken. Ask for a new one.',
  'call-lost': 'The connection was lost for too long. The call has ended.',
  'sound-failed': 'The browser cannot play sound.',
} as const;

export type NoticeCode = keyof typeof SENTENCES;
