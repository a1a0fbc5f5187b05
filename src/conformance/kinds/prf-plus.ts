// The stream that all keying material is cut from. RFC 7296 §2.13.
import * as z from 'zod'
import { prfPlus as stream } from '../../crypto/key-schedule.ts'
import { dangerHex } from '../danger-octets.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, key, octets, prfName } from '../shapes/basic.ts'
import { invalid, outputs, unimplemented } from '../vector.ts'

export const prfPlus: Kind = kind({
  name: 'prf-plus',
  title: 'The beginning of prf+ (K, S), so many octets of it',
  rfc: 'RFC 7296 §2.13; RFC 4434 §2, RFC 4615 §3',
  inputs: z.strictObject({
    prf: prfName,
    key,
    seed: octets,
    /** In octets. */
    length: z.int().min(0).max(65_536),
  }),
  outputs: z.strictObject({ stream: hex }),
  answer(provider, { prf: name, key: k, seed, length }) {
    const prf = provider.prf(name)
    if (prf === undefined) return unimplemented(`${provider.name} has no such PRF`)
    // RFC 7296 §2.13: prf+ is not defined beyond 255 times the output of the PRF.
    if (length > 255 * prf.outputLength) return invalid('crypto', 'length')
    return outputs({ stream: dangerHex(stream(prf, k, seed, length)) })
  },
})
