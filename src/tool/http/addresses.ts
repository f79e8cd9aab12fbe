/**
 * Which addresses belong to everybody's internet. What a tool asks is checked as its connection is made, by the address that it
 * is made to: so a name that leads to this machine or its network, an address in any spelling, and where a redirect leads are all
 * refused in one place, and a name cannot lead elsewhere between the look and the connection.
 */
import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { buildConnector } from 'undici';

/** Of IANA's registries of special-purpose addresses. @see https://www.iana.org/assignments/iana-ipv4-special-registry */
const PRIVATE_V4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4';
/** In what is public: protocols, tunnels that carry an address of the older kind, and documentation. */
const PRIVATE_V6 = '2001::/23 2001:db8::/32 2002::/16 3fff::/20';
/** Everything else is of this machine, its network, or nobody's. */
const PUBLIC_V6 = '2000::/3';
/** An address of the older kind in one of the newer: as the system writes it, and as a translator of networks does. */
const EMBEDDING = ['::ffff:', '64:ff9b::'];

const privateV4 = listOf(PRIVATE_V4, 'ipv4');
const publicV6 = listOf([PUBLIC_V6, ...EMBEDDING.map((prefix) => `${prefix}0.0.0.0/96`)].join(' '), 'ipv6');
const privateV6 = listOf([PRIVATE_V6, ...EMBEDDING.flatMap(embedded)].join(' '), 'ipv6');

function listOf(subnets: string, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const subnet of subnets.split(' ')) {
    const [address = '', bits] = subnet.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function embedded(prefix: string): string[] {
  return PRIVATE_V4.split(' ').map((subnet) => {
    const [address, bits] = subnet.split('/');
    return `${prefix}${address}/${96 + Number(bits)}`;
  });
}

/** Whether this IP address, of either kind, is one of the public internet. False for what is no address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !privateV4.check(address, 'ipv4');
    case 6:
      return !address.includes('%') && publicV6.check(address, 'ipv6') && !privateV6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** A connection was not made, since it would have been to this machine or its network. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';
  constructor(host: string) {
    super(
      `\`${host}\` is an address of this machine or of its network, which only \`allowPrivate: true\` lets a tool ask`,
    );
  }
}

/** As `net.connect` asks for the addresses of a name. */
type Lookup = (
  host: string,
  options: LookupOptions,
  done: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
) => void;
type LookupAll = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** Gives the public addresses of a name, and an error where it has none. `lookup`: default the system's. */
export function publicLookup(lookup: LookupAll = systemLookup): Lookup {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const open = addresses.filter(({ address }) => isPublicAddress(address));
      const [first] = open;
      if (!first) return done(new PrivateAddress(host), []);
      if (options.all) done(null, open);
      else done(null, first.address, first.family);
    });
  };
}

/** Makes connections to public addresses alone. `timeoutMs`: of one. */
export function publicConnector(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: publicLookup() });
  return (options, done) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !isPublicAddress(host)) return done(new PrivateAddress(host), null);
    connect(options, done);
  };
}
