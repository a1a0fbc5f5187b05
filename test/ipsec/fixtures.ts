// Pairs of SAs that belong together, and packets to send through them.
import { putU32 } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import type { SaInstall, SaMode } from '../../src/contract/install.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import type { TrafficSelector } from '../../src/contract/selectors.ts'
import type { ChildSuite, TransformChoice } from '../../src/contract/transforms.ts'
import type { ChildSaId, IkeSaId, Spi } from '../../src/contract/units.ts'
import type { RandomSource } from '../../src/contract/random.ts'
import type { CryptoProvider } from '../../src/crypto/provider.ts'
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import { portableProvider } from '../../src/crypto/providers/portable.ts'
import { integrity as integrityNumbers } from '../../src/iana/transforms.ts'
import { type DropReason, dropReason } from '../../src/ipsec/drops.ts'
import type { Framing } from '../../src/ipsec/framing.ts'
import type { InboundSa, OuterAddresses } from '../../src/ipsec/inbound.ts'
import type { OutboundSa } from '../../src/ipsec/outbound.ts'
import { createInboundSa, createOutboundSa } from '../../src/ipsec/sa.ts'
import { ReplayWindow, type SequenceNumber } from '../../src/ipsec/replay.ts'
import { pathDefaults } from '../../src/policy/defaults.ts'
import { type Address, type Endpoint, parseAddress } from '../../src/net/address.ts'

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`no address: ${text}`)
  return parsed
}

/** Octets that look like nothing and are the same every time. */
export function countingOctets(start: number): RandomSource {
  let next = start
  return (length) => Uint8Array.from({ length }, () => (next = (next * 73 + 41) & 0xff))
}

export const providers: readonly CryptoProvider[] = [nodeProvider(), portableProvider({ random: countingOctets(7) })]
export const provider: CryptoProvider = nodeProvider({ random: countingOctets(9) })

// ---- suites --------------------------------------------------------------------------------------------------------

export interface NamedSuite {
  readonly name: string
  readonly suite: ChildSuite
  readonly encryptionKeyLength: number
  readonly integrityKeyLength: number
}

const encryption = (id: number, keyLength: number | undefined): TransformChoice => ({ type: 1, id, keyLength })
const integrity = (id: number): TransformChoice => ({ type: 3, id, keyLength: undefined })

const aead = (name: string, id: number, bits: number | undefined): NamedSuite => ({
  name,
  suite: { protocol: 3, encryption: encryption(id, bits), integrity: undefined, extendedSequence: 'no-esn' },
  encryptionKeyLength: (bits ?? 256) / 8 + 4,
  integrityKeyLength: 0,
})
const withMac = (name: string, id: number, bits: number | undefined, mac: number, macKey: number): NamedSuite => ({
  name,
  suite: { protocol: 3, encryption: encryption(id, bits), integrity: integrity(mac), extendedSequence: 'no-esn' },
  encryptionKeyLength: (bits ?? 0) / 8,
  integrityKeyLength: macKey,
})

/** By IANA numbers: RFC 7296 §3.3.2. */
export const gcm128: NamedSuite = aead('AES-GCM-128', 20, 128)
export const suites: readonly NamedSuite[] = [
  gcm128,
  aead('AES-GCM-192', 20, 192),
  aead('AES-GCM-256', 20, 256),
  aead('ChaCha20-Poly1305', 28, undefined),
  withMac('AES-CBC-128 with HMAC-SHA2-256-128', 12, 128, 12, 32),
  withMac('AES-CBC-192 with HMAC-SHA2-384-192', 12, 192, 13, 48),
  withMac('AES-CBC-256 with HMAC-SHA2-512-256', 12, 256, 14, 64),
  withMac('NULL with HMAC-SHA2-256-128', 11, undefined, 12, 32),
]

const named = (name: string, cipher: TransformChoice, mac: TransformChoice | undefined): NamedSuite => {
  const suite: ChildSuite = { protocol: 3, encryption: cipher, integrity: mac, extendedSequence: 'no-esn' }
  const lengths = provider.packetKeyLengths(suite)
  if (lengths === undefined) throw new Error(`no such suite: ${name}`)
  return { name, suite, encryptionKeyLength: lengths.encryption, integrityKeyLength: lengths.integrity }
}

