// What the makers of ESP vectors share: suites, SAs, packets sealed and forged. Everything comes out of seeds.
import { fromHex, putU32, toHex } from '../../../src/bytes/bytes.ts'
import { Secret } from '../../../src/bytes/secret.ts'
import { type DescribedSa, installOf, sequenceNumber } from '../../../src/conformance/esp-sa.ts'
import { espPacket } from '../../../src/conformance/kinds/esp-packet.ts'
import type { SaInstall } from '../../../src/contract/install.ts'
import type { ChildSuite } from '../../../src/contract/transforms.ts'
import type { RandomSource } from '../../../src/contract/random.ts'
import { aeadShapes, cipherShapes, integrityShapes } from '../../../src/crypto/catalogue.ts'
import type { CryptoProvider } from '../../../src/crypto/provider.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import { encryption, integrity } from '../../../src/iana/transforms.ts'
import { sealPacket } from '../../../src/ipsec/packet.ts'
import { createOutboundSa } from '../../../src/ipsec/sa.ts'
import { seededRandom } from '../../../src/lab/random.ts'
import { cryptographyTwin, expectedOf, type JsonObject, type MadeCase, scapy } from './files.ts'

export interface Suite {
  readonly encryption: string
  readonly keyLength?: number
  readonly integrity?: string
}

/** As the inputs of a case have it. */
export interface Sa {
  readonly suite: Suite & { readonly sequenceNumbers: 'ESN' | 'NO_ESN' }
  readonly encryptionKey?: string
  readonly integrityKey?: string
  readonly spi: string
  readonly mode: 'transport' | 'tunnel'
}

export interface SaOptions {
  readonly mode?: Sa['mode']
  readonly sequenceNumbers?: 'ESN' | 'NO_ESN'
  readonly spi?: string
}

const nameOf = (numbers: Readonly<Record<string, number>>, id: number): string =>
  Object.keys(numbers).find((name) => numbers[name] === id) ?? `unknown ${id}`

const macs: readonly string[] = integrityShapes.map(({ id }) => nameOf(integrity, id))
const withBits = (id: number, bits: number | undefined): Suite => ({
  encryption: nameOf(encryption, id),
  ...(bits === undefined ? {} : { keyLength: bits }),
})

/** All that the catalogue has for ESP: combined-mode ciphers, and every other cipher, NULL with them, beside every MAC. */
export const everySuite: readonly Suite[] = [
  ...aeadShapes.map(({ id, keyBits }) => withBits(id, keyBits)),
  ...[...cipherShapes.map(({ id, keyBits }) => withBits(id, keyBits)), { encryption: 'ENCR_NULL' }].flatMap((cipher) =>
    macs.map((mac) => ({ ...cipher, integrity: mac })),
  ),
]

export const gcm: Suite = { encryption: 'ENCR_AES_GCM_16', keyLength: 128 }
export const cbc: Suite = { encryption: 'ENCR_AES_CBC', keyLength: 256, integrity: 'AUTH_HMAC_SHA2_256_128' }
export const ctr: Suite = { encryption: 'ENCR_AES_CTR', keyLength: 128, integrity: 'AUTH_AES_XCBC_96' }
export const chacha: Suite = { encryption: 'ENCR_CHACHA20_POLY1305' }
export const nullSuite: Suite = { encryption: 'ENCR_NULL', integrity: 'AUTH_HMAC_SHA2_256_128' }
export const gmac: Suite = { encryption: 'ENCR_NULL_AUTH_AES_GMAC', keyLength: 256 }

/** Whether its IV can be told beforehand. */
export const isDeterministic = (suite: Suite): boolean => suite.encryption !== 'ENCR_AES_CBC'

/** `aes-gcm-16-128`, `aes-cbc-256-hmac-sha2-256-128` */
export const suiteId = ({ encryption: cipher, keyLength, integrity: mac }: Suite): string =>
  [cipher.replace('ENCR_', ''), keyLength, mac?.replace('AUTH_', '')]
    .filter((part) => part !== undefined)
    .join('-')
    .replaceAll('_', '-')
    .toLowerCase()

export const octetsOf = (hex: string): Uint8Array => fromHex(hex) ?? fail(`not octets: ${hex}`)

