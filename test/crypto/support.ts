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

export interface Vector {
  readonly id: string
  readonly source: { readonly rfc: string; readonly section: string }
  readonly operation: string
  readonly algorithm: string
  readonly inputs: Readonly<Record<string, string | number>>
  readonly expected: Readonly<Record<string, string>>
}

/** The vectors of one file of `vectors/crypto`. */
export function vectors(name: string): readonly Vector[] {
  const file: { cases: Vector[] } = JSON.parse(readFileSync(new URL(`../../vectors/crypto/${name}`, import.meta.url), 'utf8'))
  return file.cases
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
  { name: 'AES-CBC-128 with HMAC-SHA2-256-128', encryption: transform(1, 12, 128), integrity: transform(3, 12) },
  { name: 'AES-CBC-192 with HMAC-SHA2-384-192', encryption: transform(1, 12, 192), integrity: transform(3, 13) },
  { name: 'AES-CBC-256 with HMAC-SHA2-512-256', encryption: transform(1, 12, 256), integrity: transform(3, 14) },
  { name: 'AES-CBC-128 with HMAC-SHA1-96', encryption: transform(1, 12, 128), integrity: transform(3, 2) },
  { name: 'AES-CBC-128 with AES-XCBC-96', encryption: transform(1, 12, 128), integrity: transform(3, 5) },
  { name: 'AES-CBC-128 with AES-CMAC-96', encryption: transform(1, 12, 128), integrity: transform(3, 8) },
  { name: 'AES-GCM-16-128', encryption: transform(1, 20, 128), integrity: undefined },
  { name: 'AES-GCM-16-192', encryption: transform(1, 20, 192), integrity: undefined },
  { name: 'AES-GCM-16-256', encryption: transform(1, 20, 256), integrity: undefined },
  { name: 'ChaCha20-Poly1305', encryption: transform(1, 28), integrity: undefined },
  { name: 'NULL with HMAC-SHA2-256-128', encryption: transform(1, 11), integrity: transform(3, 12) },
]
export const childSuite = (suite: NamedSuite, extendedSequence: 'esn' | 'no-esn'): ChildSuite => ({
  protocol: 3,
  encryption: suite.encryption,
  integrity: suite.integrity,
  extendedSequence,
})

/** Keys of the lengths that a suite wants, each octet from `random`. */
export function packetKeys(suite: NamedSuite, random: RandomSource): PacketKeys {
  const encryption = node.encryption(suite.encryption.id, suite.encryption.keyLength)
  const integrity = suite.integrity === undefined ? undefined : present(node.integrity(suite.integrity.id))
  return {
    encryption: encryption === undefined ? undefined : new Secret(random(encryption.keyLength)),
    integrity: integrity === undefined ? undefined : new Secret(random(integrity.keyLength)),
  }
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
