// Project Wycheproof: edge cases and invalid inputs for the algorithms at hand, against both providers.
import { describe, expect, test } from 'vitest'
import { concat, equal } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import { encryption, integrity, keyExchange, prf } from '../../src/iana/transforms.ts'
import type { Aead, CryptoProvider } from '../../src/crypto/provider.ts'
import { hex, present, providers, publicData, revealed, secret } from './support.ts'

interface Case {
  readonly tcId: number
  readonly comment: string
  readonly flags: readonly string[]
  readonly result: 'valid' | 'invalid' | 'acceptable'
}
interface AeadCase extends Case {
  readonly key: string
  readonly iv: string
  readonly aad: string
  readonly msg: string
  readonly ct: string
  readonly tag: string
}
interface AgreementCase extends Case {
  readonly public: string
  readonly private: string
  readonly shared: string
}
interface MacCase extends Case {
  readonly key: string
  readonly msg: string
  readonly tag: string
}
interface MacWithIvCase extends MacCase {
  readonly iv: string
}
interface Group<Kind extends Case> {
  readonly ivSize: number
  readonly keySize: number
  readonly tagSize: number
  readonly tests: readonly Kind[]
}

describe.each([
  ['aes_gcm_test.json', encryption.ENCR_AES_GCM_16],
  ['chacha20_poly1305_test.json', encryption.ENCR_CHACHA20_POLY1305],
])('%s', (file, id) => {
  // ESP and IKE use nonces of 96 bits and tags of 128 bits (RFC 4106 §3.1, §6; RFC 7634 §2).
  everyProvider<AeadCase>(
    file,
    (group) => group.ivSize === 96 && group.tagSize === 128,
    (provider, group, vector) => {
      const aead = aeadOf(provider, id, group.keySize)
      const key = secret(vector.key + vector.iv.slice(0, 8))
      const [iv, aad, plaintext] = [hex(vector.iv.slice(8)), hex(vector.aad), hex(vector.msg)]
      const sealed = hex(vector.ct + vector.tag)
      const opened = aead.open(key, iv, aad, sealed)
      if (vector.result === 'invalid') return opened === undefined
      return opened !== undefined && equal(opened, plaintext) && equal(aead.seal(key, iv, aad, plaintext), sealed)
    },
  )
})

describe('aes_ccm_test.json', () => {
  everyProvider<AeadCase>(
    'aes_ccm_test.json',
    // RFC 4309 §4, §3.3: nonces of 11 octets.
    (group) => group.ivSize === 88 && group.tagSize === 128,
    (provider, group, vector) => {
      const aead = present(provider.encryption(encryption.ENCR_AES_CCM_16, group.keySize))
      if (aead.kind !== 'aead') return false
      const key = secret(vector.key + vector.iv.slice(0, 6))
      const [iv, aad, plaintext] = [hex(vector.iv.slice(6)), hex(vector.aad), hex(vector.msg)]
      const sealed = hex(vector.ct + vector.tag)
      const opened = aead.open(key, iv, aad, sealed)
      if (vector.result === 'invalid') return opened === undefined
      return opened !== undefined && equal(opened, plaintext) && equal(aead.seal(key, iv, aad, plaintext), sealed)
    },
    18,
  )
})

describe('x25519_test.json', () => {
  everyProvider<AgreementCase>(
    'x25519_test.json',
    () => true,
    (provider, _, vector) => {
      const shared = present(provider.keyExchange(keyExchange.CURVE25519)).agree(secret(vector.private), hex(vector.public))
      // RFC 7748 §6.1: a zero secret is refused; RFC 8031 §3.2: all else is accepted, non-canonical values too.
      if (/^0+$/.test(vector.shared)) return shared === undefined
      return shared !== undefined && revealed(shared) === vector.shared
    },
  )
})

describe('x448_test.json, all that is not valid and one in 6 of the rest', () => {
  everyProvider<AgreementCase>(
    'x448_test.json',
    () => true,
    (provider, _, vector) => {
      if (vector.result === 'valid' && vector.tcId % 6 !== 0) return true
      const shared = present(provider.keyExchange(keyExchange.CURVE448)).agree(secret(vector.private), hex(vector.public))
      // RFC 7748 §6.2: a zero secret is refused; RFC 8031 §2: public values have 56 octets.
      if (/^0*$/.test(vector.shared) || vector.public.length !== 112) return shared === undefined
      return shared !== undefined && revealed(shared) === vector.shared
    },
  )
})

describe.each([
  ['ecdh_brainpoolP256r1_test.json', keyExchange.BRAINPOOL_P256R1, 2, '305a301406072a8648ce3d020106092b2403030208010107034200'],
  ['ecdh_brainpoolP384r1_test.json', keyExchange.BRAINPOOL_P384R1, 8, '307a301406072a8648ce3d020106092b240303020801010b036200'],
  ['ecdh_brainpoolP512r1_test.json', keyExchange.BRAINPOOL_P512R1, 16, '30819b301406072a8648ce3d020106092b240303020801010d03818200'],
])('%s, uncompressed points, all that is invalid and one in $2 of the rest', (file, id, stride, head) => {
  everyProvider<AgreementCase>(
    file,
    () => true,
    (provider, _, vector) => {
      // The file has SubjectPublicKeyInfo, of which IKE sends the coordinates only (RFC 6954 §2): other encodings are not our matter.
      if (!vector.public.startsWith(`${head}04`) || (vector.result === 'valid' && vector.tcId % stride !== 0)) return true
      const group = present(provider.keyExchange(id))
      const value = hex(vector.public.slice(head.length + 2))
      const shared = group.agree(new Secret(fitted(vector.private, group.publicLength / 2)), value)
      if (value.length !== group.publicLength) return shared === undefined
      // "Acceptable" are points that broken DER put off the curve.
      return vector.result === 'valid' ? shared !== undefined && revealed(shared) === vector.shared : shared === undefined
    },
  )
})

