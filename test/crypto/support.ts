// What the tests of cryptography share: both providers, octets from hexadecimal, vectors, seeded randomness.
import { existsSync, readFileSync } from 'node:fs'
import { fromHex, toHex } from '../../src/bytes/bytes.ts'
import { dangerReveal, Secret } from '../../src/bytes/secret.ts'
import type { RandomSource } from '../../src/contract/random.ts'
import type { ChildSuite, TransformChoice } from '../../src/contract/transforms.ts'
import type { IkeSpi } from '../../src/contract/units.ts'
import type { CipherJobs, CryptoProvider, PacketKeys } from '../../src/crypto/provider.ts'
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import { portableProvider } from '../../src/crypto/providers/portable.ts'

/** Not random at all, but never the same octets twice within a run, and the same in every run. */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0
  return (length) => {
    const octets = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      // Marsaglia's xorshift, 32 bits.
      state = (state ^ (state << 13)) >>> 0
      state = (state ^ (state >>> 17)) >>> 0
      state = (state ^ (state << 5)) >>> 0
      octets[i] = state >>> 11
    }
    return octets
  }
}

export const node: CryptoProvider = nodeProvider({ random: seededRandom(1) })
export const portable: CryptoProvider = portableProvider({ random: seededRandom(1) })
export const providers: readonly (readonly [name: string, provider: CryptoProvider])[] = [
  ['node', node],
  ['portable', portable],
]

export function hex(text: string): Uint8Array {
  const octets = fromHex(text)
  if (octets === undefined) throw new Error(`not hexadecimal: ${text}`)
  return octets
}
export const secret = (text: string): Secret => new Secret(hex(text))
export const revealed = (key: Secret): string => toHex(dangerReveal(key))

const isIkeSpi = (text: string): text is IkeSpi => /^[0-9a-f]{16}$/.test(text)
export function ikeSpi(text: string): IkeSpi {
  if (!isIkeSpi(text)) throw new Error(`not an IKE SPI: ${text}`)
  return text
}

/** The value, or a failure of the test that asked for it. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value')
  return value
}

/** A case of the vectors, for tests that ask it something else than the conformance tests do. */
export interface PrintedCase {
  readonly id: string
  readonly inputs: Readonly<Record<string, string | number>>
  readonly expected: Readonly<Record<string, string>>
}

/** Those of one file of `vectors/primitives`, whose ids end with `ending`. */
export function printedCases(name: string, ending: string): readonly PrintedCase[] {
  const file: { cases: PrintedCase[] } = JSON.parse(readFileSync(new URL(`../../vectors/primitives/${name}`, import.meta.url), 'utf8'))
  const found = file.cases.filter(({ id }) => id.endsWith(ending))
  if (found.length === 0) throw new Error(`no case of ${name} ends with ${ending}`)
  return found
}

/** A file of public test data beside the repository, which may be absent. */
export interface PublicData {
  readonly missing: boolean
  /** For titles: empty, or why the tests are skipped. */
  readonly note: string
  text(): string
}
export function publicData(path: string): PublicData {
  const url = new URL(`../../../shared/data/${path}`, import.meta.url)
  const missing = !existsSync(url)
  return { missing, note: missing ? ` (SKIPPED: no ../shared/data/${path})` : '', text: () => readFileSync(url, 'utf8') }
}

export const transform = (type: number, id: number, keyLength?: number): TransformChoice => ({ type, id, keyLength })