/** An SA with keys that depend on `id` alone. */
export function saOf(id: string, suite: Suite, options: SaOptions = {}): Sa {
  const random = seededRandom(1, 'esp', id)
  const { mode = 'transport', sequenceNumbers = 'NO_ESN' } = options
  const lengths = makingProvider(id).packetKeyLengths(childSuite(suite)) ?? fail(`no suite for ${id}`)
  return {
    suite: { ...suite, sequenceNumbers },
    mode,
    // RFC 4303 §2.1: 0 to 255 are reserved.
    spi: options.spi ?? toHex(Uint8Array.of((random(1)[0] ?? 0) | 1, ...random(3))),
    ...(lengths.encryption === 0 ? {} : { encryptionKey: toHex(random(lengths.encryption)) }),
    ...(lengths.integrity === 0 ? {} : { integrityKey: toHex(random(lengths.integrity)) }),
  }
}

/** The whole outer IP packet that our sender makes of `packet`. */
export function protect(id: string, sa: Sa, sequence: bigint, packet: Uint8Array, encapsulation: 'none' | 'udp' = 'none'): Uint8Array {
  const provider = makingProvider(id)
  const sender = createOutboundSa(installed(provider, sa, packet, encapsulation), provider, sequenceNumber(sequence - 1n))
  const { outcome, bytes } = sealPacket(sender, packet, 'ip')
  if (outcome !== 0) fail(`${id} cannot be sealed: ${outcome}`)
  return bytes
}

/** From the SPI to the ICV, with any octets as text, trailer included: what only a faulty or hostile holder of the keys would send. */
export function forge(id: string, sa: Sa, sequence: bigint, text: Uint8Array): Uint8Array {
  const { suite, encryptionKey, integrityKey } = described(sa)
  const keys = { encryption: encryptionKey, integrity: integrityKey }
  const child: ChildSuite = { ...childSuite(sa.suite), extendedSequence: suite.sequenceNumbers === 'ESN' ? 'esn' : 'no-esn' }
  const cipher = makingProvider(id).packetCipher(child, keys) ?? fail(`no suite for ${id}`)
  const { high, low } = sequenceNumber(sequence)
  const arena = new Uint8Array(8 + cipher.ivLength + text.length + Math.max(4, cipher.icvLength))
  arena.set(octetsOf(sa.spi), 0)
  putU32(arena, 4, low)
  if (cipher.ivSource === 'counter') {
    putU32(arena, 8, high)
    putU32(arena, 12, low)
  }
  arena.set(text, 8 + cipher.ivLength)
  cipher.seal({
    arena,
    count: 1,
    header: Int32Array.of(0),
    textLength: Int32Array.of(text.length),
    sequence: child.extendedSequence,
    sequenceHigh: Uint32Array.of(high),
    accepted: new Uint8Array(1),
  })
  return arena.subarray(0, 8 + cipher.ivLength + text.length + cipher.icvLength)
}

export interface CaseOptions {
  readonly title?: string
  readonly result?: MadeCase['result']
  readonly flags?: readonly string[]
  readonly section?: string
  readonly document?: string
  /** `no`: scapy does not do what the case asks; otherwise it does where it has the suite. */
  readonly inScapy?: 'yes' | 'no'
  /** Of an `acceptable` case that we refuse: what those who do not must say. */
  readonly elsewhere?: JsonObject
}

export function sealCase(
  id: string,
  sa: Sa,
  sequence: bigint,
  packet: Uint8Array,
  encapsulation: 'none' | 'udp',
  options: CaseOptions = {},
): MadeCase {
  const inputs = { operation: 'seal', ...json(sa), encapsulation, sequence: hex64(sequence), packet: toHex(packet) }
  return madeCase(id, sa, inputs, options)
}

export function openCase(id: string, sa: Sa, highest: bigint, protectedPacket: Uint8Array, options: CaseOptions = {}): MadeCase {
  return madeCase(id, sa, { operation: 'open', ...json(sa), highest: hex64(highest), protected: toHex(protectedPacket) }, options)
}

export const hex64 = (value: bigint): string => value.toString(16).padStart(16, '0')

