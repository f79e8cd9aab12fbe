/** How a document wants its secrets, made headers and query of a tool that names variables of the environment. Pure. */
import { isRecord } from '../../lib/json.ts';
import { Unmakeable, withoutRefs, type Part } from './document.ts';

/** Where secrets go. */
export interface Secured {
  headers: Record<string, string>;
  query: Record<string, string>;
}

/** Names of variables by the names of schemes. */
export type SecretNames = Readonly<Record<string, string>>;

/**
 * The first way of those that the operation offers that can be made.
 * @throws {Unmakeable} when none can.
 */
export function secure(operation: Part, document: Part, names: SecretNames): Secured {
  const offered = operation['security'] ?? document['security'];
  if (!Array.isArray(offered) || offered.length === 0) return { headers: {}, query: {} };
  let reason: Unmakeable | undefined;
  for (const way of offered) {
    try {
      return makeWay(isRecord(way) ? Object.keys(way) : [], document, names);
    } catch (error) {
      if (!(error instanceof Unmakeable)) throw error;
      reason ??= error;
    }
  }
  throw reason ?? new Unmakeable('its `security` is not written as OpenAPI has it');
}

function makeWay(schemes: readonly string[], document: Part, names: SecretNames): Secured {
  const secured: Secured = { headers: {}, query: {} };
  const components = isRecord(document['components']) ? document['components'] : {};
  const known = isRecord(components['securitySchemes']) ? components['securitySchemes'] : {};
  for (const name of schemes) {
    const scheme = Object.hasOwn(known, name) ? withoutRefs(known[name], document) : undefined;
    if (!isRecord(scheme)) throw new Unmakeable(`its security scheme \`${name}\` is not in the document`);
    addScheme(name, scheme, { secured, names });
  }
  return secured;
}

function addScheme(name: string, scheme: Part, { secured, names }: { secured: Secured; names: SecretNames }): void {
  const type = String(scheme['type']);
  const kind = type === 'http' ? `http ${String(scheme['scheme']).toLowerCase()}` : type;
  const variable = Object.hasOwn(names, name) ? (names[name] ?? '') : variableOf(name);
  switch (kind) {
    case 'http bearer':
    case 'oauth2':
    case 'openIdConnect':
      secured.headers['authorization'] = `Bearer {$${variable}}`;
      return;
    case 'http basic': {
      const [user = '', password = ''] = variable.includes(':')
        ? variable.split(':')
        : [`${variable}_USER`, `${variable}_PASSWORD`];
      secured.headers['authorization'] = `Basic {base64 $${user}:$${password}}`;
      return;
    }
    case 'apiKey': {
      const place = scheme['in'];
      const key = String(scheme['name']);
      if (place !== 'header' && place !== 'query') {
        throw new Unmakeable(
          `its security scheme \`${name}\` is a key in a ${String(place)}, and only headers and queries can hold one`,
        );
      }
      secured[place === 'header' ? 'headers' : 'query'][key] = `{$${variable}}`;
      return;
    }
    default:
      throw new Unmakeable(`its security scheme \`${name}\` is of the kind \`${kind}\`, of which there is no tool`);
  }
}

/** `bearerAuth` is `BEARER_AUTH`. */
export function variableOf(scheme: string): string {
  const words = scheme.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/\W+/g, '_');
  return words.toUpperCase().replace(/^(?=\d)/, '_');
}
