// Which payload type has which table. A new payload: its type in `iana/payloads.ts`, its value in `message.ts`, a file here, a line below.
import { payloadType } from '../../iana/payloads.ts'
import type { Struct } from '../fields.ts'
import type { Payload } from '../message.ts'
import { authentication } from './authentication.ts'
import { certificate } from './certificate.ts'
import { certificateRequest } from './certificate-request.ts'
import { configuration } from './configuration.ts'
import { deletion } from './delete.ts'
import { extensibleAuthentication } from './eap.ts'
import { encryptedFragment } from './encrypted-fragment.ts'
import { encrypted } from './encrypted.ts'
import { identificationInitiator, identificationResponder } from './identification.ts'
import { keyExchange } from './key-exchange.ts'
import { nonce } from './nonce.ts'
import { notification } from './notify.ts'
import { securityAssociation } from './sa.ts'
import { trafficSelectorsInitiator, trafficSelectorsResponder } from './traffic-selector.ts'
import { unknownPayload } from './unknown.ts'
import { vendorId } from './vendor-id.ts'

const tables: ReadonlyMap<number, Struct<never>> = new Map<number, Struct<never>>([
  [payloadType.SA, securityAssociation],
  [payloadType.KE, keyExchange],
  [payloadType.IDi, identificationInitiator],
  [payloadType.IDr, identificationResponder],
  [payloadType.CERT, certificate],
  [payloadType.CERTREQ, certificateRequest],
  [payloadType.AUTH, authentication],
  [payloadType.NONCE, nonce],
  [payloadType.N, notification],
  [payloadType.D, deletion],
  [payloadType.V, vendorId],
  [payloadType.TSi, trafficSelectorsInitiator],
  [payloadType.TSr, trafficSelectorsResponder],
  [payloadType.SK, encrypted],
  [payloadType.SKF, encryptedFragment],
  [payloadType.CP, configuration],
  [payloadType.EAP, extensibleAuthentication],
])

/** The table of a payload type, known or not. */
export const payloadTable = (type: number): Struct<Payload> => tables.get(type) ?? unknownPayload(type)

export const isKnownPayload = (type: number): boolean => tables.has(type)

export const payloadTypeOf = (payload: Payload): number => (payload.kind === 'unknown' ? payload.type : payloadType[payload.kind])
