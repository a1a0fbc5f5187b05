// Project Wycheproof: ML-KEM, against both providers.
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import type { Kem } from '../../src/crypto/provider.ts'
import { keyExchange } from '../../src/iana/transforms.ts'
import { hex, present, providers, publicData, revealed, secret } from './support.ts'

/** `ek`, `dk`: the keys; `seed` and `m`: the randomness of both sides; `c`: the ciphertext; `K`: the secret. Each file has some of these. */
interface Case extends Readonly<Record<'seed' | 'ek' | 'dk' | 'm' | 'c' | 'K', string>> {
  readonly tcId: number
  readonly comment?: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}

const methods: readonly (readonly [size: number, id: number, decapsulations: number])[] = [
  [512, keyExchange.ML_KEM_512, 9],
  [768, keyExchange.ML_KEM_768, 9],
  [1024, keyExchange.ML_KEM_1024, 7],
]

describe.each(methods)('ML-KEM-%i', (size, id, decapsulations) => {
  everyProvider(`mlkem_${size}_test.json`, id, 190, (kem, { seed, ek, c, K, result }) => {
    // A seed of another length is none, and no randomness of ours.
    if (seed.length !== 128) return result === 'invalid' && throws(() => kem.generate(() => hex(seed)))
    const { privateKey, publicValue } = kem.generate(() => hex(seed))
    const shared = kem.decapsulate(privateKey, hex(c))
    if (result === 'invalid') return shared === undefined
    return shared !== undefined && revealed(shared) === K && toHex(publicValue) === ek
  })

  everyProvider(`mlkem_${size}_keygen_seed_test.json`, id, 100, (kem, { seed, ek, dk }) => {
    const { privateKey, publicValue } = kem.generate(() => hex(seed))
    return toHex(publicValue) === ek && revealed(privateKey) === dk
  })

  everyProvider(`mlkem_${size}_encaps_test.json`, id, 260, (kem, { ek, m, c, K, result }) => {
    const made = kem.encapsulate(hex(ek), () => hex(m))
    if (result === 'invalid') return made === undefined
    return made !== undefined && toHex(made.ciphertext) === c && revealed(made.sharedSecret) === K
  })

  everyProvider(`mlkem_${size}_semi_expanded_decaps_test.json`, id, decapsulations, (kem, { dk, c, K, result }) => {
    const shared = kem.decapsulate(secret(dk), hex(c))
    return result === 'invalid' ? shared === undefined : shared !== undefined && revealed(shared) === K
  })
})

function everyProvider(file: string, id: number, atLeast: number, passes: (kem: Kem, vector: Case) => boolean): void {
  const source = publicData(`wycheproof/${file}`)
  test.skipIf(source.missing).each(providers)(`${file}, %s${source.note}`, (_, provider) => {
    const { testGroups }: { testGroups: { tests: Case[] }[] } = JSON.parse(source.text())
    const cases = testGroups.flatMap(({ tests }) => tests)
    const failures = cases.filter((vector) => !passes(present(provider.kem(id)), vector))
    expect(failures.map(({ tcId, comment = '' }) => `${tcId} ${comment}`)).toEqual([])
    expect(cases.length).toBeGreaterThanOrEqual(atLeast)
  })
}

function throws(work: () => unknown): boolean {
  try {
    work()
    return false
  } catch {
    return true
  }
}
