// What algorithms of IKE and ESP are made of, as its own document defines it: nonces, counters and ICVs are not bound to what IKE and ESP use.
import * as z from 'zod'
import { concat, toHex } from '../../bytes/bytes.ts'
import { Secret } from '../../bytes/secret.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { encryption } from '../../iana/transforms.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, octets } from '../shapes/basic.ts'
import { type Answer, invalid, outputs, unimplemented } from '../vector.ts'

/** RFC 3610 §2.1: M, and the range of 15 - L. */
const ccm = {
  algorithm: z.literal('AES_CCM'),
  key: octets,
  nonce: octets,
  icvLength: z.union([4, 6, 8, 10, 12, 14, 16].map((length) => z.literal(length))),
  aad: octets,
}
const sealCcm = z.strictObject({ operation: z.literal('seal'), ...ccm, plaintext: octets })
/** `sealed`: ciphertext | ICV. */
const openCcm = z.strictObject({ operation: z.literal('open'), ...ccm, sealed: octets })

/** RFC 8439 §2.4. Encryption and decryption are the same. */
const chaCha20 = z.strictObject({
  operation: z.literal('encrypt'),
  algorithm: z.literal('CHACHA20'),
  key: octets,
  nonce: octets,
  counter: z.int().min(0).max(0xffffffff),
  plaintext: octets,
})

/** RFC 8439 §2.5: `key` is the one-time key, r | s. */
const poly1305 = z.strictObject({ operation: z.literal('compute'), algorithm: z.literal('POLY1305'), key: octets, data: octets })

export const buildingBlock: Kind = kind({
  name: 'building-block',
  title: 'What an algorithm of IKE and ESP is made of, alone',
  rfc: 'RFC 3610 §2; RFC 8439 §2.4, §2.5',
  inputs: z.discriminatedUnion('operation', [sealCcm, openCcm, chaCha20, poly1305]),
  outputs: z.strictObject({ sealed: hex.optional(), plaintext: hex.optional(), ciphertext: hex.optional(), mac: hex.optional() }),
  answer(provider, inputs) {
    if (inputs.algorithm !== 'AES_CCM') return unimplemented(`${inputs.algorithm} alone is no algorithm of IKE or ESP`)
    return answerCcm(provider, inputs)
  },
})

/** RFC 4309 §4: nonces are a salt of 3 octets and an IV of 8. */
const [nonceLength, saltLength] = [11, 3]

function answerCcm(provider: CryptoProvider, inputs: z.infer<typeof sealCcm> | z.infer<typeof openCcm>): Answer {
  const { key, nonce, icvLength, aad } = inputs
  if (nonce.length !== nonceLength) return unimplemented(`a nonce of ${nonce.length} octets is not one of IKE or ESP`)
  const id = ccmIds.get(icvLength)
  if (id === undefined) return unimplemented(`an ICV of ${icvLength} octets is not one of IKE or ESP`)
  const found = provider.encryption(id, 8 * key.length)
  if (found === undefined || found.kind !== 'aead') return invalid('crypto', 'key')
  const keyAndSalt = new Secret(concat(key, nonce.subarray(0, saltLength)))
  const iv = nonce.subarray(saltLength)
  if (inputs.operation === 'seal') return outputs({ sealed: toHex(found.seal(keyAndSalt, iv, aad, inputs.plaintext)) })
  const opened = found.open(keyAndSalt, iv, aad, inputs.sealed)
  return opened === undefined ? invalid('integrity', 'sealed') : outputs({ plaintext: toHex(opened) })
}

const ccmIds: ReadonlyMap<number, number> = new Map([
  [8, encryption.ENCR_AES_CCM_8],
  [12, encryption.ENCR_AES_CCM_12],
  [16, encryption.ENCR_AES_CCM_16],
])