function madeCase(id: string, sa: Sa, inputs: JsonObject, options: CaseOptions): MadeCase {
  const { title, result = 'valid', flags = [], document = 'RFC 4303', section = '3' } = options
  const expected = options.elsewhere ?? expectedOf(id, result, espPacket.answer(makingProvider(id), inputs))
  return {
    id,
    ...(title === undefined ? {} : { title }),
    source: { made: document, section, confirmedBy: confirmers(sa, result, expected, options.inScapy) },
    result,
    ...(flags.length === 0 ? {} : { flags }),
    inputs,
    expected,
  }
}

/** scapy has faults with ESN beside a MAC, and no opinion on what is wrong behind the ICV. */
export function confirmers(
  { suite }: Sa,
  result: MadeCase['result'],
  expected: JsonObject,
  inScapy: 'yes' | 'no' = 'yes',
): readonly string[] {
  const hasCipher = scapyCiphers.has(suite.encryption) && suite.integrity !== 'AUTH_AES_XCBC_96'
  const faulty = suite.sequenceNumbers === 'ESN' && suite.integrity !== undefined
  const judges = result === 'valid' ? expected['discarded'] === undefined : result === 'invalid' && expected['field'] === 'icv'
  return inScapy === 'yes' && hasCipher && !faulty && judges ? [cryptographyTwin, scapy] : [cryptographyTwin]
}

const scapyCiphers: ReadonlySet<string> = new Set([
  'ENCR_NULL',
  'ENCR_AES_CBC',
  'ENCR_AES_CTR',
  'ENCR_AES_GCM_16',
  'ENCR_AES_CCM_8',
  'ENCR_AES_CCM_12',
  'ENCR_AES_CCM_16',
  'ENCR_CHACHA20_POLY1305',
])

/** IVs of CBC are drawn from the seed. */
function makingProvider(id: string): CryptoProvider {
  const random: RandomSource = seededRandom(1, 'iv', id)
  return nodeProvider({ random })
}

function installed(provider: CryptoProvider, sa: Sa, packet: Uint8Array, encapsulation: 'none' | 'udp'): SaInstall {
  const version = (packet[0] ?? 0) >>> 4 === 6 ? 6 : 4
  const install = installOf(provider, described(sa), { direction: 'out', encapsulation, version })
  return 'kind' in install ? fail(`no SA: ${JSON.stringify(install)}`) : install
}

function described(sa: Sa): DescribedSa {
  const secret = (hex: string | undefined): Secret | undefined => (hex === undefined ? undefined : new Secret(octetsOf(hex)))
  return {
    suite: { ...numbers(sa.suite), sequenceNumbers: sa.suite.sequenceNumbers },
    encryptionKey: secret(sa.encryptionKey),
    integrityKey: secret(sa.integrityKey),
    spi: octetsOf(sa.spi),
    mode: sa.mode,
  }
}

function childSuite(suite: Suite): ChildSuite {
  const { encryption: id, keyLength, integrity: mac } = numbers(suite)
  return {
    protocol: 3,
    encryption: { type: 1, id, keyLength },
    integrity: mac === undefined ? undefined : { type: 3, id: mac, keyLength: undefined },
    extendedSequence: 'no-esn',
  }
}

const cipherIds: Readonly<Record<string, number>> = encryption
const macIds: Readonly<Record<string, number>> = integrity
const numbers = (suite: Suite) => ({
  encryption: cipherIds[suite.encryption] ?? fail(`no cipher ${suite.encryption}`),
  keyLength: suite.keyLength,
  integrity: suite.integrity === undefined ? undefined : (macIds[suite.integrity] ?? fail(`no MAC ${suite.integrity}`)),
})

const json = (sa: Sa): JsonObject => ({
  suite: {
    encryption: sa.suite.encryption,
    ...(sa.suite.keyLength === undefined ? {} : { keyLength: sa.suite.keyLength }),
    ...(sa.suite.integrity === undefined ? {} : { integrity: sa.suite.integrity }),
    sequenceNumbers: sa.suite.sequenceNumbers,
  },
  ...(sa.encryptionKey === undefined ? {} : { encryptionKey: sa.encryptionKey }),
  ...(sa.integrityKey === undefined ? {} : { integrityKey: sa.integrityKey }),
  spi: sa.spi,
  mode: sa.mode,
})

function fail(message: string): never {
  throw new Error(message)
}
