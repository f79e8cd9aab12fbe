/** Writes XML for carriers that are told in it what to do. Pure, with everything that comes from outside escaped. */

export type Attributes = Readonly<Record<string, string | undefined>>;

/** `content` is XML already. */
export function element(name: string, attributes: Attributes = {}, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    // a line break in an attribute would be read back as a space
    value === undefined
      ? ''
      : ` ${key}="${escapeText(value).replace(/[\t\n\r]/g, (space) => `&#${space.charCodeAt(0)};`)}"`,
  );
  const opening = `<${name}${written.join('')}`;
  return content === '' ? `${opening}/>` : `${opening}>${content}</${name}>`;
}

/** The document of verbs that all of them read. */
export function response(verbs: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`;
}

/** `<`, `>`, `&` and quotes; characters that XML forbids are left out. */
export function escapeText(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[<>&"']/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' };
/** What XML 1.0 does not allow; half a surrogate pair is not even a character. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/gu;
