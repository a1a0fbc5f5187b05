// AlgorithmIdentifiers of digital signatures, alone and before a signature. RFC 7427 §3, appendices A and B; RFC 8420 appendix A.
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import {
  algorithmIdentifiers,
  findAlgorithmIdentifier,
  joinDigitalSignature,
  splitDigitalSignature,
} from '../../crypto/algorithm-identifiers.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, octets } from '../shapes/basic.ts'
import { invalid, outputs, unimplemented } from '../vector.ts'

/** As its document calls it: `ecdsa-with-sha256`, `RSASSA-PSS with sha-256`. */
const name = z.string().min(1).max(80)

export const algorithmIdentifier: Kind = kind({
  name: 'algorithm-identifier',
  title: 'The AlgorithmIdentifier of a signature algorithm in DER',
  rfc: 'RFC 7427 §3, appendix A; RFC 8420 appendix A',
  inputs: z.discriminatedUnion('operation', [
    z.strictObject({ operation: z.literal('encode'), name }),
    z.strictObject({ operation: z.literal('decode'), der: octets }),
    /** To and from the Authentication Data of method 14, Digital Signature. */
    z.strictObject({ operation: z.literal('join'), name, signature: octets }),
    z.strictObject({ operation: z.literal('split'), authenticationData: octets }),
  ]),
  outputs: z.strictObject({
    name: name.optional(),
    der: hex.optional(),
    authenticationData: hex.optional(),
    signature: hex.optional(),
  }),
  answer(_provider, inputs) {
    if (inputs.operation === 'decode') {
      const found = findAlgorithmIdentifier(inputs.der)
      return found === undefined ? invalid('wire', 'der') : outputs({ name: found.name })
    }
    if (inputs.operation === 'split') {
      const parts = splitDigitalSignature(inputs.authenticationData)
      const found = parts && findAlgorithmIdentifier(parts.der)
      if (parts === undefined || found === undefined) return invalid('wire', 'authenticationData')
      return outputs({ name: found.name, signature: toHex(parts.signature) })
    }
    const found = algorithmIdentifiers.find((each) => each.name === inputs.name)
    if (found === undefined) return unimplemented(`no AlgorithmIdentifier of that name`)
    if (inputs.operation === 'encode') return outputs({ der: toHex(found.der) })
    return outputs({ authenticationData: toHex(joinDigitalSignature(found, inputs.signature)) })
  },
})
