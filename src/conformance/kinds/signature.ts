// Digital signatures. RFC 4754 (ECDSA), RFC 8420 and RFC 8032 (EdDSA), RFC 7427 and RFC 8017 (RSA).
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import { fixedOfDer } from '../../crypto/ecdsa-encoding.ts'
import { ecdsaLengths, ecdsaSchemes, eddsaSchemes, isEcdsa, rsaSchemes } from '../../crypto/signature-schemes.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, octets, shortKey, shortOctets } from '../shapes/basic.ts'
import { invalid, outputs, unimplemented } from '../vector.ts'

/** Of RFC 8032, but not of IKE (RFC 8420 §2). */
const strangers = ['ed25519ctx', 'ed25519ph', 'ed448ph'] as const
const schemes = [...ecdsaSchemes, ...eddsaSchemes, ...rsaSchemes] as const

const common = {
  scheme: z.enum([...schemes, ...strangers]),
  message: octets,
  /** RFC 8032 §2: of some EdDSA schemes. */
  context: octets.optional(),
}

export const signature: Kind = kind({
  name: 'signature',
  title: 'A digital signature, verified, or made where nothing in it is random',
  rfc: 'RFC 4754 §3, §7; RFC 7427 §3; RFC 8420 §2; RFC 8032; RFC 8017 §8',
  inputs: z.discriminatedUnion('operation', [
    z.strictObject({
      operation: z.literal('verify'),
      ...common,
      /** The octets of `subjectPublicKey`: 04 | x | y (RFC 5480 §2.2), the octets of RFC 8032 §5.1.5, or an RSAPublicKey in DER (RFC 3279 §2.3.1). */
      publicKey: shortOctets,
      signature: octets,
      /** Of ECDSA signatures. `fixed`, or left out: r | s (RFC 4754 §7). `der`: Ecdsa-Sig-Value (RFC 3279 §2.2.3). */
      encoding: z.enum(['fixed', 'der']).optional(),
    }),
    z.strictObject({ operation: z.literal('sign'), ...common, privateKey: shortKey }),
  ]),
  outputs: z.strictObject({ signature: hex.optional() }),
  answer(provider, inputs) {
    const scheme = schemes.find((each) => each === inputs.scheme)
    if (scheme === undefined) return unimplemented(`${inputs.scheme} is not one of IKE`)
    if (inputs.context !== undefined) return unimplemented('IKE signs without a context')
    const algorithm = provider.signature(scheme)
    if (algorithm === undefined) return unimplemented(`${provider.name} has no ${scheme}`)
    if (inputs.operation === 'sign') {
      if (algorithm.sign === undefined) return unimplemented(`${scheme} is signed outside, where the private key is`)
      const made = algorithm.sign(inputs.privateKey, inputs.message)
      return made === undefined ? invalid('crypto', 'privateKey') : outputs({ signature: toHex(made) })
    }
    const isDer = isEcdsa(scheme) && inputs.encoding === 'der'
    const found = isDer ? fixedOfDer(inputs.signature, ecdsaLengths[scheme]) : inputs.signature
    if (found === undefined) return invalid('integrity', 'signature')
    const verdict = algorithm.verify(inputs.publicKey, inputs.message, found)
    if (verdict === 'key-refused') return invalid('crypto', 'publicKey')
    return verdict === 'valid' ? outputs({}) : invalid('integrity', 'signature')
  },
})
