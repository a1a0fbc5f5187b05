// NIST's CAVP files through the importer, against both providers; HMAC with SHA-224, which is no PRF of IKEv2, for the sake of the cases about it.
import { createHmac } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dangerReveal } from '../../src/bytes/secret.ts'
import { readCavp } from '../../src/conformance/import/cavp.ts'
import type { CryptoProvider, Prf } from '../../src/crypto/provider.ts'
import { providers } from '../crypto/support.ts'
import { runWhole } from './whole-run.ts'

const folder = new URL('../../../shared/data/nist-cavp/', import.meta.url)
const missing = !existsSync(folder)
const prfOfSha224 = 65_224
const names = missing
  ? []
  : readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.rsp') || name.endsWith('PrimitiveTest.txt'))
const read = new Map(names.map((name) => [name, readCavp(basename(name), readFileSync(new URL(name, folder), 'utf8'), { prfOfSha224 })]))

const hmacSha224: Prf = {
  id: prfOfSha224,
  keyLength: 28,
  outputLength: 28,
  nonceLength: undefined,
  compute(key, ...parts) {
    const hmac = createHmac('sha224', dangerReveal(key))
    for (const part of parts) hmac.update(part)
    return new Uint8Array(hmac.digest())
  },
}
const withSha224 = (provider: CryptoProvider): CryptoProvider => ({
  ...provider,
  prf: (id) => (id === prfOfSha224 ? hmacSha224 : provider.prf(id)),
})

/** The ends of chains, keys of 256 bits, nonces that IKE and ESP do not have. */
const foreign = /CBCMCT|CMACGenAES256|VADT|VPT|VTT/

describe.skipIf(missing)(`NIST CAVP${missing ? ' (SKIPPED: no ../shared/data/nist-cavp)' : ''}`, () => {
  test('every file is read; of the IKEv2 key derivation all 280 cases', () => {
    expect([...read.values()].flatMap(({ faults }) => faults)).toEqual([])
    for (const name of names) {
      const cases = read.get(name)?.files.flatMap((file) => file.cases) ?? []
      expect(cases.length > 0, name).toBe(!foreign.test(name))
    }
    expect(read.get('ikev2.rsp')?.files[0]?.cases).toHaveLength(4 * 280)
    expect(read.get('ikev2.rsp')?.outside).toEqual([])
  })

  describe.each(providers)('%s', (_, provider) => {
    test.each(names.filter((name) => !foreign.test(name)))('%s', (name) => {
      expect(runWhole(read.get(name)?.files ?? [], withSha224(provider))).toMatchObject({ failures: [], omitted: [] })
    })
  })
})
