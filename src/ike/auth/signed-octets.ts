// What AUTH covers. RFC 7296 §2.15.
import { concat } from '../../bytes/bytes.ts'
import type { Identity } from '../../contract/identity.ts'
import type { IkeKeys } from '../../crypto/key-schedule.ts'
import type { Prf } from '../../crypto/provider.ts'
import { encodePayloads } from '../../wire/codec.ts'
import type { IdentificationPayload } from '../../wire/message.ts'

/** What an IKE SA has to do with it. */
export interface AuthKeys {
  readonly algorithms: { readonly prf: Prf }
  readonly keys: Pick<IkeKeys, 'skPi' | 'skPr'>
}

/** InitiatorSignedOctets = RealMessage1 | NonceRData | prf(SK_pi, RestOfInitIDPayload). */
export function initiatorSignedOctets(
  session: AuthKeys,
  initRequest: Uint8Array,
  nonceR: Uint8Array,
  id: IdentificationPayload,
): Uint8Array {
  return concat(initRequest, nonceR, session.algorithms.prf.compute(session.keys.skPi, restOfIdPayload(id)))
}

/** ResponderSignedOctets = RealMessage2 | NonceIData | prf(SK_pr, RestOfRespIDPayload). */
export function responderSignedOctets(
  session: AuthKeys,
  initResponse: Uint8Array,
  nonceI: Uint8Array,
  id: IdentificationPayload,
): Uint8Array {
  return concat(initResponse, nonceI, session.algorithms.prf.compute(session.keys.skPr, restOfIdPayload(id)))
}

export function identificationPayload(kind: 'IDi' | 'IDr', identity: Identity): IdentificationPayload {
  return { kind, critical: false, identity }
}

/** All of the ID payload but its generic header: ID Type, RESERVED as received, and the data. */
function restOfIdPayload(id: IdentificationPayload): Uint8Array {
  return encodePayloads([id]).bytes.subarray(4)
}
