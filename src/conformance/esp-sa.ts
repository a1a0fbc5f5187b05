// The SA that a vector describes, as the packet processor wants it installed. RFC 4301 §4.4.2.
import { u32 } from '../bytes/bytes.ts'
import type { Secret } from '../bytes/secret.ts'
import type { SaInstall, SaMode } from '../contract/install.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import type { ChildSuite } from '../contract/transforms.ts'
import { childSaId, espSpi, ikeSaId } from '../contract/units.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { protocol } from '../iana/protocols.ts'
import { transformType } from '../iana/transforms.ts'
import { spiOf } from '../ipsec/sad.ts'
import type { SequenceNumber } from '../ipsec/replay.ts'
import { type Address, parseAddress } from '../net/address.ts'
import { pathDefaults } from '../policy/defaults.ts'
import { type Answer, invalid, unimplemented } from './vector.ts'

/** What both ends know of an SA. */
export interface DescribedSa {
  readonly suite: {
    /** Left out for AH. */
    readonly encryption?: number | undefined
    readonly keyLength?: number | undefined
    /** Left out beside a combined-mode cipher (RFC 5282 §8). */
    readonly integrity?: number | undefined
    readonly sequenceNumbers: 'ESN' | 'NO_ESN'
  }
  /** Key | salt (RFC 4106 §8.1, RFC 4309 §7.1, RFC 7634 §2), or key | nonce (RFC 3686 §5.1); left out for NULL. */
  readonly encryptionKey?: Secret | undefined
  readonly integrityKey?: Secret | undefined
  /** Four octets. */
  readonly spi: Uint8Array
  readonly mode: SaMode
}

export interface WhereUsed {
  readonly direction: SaInstall['direction']
  readonly encapsulation: SaInstall['encapsulation']
  readonly version: 4 | 6
}

/** The port of both ends (RFC 3948 §2.1). */
const natTraversalPort = 4500

/** The install, or what is wrong with the SA before there is a packet. */
export function installOf(provider: CryptoProvider, sa: DescribedSa, { direction, encapsulation, version }: WhereUsed): SaInstall | Answer {
  const suite = suiteOf(sa)
  const lengths = provider.packetKeyLengths(suite)
  if (lengths === undefined) return unimplemented(`${provider.name} has no such suite`)
  if ((sa.encryptionKey?.length ?? 0) !== lengths.encryption) return invalid('crypto', 'encryptionKey')
  if ((sa.integrityKey?.length ?? 0) !== lengths.integrity) return invalid('crypto', 'integrityKey')
  // RFC 4303 §2.1: 0 MUST NOT be sent on the wire, 1 to 255 are reserved.
  if (spiOf(sa.spi) === undefined) return invalid('ipsec', 'spi')
  const [local, remote] = ends[version]
  return {
    ikeSa: ikeSaId(1),
    child: childSaId(1),
    connection: 'vector',
    childName: 'vector',
    direction,
    spi: espSpi(u32(sa.spi, 0)),
    suite,
    encryptionKey: lengths.encryption === 0 ? undefined : sa.encryptionKey,
    integrityKey: lengths.integrity === 0 ? undefined : sa.integrityKey,
    mode: sa.mode,
    localSelectors: everything,
    remoteSelectors: everything,
    local: { address: local, port: natTraversalPort },
    remote: { address: remote, port: natTraversalPort },
    encapsulation,
    original: undefined,
    path: pathDefaults,
    laterFragments: 'not-agreed',
    replayWindow,
    tfc: undefined,
    soft: unlimited,
    hard: unlimited,
  }
}

/** In packets (RFC 4303 §3.4.3: 64 is preferred). */
export const replayWindow = 64

/** A 64-bit number in its halves. */
export const sequenceNumber = (value: bigint): SequenceNumber => ({ high: Number(value >> 32n), low: Number(value & 0xffffffffn) })

function suiteOf({ suite }: DescribedSa): ChildSuite {
  return {
    protocol: suite.encryption === undefined ? protocol.AH : protocol.ESP,
    encryption: suite.encryption === undefined ? undefined : { type: transformType.ENCR, id: suite.encryption, keyLength: suite.keyLength },
    integrity: suite.integrity === undefined ? undefined : { type: transformType.INTEG, id: suite.integrity, keyLength: undefined },
    extendedSequence: suite.sequenceNumbers === 'ESN' ? 'esn' : 'no-esn',
  }
}

const unlimited = { packets: undefined, bytes: undefined, until: undefined }
const at = (text: string): Address => parseAddress(text) ?? at('0.0.0.0')

/** Outer addresses of what is sealed; no output depends on them. */
const ends: Readonly<Record<4 | 6, readonly [Address, Address]>> = {
  4: [at('192.0.2.1'), at('198.51.100.2')],
  6: [at('2001:db8::a'), at('2001:db8:1::b')],
}

const anything = (first: string, last: string): TrafficSelector => ({
  protocol: 0,
  startPort: 0,
  endPort: 0xffff,
  startAddress: at(first),
  endAddress: at(last),
})
const everything = [anything('0.0.0.0', '255.255.255.255'), anything('::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')]
