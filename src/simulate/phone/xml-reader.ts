/**
 * TwiML as Twilio reads it: elements, attributes, text and entities; comments, declarations and white space between the
 * verbs are skipped. Pure. Enough XML for TwiML, and strict about it, since Twilio ends a call for a broken document.
 */
import { VoiceError } from '../../lib/errors.ts';

export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  /** All the text between its tags, that of its children not counted. */
  text: string;
}

const TOKEN =
  /<\?[^]*?\?>|<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\/([\w.:-]+)\s*>|<([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const ATTRIBUTE = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * The verbs of a document: what stands inside of `<Response>`.
 * @throws {VoiceError} `frame-invalid`
 */
export function readTwiml(xml: string): XmlElement[] {
  const root = readXml(xml.trim());
  if (root.name !== 'Response') throw invalid(`Expected \`<Response>\`, got \`<${root.name}>\``);
  return root.children;
}

function readXml(xml: string): XmlElement {
  const document: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [document];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(xml);
    if (!token) throw invalid(`Expected well-formed XML, got something else at character ${at}`);
    const [, cdata, closing, opening, attributes, isEmpty, text] = token;
    const parent = open.at(-1) ?? document;
    if (cdata !== undefined) parent.text += cdata;
    else if (text !== undefined) parent.text += unescape(text);
    else if (closing !== undefined) {
      if (open.length === 1 || parent.name !== closing)
        throw invalid(`Expected \`</${parent.name}>\`, got \`</${closing}>\``);
      open.pop();
    } else if (opening !== undefined) {
      const element: XmlElement = {
        name: opening,
        attributes: readAttributes(attributes ?? ''),
        children: [],
        text: '',
      };
      parent.children.push(element);
      if (isEmpty === '') open.push(element);
    }
  }
  const [root] = document.children;
  if (open.length > 1 || !root || document.children.length > 1) throw invalid('Expected one whole element');
  return root;
}

function readAttributes(text: string): Record<string, string> {
  const pairs = Array.from(text.matchAll(ATTRIBUTE), ([, name, double, single]) => [
    name,
    unescape(double ?? single ?? ''),
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));|&/gi, (all, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined && ENTITIES[name] !== undefined) return ENTITIES[name];
    const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? parseInt(hex, 16) : -1;
    if (code < 0 || code > 0x10ffff) throw invalid(`Expected an entity that XML knows, got \`${all}\``);
    return String.fromCodePoint(code);
  });
}

function invalid(message: string): VoiceError {
  return new VoiceError('frame-invalid', `TwiML: ${message}`);
}
