/** Whether somebody who is asked to take a call says that they do: in every language at once, as those who are called speak their own. */
import { hasAnyOf, plainWords } from '../lib/plain-words.ts';

/** What a refusal has in it, whatever else: looked for first, since "no, I can take it later" has both. */
const NO = [
  ...['no', 'nope', 'not now', 'not right now', "can't", 'cannot', 'unable', 'busy', 'later', 'wrong number'],
  ...['nein', 'nicht', 'spater', 'non', 'pas maintenant', 'plus tard', 'ahora no', 'mas tarde', 'nao', 'mais tarde'],
  ...['non posso', 'piu tardi', 'nee', 'niet', 'nahin', 'nahi', 'abhi nahin', 'नहीं', 'बाद में'],
].map(plainWords);

const YES = [
  ...['yes', 'yeah', 'yep', 'sure', 'okay', 'ok', 'of course', 'go ahead', 'put them through', 'put him through'],
  ...[
    'put her through',
    'connect',
    "i'll take it",
    'i will take it',
    'take the call',
    'please do',
    'alright',
    'all right',
  ],
  ...['ja', 'gerne', 'klar', 'verbinden', 'stellen sie durch', 'oui', "d'accord", 'passez', 'si', 'claro', 'vale'],
  ...['pasemela', 'paselo', 'certo', 'va bene', 'sim', 'pode passar', 'graag', 'prima'],
  ...['haan', 'han ji', 'ji haan', 'theek hai', 'हाँ', 'हां', 'जी', 'ठीक है'],
].map(plainWords);

/** Undefined, where it is neither. */
export function answerIn(text: string): 'yes' | 'no' | undefined {
  const said = `${plainWords(text)} `; // the last word of a run is whole
  const has = (runs: readonly string[]) => runs.some((run) => hasAnyOf(said, [`${run} `]));
  if (has(NO)) return 'no';
  return has(YES) ? 'yes' : undefined;
}
