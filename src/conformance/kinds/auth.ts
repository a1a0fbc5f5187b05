// What AUTH covers, and AUTH of a shared key. RFC 7296 §2.15.
import * as z from 'zod'
import { equalConstantTime, toHex } from '../../bytes/bytes.ts'
import { sharedKeyMac } from '../../crypto/suites.ts'
import { payloadType } from '../../iana/payloads.ts'
import { initiatorSignedOctets, responderSignedOctets } from '../../ike/auth/signed-octets.ts'
import { decodePayloads } from '../../wire/codec.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, key, octets, prfName } from '../shapes/basic.ts'
import { invalid, outputs, unimplemented } from '../vector.ts'

const common = {
  prf: prfName,
  /** Whose AUTH it is. */
  role: z.enum(['initiator', 'responder']),
  /** Both messages of IKE_SA_INIT, without a Non-ESP Marker: the last ones where there were several. */
  initRequest: octets,
  initResponse: octets,
  nonceI: octets,
  nonceR: octets,
  skPi: key,
  skPr: key,
  /** The whole Identification payload of `role`, generic header and all, with Next Payload 0. */
  identification: octets,
  /** The pre-shared key. */
  sharedSecret: key,
}

export const auth: Kind = kind({
  name: 'auth',
  title: 'The octets that AUTH covers, and AUTH made with a shared key, computed or verified',
  rfc: 'RFC 7296 §2.15',
  inputs: z.discriminatedUnion('operation', [
    z.strictObject({ operation: z.literal('compute'), ...common }),
    z.strictObject({ operation: z.literal('verify'), ...common, auth: octets }),
  ]),
  outputs: z.strictObject({ signedOctets: hex.optional(), auth: hex.optional() }),
  answer(provider, inputs) {
    const prf = provider.prf(inputs.prf)
    if (prf === undefined) return unimplemented(`${provider.name} has no such PRF`)
    const { role, nonceI, nonceR, skPi, skPr, sharedSecret } = inputs
    const decoded = decodePayloads(role === 'initiator' ? payloadType.IDi : payloadType.IDr, inputs.identification)
    if (!decoded.ok) return invalid('wire', decoded.fault.field)
    const [id] = decoded.value
    if (id?.kind !== 'IDi' && id?.kind !== 'IDr') return invalid('wire', 'identification')
    const session = { algorithms: { prf }, keys: { skPi, skPr } }
    const signed =
      role === 'initiator'
        ? initiatorSignedOctets(session, inputs.initRequest, nonceR, id)
        : responderSignedOctets(session, inputs.initResponse, nonceI, id)
    const computed = sharedKeyMac(provider, inputs.prf, sharedSecret, signed)
    if (inputs.operation === 'compute') return outputs({ signedOctets: toHex(signed), auth: toHex(computed) })
    return equalConstantTime(computed, inputs.auth) ? outputs({}) : invalid('integrity', 'auth')
  },
})