describe.each([
  ['ecdh_secp256r1_ecpoint_test.json', keyExchange.ECP_256, 2],
  ['ecdh_secp384r1_ecpoint_test.json', keyExchange.ECP_384, 8],
  ['ecdh_secp521r1_ecpoint_test.json', keyExchange.ECP_521, 16],
])('%s, all that is invalid and one in $2 of the rest', (file, id, stride) => {
  everyProvider<AgreementCase>(
    file,
    () => true,
    (provider, _, vector) => {
      if (vector.result === 'valid' && vector.tcId % stride !== 0) return true
      const group = present(provider.keyExchange(id))
      const length = group.publicLength / 2
      // IKE sends uncompressed points without the octet that says so (RFC 5903 §7); other encodings have another length.
      const value = hex(vector.public.startsWith('04') ? vector.public.slice(2) : vector.public)
      const shared = group.agree(new Secret(fitted(vector.private, length)), value)
      if (value.length !== group.publicLength) return shared === undefined
      return vector.result === 'invalid' ? shared === undefined : shared !== undefined && revealed(shared) === vector.shared
    },
  )
})

describe.each([
  ['hmac_sha1_test.json', prf.PRF_HMAC_SHA1, integrity.AUTH_HMAC_SHA1_96],
  ['hmac_sha256_test.json', prf.PRF_HMAC_SHA2_256, integrity.AUTH_HMAC_SHA2_256_128],
  ['hmac_sha384_test.json', prf.PRF_HMAC_SHA2_384, integrity.AUTH_HMAC_SHA2_384_192],
  ['hmac_sha512_test.json', prf.PRF_HMAC_SHA2_512, integrity.AUTH_HMAC_SHA2_512_256],
])('%s', (file, prfId, integrityId) => {
  everyProvider<MacCase>(
    file,
    () => true,
    (provider, group, vector) => {
      // Groups have whole tags, as a PRF gives them, or halves, as ICVs are (RFC 4868 §2.3).
      const truncated = present(provider.integrity(integrityId))
      const algorithm = truncated.icvLength === group.tagSize / 8 ? truncated : present(provider.prf(prfId))
      const mac = algorithm.compute(secret(vector.key), hex(vector.msg)).subarray(0, group.tagSize / 8)
      return equal(mac, hex(vector.tag)) === (vector.result === 'valid')
    },
  )
})

describe('aes_cmac_test.json', () => {
  everyProvider<MacCase>(
    'aes_cmac_test.json',
    // RFC 4494 §2, RFC 4615 §3: keys of 128 bits.
    (group) => group.keySize === 128 && group.tagSize === 128,
    (provider, _, vector) => {
      const mac = present(provider.prf(prf.PRF_AES128_CMAC)).compute(secret(vector.key), hex(vector.msg))
      const icv = present(provider.integrity(integrity.AUTH_AES_CMAC_96)).compute(secret(vector.key), hex(vector.msg))
      return equal(icv, mac.subarray(0, 12)) && equal(mac, hex(vector.tag)) === (vector.result === 'valid')
    },
  )
})

describe('aes_gmac_test.json', () => {
  everyProvider<MacWithIvCase>(
    'aes_gmac_test.json',
    // RFC 4543 §3.2, §3.4: nonces of 96 bits, whole tags.
    (group) => group.ivSize === 96 && group.tagSize === 128,
    (provider, group, vector) => {
      const { AUTH_AES_128_GMAC, AUTH_AES_192_GMAC, AUTH_AES_256_GMAC } = integrity
      const id = group.keySize === 128 ? AUTH_AES_128_GMAC : group.keySize === 192 ? AUTH_AES_192_GMAC : AUTH_AES_256_GMAC
      const icv = present(provider.packetMac(id)).compute(
        secret(vector.key + vector.iv.slice(0, 8)),
        hex(vector.iv.slice(8)),
        hex(vector.msg),
      )
      return equal(icv, hex(vector.tag)) === (vector.result === 'valid')
    },
    207,
  )
})

/** Runs all fitting cases of a file; a failure names the cases. */
function everyProvider<Kind extends Case>(
  file: string,
  fits: (group: Group<Kind>) => boolean,
  passes: (provider: CryptoProvider, group: Group<Kind>, vector: Kind) => boolean,
  atLeast = 100,
): void {
  const source = publicData(`wycheproof/${file}`)
  test.skipIf(source.missing).each(providers)(`%s${source.note}`, (_, provider) => {
    const { testGroups }: { testGroups: Group<Kind>[] } = JSON.parse(source.text())
    const failures: string[] = []
    let run = 0
    for (const group of testGroups.filter(fits)) {
      for (const vector of group.tests) {
        run++
        if (!passes(provider, group, vector)) failures.push(`${vector.tcId} ${vector.result} ${vector.flags.join()} ${vector.comment}`)
      }
    }
    expect(failures).toEqual([])
    expect(run).toBeGreaterThanOrEqual(atLeast)
  })
}

function aeadOf(provider: CryptoProvider, id: number, keyBits: number): Aead {
  const found = present(provider.encryption(id, id === encryption.ENCR_AES_GCM_16 ? keyBits : undefined))
  if (found.kind !== 'aead') throw new Error(`${id} is no AEAD`)
  return found
}

/** Wycheproof writes private values without leading zeros, or with one that a sign bit asked for. */
function fitted(privateValue: string, length: number): Uint8Array {
  const octets = hex(privateValue)
  return octets.length >= length ? octets.slice(-length) : concat(new Uint8Array(length - octets.length), octets)
}
