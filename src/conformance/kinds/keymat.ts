// Keying material before it is cut into keys, as NIST's CAVP asks for it. RFC 7296 §2.14, §2.17, §2.18.
import * as z from 'zod'
import { childKeys, expandIkeKeys, rekeySkeyseed, skeyseed } from '../../crypto/key-schedule.ts'
import type { Secret } from '../../bytes/secret.ts'
import { dangerHex } from '../danger-octets.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, ikeSpi, key, octets, prfName } from '../shapes/basic.ts'
import { invalid, outputs, unimplemented } from '../vector.ts'

const nonces = { prf: prfName, nonceI: octets, nonceR: octets }
/** Octets; both directions get the same. */
const length = z.int().min(2).max(8192).multipleOf(2)

export const keymat: Kind = kind({
  name: 'keymat',
  title: 'SKEYSEED and the stream that keys are cut from',
  rfc: 'RFC 7296 §2.14, §2.17, §2.18',
  inputs: z.discriminatedUnion('of', [
    z.strictObject({ of: z.literal('ike-sa'), ...nonces, spiI: ikeSpi, spiR: ikeSpi, sharedSecret: key, length }),
    z.strictObject({ of: z.literal('child-sa'), ...nonces, skD: key, sharedSecret: key.optional(), length }),
    /** SKEYSEED only. */
    z.strictObject({ of: z.literal('rekeyed-ike-sa'), ...nonces, skD: key, sharedSecret: key }),
  ]),
  outputs: z.strictObject({ skeyseed: hex.optional(), keymat: hex.optional() }),
  answer(provider, inputs) {
    const prf = provider.prf(inputs.prf)
    if (prf === undefined) return unimplemented(`${provider.name} has no such PRF`)
    const { nonceI, nonceR } = inputs
    if (inputs.of === 'rekeyed-ike-sa')
      return outputs({ skeyseed: dangerHex(rekeySkeyseed(prf, inputs.skD, nonceI, nonceR, inputs.sharedSecret)) })
    // RFC 7296 §2.13: prf+ is not defined beyond 255 times the output of the PRF.
    if (inputs.length > 255 * prf.outputLength) return invalid('crypto', 'length')
    if (inputs.of === 'child-sa') {
      const lengths = { encryption: inputs.length / 2, integrity: 0 }
      const { initiator, responder } = childKeys(prf, inputs.skD, { nonceI, nonceR, sharedSecret: inputs.sharedSecret, lengths })
      return outputs({ keymat: joined(initiator.encryption, responder.encryption) })
    }
    const forCiphers = Math.max(0, inputs.length - 3 * prf.keyLength)
    const seed = skeyseed(prf, nonceI, nonceR, inputs.sharedSecret)
    // A cipher whose keys fill the rest.
    const users = { prf, encryption: { keyLength: Math.ceil(forCiphers / 2) }, integrity: undefined }
    const { skD, skEi, skEr, skPi, skPr } = expandIkeKeys(users, seed, inputs)
    return outputs({ skeyseed: dangerHex(seed), keymat: joined(skD, skEi, skEr, skPi, skPr).slice(0, 2 * inputs.length) })
  },
})

const joined = (...keys: readonly (Secret | undefined)[]): string =>
  keys.map((each) => (each === undefined ? '' : dangerHex(each))).join('')
