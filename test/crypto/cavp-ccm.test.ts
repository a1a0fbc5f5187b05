// NIST CAVP, AES-CCM with the nonces of IKE and ESP: 11 octets (RFC 4309 §4), ICVs of 16.
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { encryption } from '../../src/iana/transforms.ts'
import { hex, present, providers, publicData, secret } from './support.ts'

describe.each([128, 192, 256])('VNT%i.rsp', (keyBits) => {
  const source = publicData(`nist-cavp/ccm/VNT${keyBits}.rsp`)

  test.skipIf(source.missing).each(providers)(`%s seals and opens the cases with nonces of 11 octets${source.note}`, (_, provider) => {
    const aead = present(provider.encryption(encryption.ENCR_AES_CCM_16, keyBits))
    if (aead.kind !== 'aead') throw new Error('AES-CCM is an AEAD')
    const cases = casesOf(source.text())
    for (const { key, nonce, aad, plaintext, sealed } of cases) {
      const keymat = secret(key + nonce.slice(0, 6))
      const iv = hex(nonce.slice(6))
      expect(toHex(aead.seal(keymat, iv, hex(aad), hex(plaintext)))).toBe(sealed)
      expect(toHex(present(aead.open(keymat, iv, hex(aad), hex(sealed))))).toBe(plaintext)
    }
    expect(cases.length).toBe(10)
  })
})

interface CcmCase {
  readonly key: string
  readonly nonce: string
  readonly aad: string
  readonly plaintext: string
  readonly sealed: string
}

/** The group `[Nlen = 11]` of a `.rsp` file: one key, then cases that end with CT. */
function casesOf(text: string): readonly CcmCase[] {
  const [, group = ''] = text.split('[Nlen = 11]')
  const [lines = ''] = group.split('[Nlen')
  const fields = new Map<string, string>()
  const found: CcmCase[] = []
  for (const [, name = '', value = ''] of lines.matchAll(/^(\w+) = ([0-9a-f]+)/gm)) {
    fields.set(name, value)
    const of = (field: string): string => present(fields.get(field))
    if (name === 'CT') found.push({ key: of('Key'), nonce: of('Nonce'), aad: of('Adata'), plaintext: of('Payload'), sealed: value })
  }
  return found
}