/** Authenticates and does not encrypt (RFC 4543). */
export const gmac128: NamedSuite = named('NULL with AES-GMAC-128', encryption(21, 128), undefined)

/** Those that are off unless they are named, as far as scapy has them. */
export const optionalSuites: readonly NamedSuite[] = [
  named('AES-CTR-128 with HMAC-SHA2-256-128', encryption(13, 128), integrity(12)),
  named('AES-CTR-256 with AES-CMAC-96', encryption(13, 256), integrity(8)),
  named('AES-CBC-128 with HMAC-SHA1-96', encryption(12, 128), integrity(2)),
  named('AES-CBC-256 with AES-CMAC-96', encryption(12, 256), integrity(8)),
  named('Triple DES with HMAC-SHA1-96', encryption(3, undefined), integrity(2)),
  named('Triple DES with HMAC-SHA2-256-128', encryption(3, undefined), integrity(12)),
  named('AES-CCM-16-128', encryption(16, 128), undefined),
  named('AES-CCM-16-256', encryption(16, 256), undefined),
]

/** AH: every integrity algorithm, by the length of its key. */
export const ahSuites: readonly NamedSuite[] = Object.entries(integrityNumbers).flatMap(([name, id]) => {
  const mac = provider.packetMac(id)
  const suite: ChildSuite = { protocol: 2, encryption: undefined, integrity: integrity(id), extendedSequence: 'no-esn' }
  return mac === undefined ? [] : [{ name, suite, encryptionKeyLength: 0, integrityKeyLength: mac.keyLength }]
})
export const ahSha256: NamedSuite = ahSuites.find(({ name }) => name === 'AUTH_HMAC_SHA2_256_128') ?? nothing()

function nothing(): never {
  throw new Error('there is no HMAC-SHA2-256-128')
}

// ---- SAs -----------------------------------------------------------------------------------------------------------

export interface PairOptions {
  readonly suite?: NamedSuite
  readonly mode?: SaMode
  readonly extendedSequence?: 'esn' | 'no-esn'
  readonly encapsulation?: 'udp' | 'none'
  /** Whether the outer addresses are of IPv4 or IPv6. */
  readonly version?: 4 | 6
  readonly provider?: CryptoProvider
  readonly lastSequence?: SequenceNumber
  readonly window?: ReplayWindow
  /** What differs in the installs of both, of the sender, of the receiver. */
  readonly both?: Partial<SaInstall>
  readonly sending?: Partial<SaInstall>
  readonly receiving?: Partial<SaInstall>
}

export interface Pair {
  readonly sender: OutboundSa
  readonly receiver: InboundSa
}

export const alice: Record<4 | 6, Address> = { 4: address('192.0.2.1'), 6: address('2001:db8::a') }
export const bob: Record<4 | 6, Address> = { 4: address('198.51.100.2'), 6: address('2001:db8:1::b') }
export const everything: readonly TrafficSelector[] = [anything(4), anything(6)]
export const spi: Spi = 0x0badcafe as Spi
const unlimited = { packets: undefined, bytes: undefined, until: undefined }

/** Two ends of one SA: Alice seals, Bob opens. */
export function pair(options: PairOptions = {}): Pair {
  const version = options.version ?? 4
  const { suite, encryptionKeyLength, integrityKeyLength } = options.suite ?? gcm128
  const endpoints = { alice: { address: alice[version], port: 4500 }, bob: { address: bob[version], port: 4501 } }
  const common = {
    ikeSa: 1 as IkeSaId,
    connection: 'office',
    childName: 'office',
    child: 2 as ChildSaId,
    spi,
    suite: { ...suite, extendedSequence: options.extendedSequence ?? 'no-esn' },
    mode: options.mode ?? 'transport',
    localSelectors: everything,
    remoteSelectors: everything,
    encapsulation: options.encapsulation ?? 'none',
    original: undefined,
    path: pathDefaults,
    laterFragments: 'not-agreed' as const,
    replayWindow: 64,
    tfc: undefined,
    soft: unlimited,
    hard: unlimited,
  }
  const keys = (): Pick<SaInstall, 'encryptionKey' | 'integrityKey'> => ({
    encryptionKey: encryptionKeyLength === 0 ? undefined : new Secret(countingOctets(1)(encryptionKeyLength)),
    integrityKey: integrityKeyLength === 0 ? undefined : new Secret(countingOctets(2)(integrityKeyLength)),
  })
  const sending: SaInstall = {
    ...common,
    ...keys(),
    direction: 'out',
    local: endpoints.alice,
    remote: endpoints.bob,
    ...options.both,
    ...options.sending,
  }
  const receiving: SaInstall = {
    ...common,
    ...keys(),
    direction: 'in',
    local: endpoints.bob,
    remote: endpoints.alice,
    ...options.both,
    ...options.receiving,
  }
  const used = options.provider ?? provider
  return { sender: createOutboundSa(sending, used, options.lastSequence), receiver: createInboundSa(receiving, used, options.window) }
}