export interface NamedSuite {
  readonly name: string
  readonly encryption: TransformChoice
  readonly integrity: TransformChoice | undefined
}
/** Every suite of ESP that both providers have. */
export const espSuites: readonly NamedSuite[] = [
  beside('AES-CBC-128 with HMAC-SHA2-256-128', [12, 128], 12),
  beside('AES-CBC-192 with HMAC-SHA2-384-192', [12, 192], 13),
  beside('AES-CBC-256 with HMAC-SHA2-512-256', [12, 256], 14),
  beside('AES-CBC-128 with HMAC-SHA1-96', [12, 128], 2),
  beside('AES-CBC-128 with AES-XCBC-96', [12, 128], 5),
  beside('AES-CBC-128 with AES-CMAC-96', [12, 128], 8),
  beside('AES-CTR-128 with HMAC-SHA2-256-128', [13, 128], 12),
  beside('AES-CTR-192 with AES-CMAC-96', [13, 192], 8),
  beside('AES-CTR-256 with HMAC-SHA2-512-256', [13, 256], 14),
  ...aeads('AES-GCM-8', 18, [128, 192, 256]),
  ...aeads('AES-GCM-12', 19, [128, 192, 256]),
  ...aeads('AES-GCM-16', 20, [128, 192, 256]),
  ...aeads('AES-CCM-8', 14, [128, 192, 256]),
  ...aeads('AES-CCM-12', 15, [128, 192, 256]),
  ...aeads('AES-CCM-16', 16, [128, 192, 256]),
  ...aeads('GMAC', 21, [128, 192, 256]),
  ...aeads('AES-CCM-8 with implicit IV', 29, [128, 256]),
  ...aeads('AES-GCM-16 with implicit IV', 30, [128, 256]),
  ...aeads('ChaCha20-Poly1305', 28, [undefined]),
  ...aeads('ChaCha20-Poly1305 with implicit IV', 31, [undefined]),
  beside('NULL with HMAC-SHA2-256-128', [11], 12),
]

/** Those of the provider `node` alone. */
export const scarceSuites: readonly NamedSuite[] = [
  beside('Camellia-CBC-128 with HMAC-SHA2-256-128', [23, 128], 12),
  beside('Camellia-CBC-192 with HMAC-SHA2-384-192', [23, 192], 13),
  beside('Camellia-CBC-256 with HMAC-SHA2-512-256', [23, 256], 14),
  beside('Triple DES with HMAC-SHA1-96', [3], 2),
]
/** By the name of a provider. */
export const suitesOf = (provider: string): readonly NamedSuite[] => (provider === 'node' ? [...espSuites, ...scarceSuites] : espSuites)

function beside(name: string, [id, bits]: readonly [id: number, bits?: number], integrity: number): NamedSuite {
  return { name, encryption: transform(1, id, bits), integrity: transform(3, integrity) }
}
function aeads(name: string, id: number, sizes: readonly (number | undefined)[]): readonly NamedSuite[] {
  return sizes.map((bits) => ({
    name: bits === undefined ? name : `${name}, ${bits} bits`,
    encryption: transform(1, id, bits),
    integrity: undefined,
  }))
}

/** Whether the octets of a packet's text are changed at all. */
export const hidesText = ({ encryption }: NamedSuite): boolean => encryption.id !== 11 && encryption.id !== 21

export const childSuite = (suite: NamedSuite, extendedSequence: 'esn' | 'no-esn'): ChildSuite => ({
  protocol: 3,
  encryption: suite.encryption,
  integrity: suite.integrity,
  extendedSequence,
})

/** Keys of the lengths that a suite wants, each octet from `random`. */
export function packetKeys(suite: NamedSuite, random: RandomSource): PacketKeys {
  const lengths = present(node.packetKeyLengths(childSuite(suite, 'no-esn')))
  const key = (length: number): Secret | undefined => (length === 0 ? undefined : new Secret(random(length)))
  return { encryption: key(lengths.encryption), integrity: key(lengths.integrity) }
}

/** One packet as a burst: the arena holds exactly the packet from its SPI to the end of its ICV. */
export function oneJob(packet: Uint8Array, textLength: number, sequence: 'esn' | 'no-esn', sequenceHigh: number): CipherJobs {
  return {
    arena: packet,
    count: 1,
    header: Int32Array.of(0),
    textLength: Int32Array.of(textLength),
    sequence,
    sequenceHigh: Uint32Array.of(sequenceHigh),
    accepted: Uint8Array.of(0),
  }
}
