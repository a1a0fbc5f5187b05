// Integrity algorithms as AH uses them: under a nonce where one is wanted. RFC 4302 §3.3.3, RFC 4543 §3, §5.
import * as z from 'zod'
import { equalConstantTime, toHex } from '../../bytes/bytes.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, integrityName, key, octets } from '../shapes/basic.ts'
import { invalid, outputs, unimplemented } from '../vector.ts'

const common = {
  integrity: integrityName,
  /** The salt of GMAC at its end (RFC 4543 §5.4). */
  key,
  /** Empty but with GMAC. */
  iv: octets,
  data: octets,
}

export const packetMac: Kind = kind({
  name: 'packet-mac',
  title: 'The ICV of some data as AH has it, computed or verified',
  rfc: 'RFC 4302 §3.3.3; RFC 4543 §3, §5',
  inputs: z.discriminatedUnion('operation', [
    z.strictObject({ operation: z.literal('compute'), ...common }),
    z.strictObject({ operation: z.literal('verify'), ...common, icv: octets }),
  ]),
  outputs: z.strictObject({ icv: hex.optional() }),
  answer(provider, inputs) {
    const found = provider.packetMac(inputs.integrity)
    if (found === undefined) return unimplemented(`${provider.name} has no such algorithm`)
    if (inputs.key.length !== found.keyLength) return invalid('crypto', 'key')
    if (inputs.iv.length !== found.ivLength) return invalid('crypto', 'iv')
    const icv = found.compute(inputs.key, inputs.iv, inputs.data)
    if (inputs.operation === 'compute') return outputs({ icv: toHex(icv) })
    return equalConstantTime(icv, inputs.icv) ? outputs({}) : invalid('integrity', 'icv')
  },
})
