// Project Wycheproof: signatures that must verify and such that must not, against both providers.
import { describe, expect, test } from 'vitest'
import { fixedOfDer } from '../../src/crypto/ecdsa-encoding.ts'
import { type EcdsaScheme, ecdsaLengths, type SignatureScheme } from '../../src/crypto/signature-schemes.ts'
import { hex, present, providers, publicData } from './support.ts'

interface Case {
  readonly tcId: number
  readonly comment: string
  readonly flags: readonly string[]
  readonly msg: string
  readonly sig: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}
interface Group {
  readonly publicKey: { readonly uncompressed?: string; readonly pk?: string }
  readonly publicKeyAsn?: string
  readonly tests: readonly Case[]
}

/** P-521 in JavaScript takes its time: of what is valid, that provider is asked for one in `stride`. */
const curves: readonly (readonly [curve: string, scheme: EcdsaScheme, stride: number])[] = [
  ['secp256r1_sha256', 'ecdsa-p256-sha256', 1],
  ['secp384r1_sha384', 'ecdsa-p384-sha384', 4],
  ['secp521r1_sha512', 'ecdsa-p521-sha512', 8],
]

describe.each(curves)('ECDSA, %s', (curve, scheme, stride) => {
  everyProvider(`ecdsa_${curve}_p1363_test.json`, scheme, (signature) => signature, stride)
  everyProvider(`ecdsa_${curve}_test.json`, scheme, (signature) => fixedOfDer(signature, ecdsaLengths[scheme]), stride)
})

describe.each([
  ['ed25519_test.json', 'ed25519'],
  ['ed448_test.json', 'ed448'],
  ['rsa_signature_2048_sha256_test.json', 'rsa-pkcs1-sha256'],
  ['rsa_signature_3072_sha384_test.json', 'rsa-pkcs1-sha384'],
  ['rsa_signature_4096_sha512_test.json', 'rsa-pkcs1-sha512'],
  ['rsa_pss_2048_sha256_mgf1_32_test.json', 'rsa-pss-sha256'],
  ['rsa_pss_2048_sha384_mgf1_48_test.json', 'rsa-pss-sha384'],
  ['rsa_pss_4096_sha512_mgf1_64_test.json', 'rsa-pss-sha512'],
] as const)('%s', (file, scheme) => {
  everyProvider(file, scheme, (signature) => signature, 1)
})

function everyProvider(
  file: string,
  scheme: SignatureScheme,
  decode: (signature: Uint8Array) => Uint8Array | undefined,
  stride: number,
): void {
  const source = publicData(`wycheproof/${file}`)
  const able = providers.filter(([, provider]) => provider.signature(scheme) !== undefined)
  test.skipIf(source.missing).each(able)(`${file}, %s${source.note}`, (name, provider) => {
    const algorithm = present(provider.signature(scheme))
    const { testGroups }: { testGroups: Group[] } = JSON.parse(source.text())
    const failures: string[] = []
    let run = 0
    for (const group of testGroups) {
      const publicKey = hex(present(group.publicKeyAsn ?? group.publicKey.uncompressed ?? group.publicKey.pk))
      for (const { tcId, comment, flags, msg, sig, result } of group.tests) {
        if (name === 'portable' && result === 'valid' && tcId % stride !== 0) continue
        run++
        const signature = decode(hex(sig))
        const verdict = signature === undefined ? 'signature-refused' : algorithm.verify(publicKey, hex(msg), signature)
        // What Wycheproof finds acceptable is a DigestInfo without NULL, which RFC 8017 §9.2 leaves to the verifier.
        const right = result === 'acceptable' ? verdict !== 'key-refused' : (verdict === 'valid') === (result === 'valid')
        if (!right) failures.push(`${tcId} ${result} ${flags.join()} ${comment}: ${verdict}`)
      }
    }
    expect(failures).toEqual([])
    expect(run).toBeGreaterThan(80)
  })
}