export function anything(version: 4 | 6): TrafficSelector {
  const [startAddress, endAddress] =
    version === 4 ? [address('0.0.0.0'), address('255.255.255.255')] : [address('::'), address('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')]
  return { protocol: 0, startPort: 0, endPort: 65535, startAddress, endAddress }
}

export function onlyFrom(text: string, rest: Partial<TrafficSelector> = {}): TrafficSelector {
  const only = address(text)
  return { protocol: 0, startPort: 0, endPort: 65535, startAddress: only, endAddress: only, ...rest }
}

export function endpoint(at: Address, port: number): Endpoint {
  return { address: at, port }
}

// ---- bursts --------------------------------------------------------------------------------------------------------

export function batchOf(...packets: readonly Uint8Array[]): PacketBatch {
  const batch = new PacketBatch(Math.max(1, packets.length), Math.max(2000, ...packets.map((packet) => packet.length)))
  for (const packet of packets) if (!batch.add(packet)) throw new Error('the batch is full')
  return batch
}

export function seal(sa: OutboundSa, framing: Framing, ...packets: readonly Uint8Array[]): PacketBatch {
  const batch = batchOf(...packets)
  sa.seal(batch, 0, batch.count, framing)
  return batch
}

export function open(sa: InboundSa, framing: Framing, outer?: OuterAddresses, ...packets: readonly Uint8Array[]): PacketBatch {
  const batch = batchOf(...packets)
  sa.open(batch, 0, batch.count, framing, outer)
  return batch
}

/** `done`, or the reason, of each packet. */
export function outcomes(batch: PacketBatch): (DropReason | 'done')[] {
  return Array.from(batch.outcome.subarray(0, batch.count), (outcome) => dropReason(outcome) ?? 'done')
}

/** All packets as copies. */
export function packets(batch: PacketBatch): Uint8Array[] {
  return Array.from({ length: batch.count }, (_, i) => batch.packet(i).slice())
}

/** Whether `needle` occurs anywhere. */
export function contains(haystack: Uint8Array, needle: Uint8Array): boolean {
  for (let at = 0; at + needle.length <= haystack.length; at++) {
    let i = 0
    while (i < needle.length && haystack[at + i] === needle[i]) i++
    if (i === needle.length) return true
  }
  return false
}

/** An ESP packet with any octets as text, trailer included: what only a faulty or hostile peer that has the keys would send. */
export function forge(sa: OutboundSa, text: Uint8Array, sequence: number): Uint8Array {
  const { install } = sa
  const cipher = provider.packetCipher(install.suite, { encryption: install.encryptionKey, integrity: install.integrityKey })
  if (cipher === undefined) throw new Error('the provider lacks the suite')
  const arena = new Uint8Array(8 + cipher.ivLength + text.length + cipher.icvLength)
  putU32(arena, 0, install.spi)
  putU32(arena, 4, sequence)
  if (cipher.ivSource === 'counter') putU32(arena, 12, sequence)
  arena.set(text, 8 + cipher.ivLength)
  cipher.seal({
    arena,
    count: 1,
    header: Int32Array.of(0),
    textLength: Int32Array.of(text.length),
    sequence: install.suite.extendedSequence,
    sequenceHigh: Uint32Array.of(0),
    accepted: new Uint8Array(1),
  })
  return arena
}

/** Payload, padding to a multiple of 16 octets, and the rest of the trailer. */
export function withTrailer(payload: Uint8Array, nextHeader: number): Uint8Array {
  const text = new Uint8Array(Math.ceil((payload.length + 2) / 16) * 16)
  text.set(payload)
  const padLength = text.length - payload.length - 2
  for (let i = 0; i < padLength; i++) text[payload.length + i] = i + 1
  text.set([padLength, nextHeader], text.length - 2)
  return text
}
