// Diffie-Hellman, of one side. RFC 3526 (MODP), RFC 5903 and RFC 6954 (ECP), RFC 7748 and RFC 8031 (Curve25519, Curve448).
import * as z from 'zod'
import { fromHex, toHex } from '../../bytes/bytes.ts'
import { Secret } from '../../bytes/secret.ts'
import type { KeyExchange } from '../../crypto/provider.ts'
import { keyExchange } from '../../iana/transforms.ts'
import { dangerHex } from '../danger-octets.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, keyExchangeName, octets, shortKey } from '../shapes/basic.ts'
import { type Answer, invalid, outputs, unimplemented } from '../vector.ts'

const montgomery = z.enum(['CURVE25519', 'CURVE448']).transform((name) => keyExchange[name])

export const keyAgreement: Kind = kind({
  name: 'key-agreement',
  title: 'From a private key and the public value of the peer to the own public value and the shared secret',
  rfc: 'RFC 7296 §2.7, §2.14; RFC 3526, 5903, 6954, 7748, 8031; checks of public values: RFC 6989 §2',
  inputs: z.discriminatedUnion('operation', [
    z.strictObject({
      operation: z.literal('agree'),
      algorithm: keyExchangeName,
      /** Big-endian; of Curve25519 and Curve448 as RFC 7748 §5 encodes it, the bits that it sets and clears as they may be. */
      privateKey: shortKey,
      /** The peer's, as the Key Exchange Data of a KE payload has it (RFC 7296 §3.4). */
      publicValue: octets,
    }),
    /** RFC 7748 §5.2: k and u are `start`; each iteration sets k to the function of k and u, and u to the old value of k. */
    z.strictObject({
      operation: z.literal('iterate'),
      algorithm: montgomery,
      start: octets,
      iterations: z.int().min(1).max(1_000_000),
    }),
  ]),
  outputs: z.strictObject({
    ownPublicValue: hex.optional(),
    sharedSecret: hex.optional(),
    /** What is left in k. */
    result: hex.optional(),
  }),
  isSlow: ({ iterations }) => Number(iterations ?? 0) > 1000,
  answer(provider, inputs) {
    const group = provider.keyExchange(inputs.algorithm)
    if (group === undefined) return unimplemented(`${provider.name} has no such group`)
    if (inputs.operation === 'iterate') return iterated(group, inputs.start, inputs.iterations)
    const ownPublicValue = group.publicValueOf(inputs.privateKey)
    if (ownPublicValue === undefined) return invalid('crypto', 'privateKey')
    const sharedSecret = group.agree(inputs.privateKey, inputs.publicValue)
    if (sharedSecret === undefined) return invalid('crypto', 'publicValue')
    return outputs({ ownPublicValue: toHex(ownPublicValue), sharedSecret: dangerHex(sharedSecret) })
  },
})

function iterated(curve: KeyExchange, start: Uint8Array, iterations: number): Answer {
  if (start.length !== curve.publicLength) return invalid('crypto', 'start')
  let k = start
  let u = start
  for (let i = 0; i < iterations; i++) {
    const shared = curve.agree(new Secret(k.slice()), u)
    if (shared === undefined) return invalid('crypto', 'start')
    u = k
    k = fromHex(dangerHex(shared)) ?? k
  }
  return outputs({ result: toHex(k) })
}
