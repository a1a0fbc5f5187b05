// Project Wycheproof's files through the importer, against both providers.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readWycheproof } from '../../src/conformance/import/wycheproof.ts'
import { providers } from '../crypto/support.ts'
import { runWhole } from './whole-run.ts'

const folder = new URL('../../../shared/data/wycheproof/', import.meta.url)
const missing = !existsSync(folder)
const names = missing ? [] : readdirSync(folder).filter((name) => name.endsWith('_test.json'))
const read = new Map(names.map((name) => [name, readWycheproof(name, readFileSync(new URL(name, folder), 'utf8'))]))

/** About something that IKE and ESP have not, or with parameters that they have not. */
const foreign = /^(?:aes_cbc_pkcs5|camellia_|ecdsa_brainpool|hmac_sha224|pbkdf2)/

describe.skipIf(missing)(`Wycheproof${missing ? ' (SKIPPED: no ../shared/data/wycheproof)' : ''}`, () => {
  test('every file is read, and what is left out has a name', () => {
    expect([...read.values()].flatMap(({ faults }) => faults)).toEqual([])
    const strangers = names.filter((name) => foreign.test(name))
    for (const name of names) {
      const cases = read.get(name)?.files.flatMap((file) => file.cases) ?? []
      expect(cases.length > 0, name).toBe(!strangers.includes(name))
    }
    expect(strangers.length).toBeLessThan(15)
  })

  describe.each(providers)('%s', (_, provider) => {
    test.each(names.filter((name) => !foreign.test(name)))('%s', (name) => {
      const { passed, failures, omitted } = runWhole(read.get(name)?.files ?? [], provider)
      expect(failures).toEqual([])
      // RSA is the one thing that a provider has not got.
      if (omitted.length > 0) expect(`${provider.name} ${name}`).toMatch(/^portable rsa_/)
      else expect(passed).toBeGreaterThan(0)
    })
  })
})
