// One operation of one transform of a provider, ready to be timed.
import { Secret } from '../src/bytes/secret.ts'
import type { TransformChoice } from '../src/contract/transforms.ts'
import type { CipherJobs, CryptoProvider } from '../src/crypto/provider.ts'
import { protocol } from '../src/iana/protocols.ts'
import { transformType } from '../src/iana/transforms.ts'
import { isAead } from '../src/policy/algorithms.ts'
import { systemRandom } from './fixtures.ts'
import { cpuTime, timed } from './measure.ts'

export type TransformOp = 'seal' | 'open' | 'mac' | 'generate' | 'agree' | 'encapsulate' | 'decapsulate'

export interface Work {
  readonly op: TransformOp
  /** Octets of the text; 0 of key exchanges. */
  readonly size: number
  /** Nanoseconds of `count` operations. */
  burst(count: number): number
}

/** A text that fills a packet; ciphers that work on blocks get it filled up to whole ones. */
const packetSize = 1400
const macSizes = [64, packetSize]

/** None where the provider lacks the transform, and of what does nothing: NULL, sequence numbers. */
export function worksOf(provider: CryptoProvider, choice: TransformChoice): readonly Work[] {
  const { ENCR, PRF, INTEG, KE } = transformType
  if (choice.type === ENCR) return isAead(choice) ? aead(provider, choice) : cipher(provider, choice)
  if (choice.type === PRF) return prf(provider, choice.id)
  if (choice.type === INTEG) return integrity(provider, choice.id)
  return choice.type === KE ? [...keyExchange(provider, choice.id), ...kem(provider, choice.id)] : []
}

/** On the packet path, since some AEADs are for ESP only. */
function aead(provider: CryptoProvider, encryption: TransformChoice): readonly Work[] {
  const suite = { protocol: protocol.ESP, encryption, integrity: undefined, extendedSequence: 'no-esn' } as const
  const keyLength = provider.packetKeyLengths(suite)?.encryption ?? 0
  const packets = provider.packetCipher(suite, { encryption: new Secret(systemRandom(keyLength)), integrity: undefined })
  if (packets === undefined) return []
  const slot = 8 + packets.ivLength + packetSize + packets.icvLength
  const burst = (count: number, op: 'seal' | 'open'): number => {
    const jobs: CipherJobs = {
      arena: systemRandom(slot * count),
      count,
      header: Int32Array.from({ length: count }, (_, i) => i * slot),
      textLength: new Int32Array(count).fill(packetSize),
      sequence: 'no-esn',
      sequenceHigh: new Uint32Array(count),
      accepted: new Uint8Array(count),
    }
    if (op === 'open') packets.seal(jobs)
    const start = cpuTime()
    packets[op](jobs)
    const elapsed = cpuTime() - start
    if (op === 'open' && jobs.accepted.some((accepted) => accepted !== 1)) throw new Error('a packet was not accepted')
    return elapsed
  }
  return (['seal', 'open'] as const).map((op) => ({ op, size: packetSize, burst: (count) => burst(count, op) }))
}

function cipher(provider: CryptoProvider, { id, keyLength }: TransformChoice): readonly Work[] {
  const found = provider.encryption(id, keyLength)
  if (found?.kind !== 'cipher') return []
  const [key, iv] = [new Secret(systemRandom(found.keyLength)), systemRandom(found.ivLength)]
  const text = systemRandom(Math.ceil(packetSize / found.blockLength) * found.blockLength)
  return [
    { op: 'seal', size: packetSize, burst: (count) => timed(count, () => found.encrypt(key, iv, text)) },
    { op: 'open', size: packetSize, burst: (count) => timed(count, () => found.decrypt(key, iv, text)) },
  ]
}

function prf(provider: CryptoProvider, id: number): readonly Work[] {
  const found = provider.prf(id)
  if (found === undefined) return []
  const key = new Secret(systemRandom(found.keyLength))
  return macs((text) => found.compute(key, text))
}

function integrity(provider: CryptoProvider, id: number): readonly Work[] {
  const found = provider.packetMac(id)
  if (found === undefined) return []
  const [key, iv] = [new Secret(systemRandom(found.keyLength)), systemRandom(found.ivLength)]
  return macs((text) => found.compute(key, iv, text))
}

function macs(compute: (text: Uint8Array) => Uint8Array): readonly Work[] {
  return macSizes.map((size) => {
    const text = systemRandom(size)
    return { op: 'mac', size, burst: (count) => timed(count, () => compute(text)) }
  })
}

function keyExchange(provider: CryptoProvider, id: number): readonly Work[] {
  const found = provider.keyExchange(id)
  if (found === undefined) return []
  const { privateKey, publicValue } = found.generate(systemRandom)
  return [
    { op: 'generate', size: 0, burst: (count) => timed(count, () => found.generate(systemRandom)) },
    { op: 'agree', size: 0, burst: (count) => timed(count, () => found.agree(privateKey, publicValue)) },
  ]
}

function kem(provider: CryptoProvider, id: number): readonly Work[] {
  const found = provider.kem(id)
  if (found === undefined) return []
  const { privateKey, publicValue } = found.generate(systemRandom)
  const ciphertext = found.encapsulate(publicValue, systemRandom)?.ciphertext ?? new Uint8Array(0)
  return [
    { op: 'generate', size: 0, burst: (count) => timed(count, () => found.generate(systemRandom)) },
    { op: 'encapsulate', size: 0, burst: (count) => timed(count, () => found.encapsulate(publicValue, systemRandom)) },
    { op: 'decapsulate', size: 0, burst: (count) => timed(count, () => found.decapsulate(privateKey, ciphertext)) },
  ]
}
