// IKE messages as JSON: what RFC 7296 §3 has a recipient obey, and nothing that it has him ignore (reserved bits, minor version, the critical
// bit of payloads that are known). Numbers of IANA's registries are names where they have one; octets are hexadecimal.
/* oxlint-disable consistent-return -- TypeScript sees that the switch over payloads is exhaustive */
import { toHex } from '../bytes/bytes.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import { authMethods } from '../iana/authentication.ts'
import { certificateEncodings } from '../iana/certificates.ts'
import { configurationAttributes, configurationTypes } from '../iana/configuration.ts'
import { exchanges } from '../iana/exchanges.ts'
import { idTypes } from '../iana/identification.ts'
import { notifications } from '../iana/notify.ts'
import { payloadTypes } from '../iana/payloads.ts'
import { protocols } from '../iana/protocols.ts'
import type { Registry } from '../iana/registry.ts'
import { trafficSelectorType, trafficSelectorTypes } from '../iana/traffic-selectors.ts'
import { transformAttributes } from '../iana/transform-attributes.ts'
import { keyExchangeIds, transformIds, transformTypes } from '../iana/transforms.ts'
import type { Json, JsonObject } from '../inspect/describe.ts'
import { addressVersion } from '../net/address.ts'
import { isFromInitiator, isResponse } from '../wire/flags.ts'
import type { Header, NotifyPayload, Payload, Proposal, Transform, UnknownSelector } from '../wire/message.ts'

export function headerJson({ initiatorSpi, responderSpi, exchangeType, flags, messageId }: Header): JsonObject {
  return {
    initiatorSpi,
    responderSpi,
    exchangeType: nameOf(exchanges, exchangeType),
    initiator: isFromInitiator(flags),
    response: isResponse(flags),
    messageId,
  }
}

export function payloadJson(payload: Payload): JsonObject {
  switch (payload.kind) {
    case 'unknown':
      return { payload: nameOf(payloadTypes, payload.type), critical: payload.critical, body: toHex(payload.body) }
    default:
      return { payload: payload.kind, ...contentJson(payload) }
  }
}

function contentJson(payload: Exclude<Payload, { readonly kind: 'unknown' }>): JsonObject {
  switch (payload.kind) {
    case 'SA':
      return { proposals: payload.proposals.map(proposalJson) }
    case 'KE':
      return { method: nameOf(keyExchangeIds, payload.method), publicValue: toHex(payload.publicValue) }
    case 'IDi':
    case 'IDr':
      return { type: nameOf(idTypes, payload.identity.type), value: toHex(payload.identity.value) }
    case 'CERT':
      return { encoding: nameOf(certificateEncodings, payload.encoding), certificate: toHex(payload.certificate) }
    case 'CERTREQ':
      return { encoding: nameOf(certificateEncodings, payload.encoding), authority: toHex(payload.authority) }
    case 'AUTH':
      return { method: nameOf(authMethods, payload.method), value: toHex(payload.value) }
    case 'NONCE':
      return { nonce: toHex(payload.nonce) }
    case 'N':
      return notifyJson(payload)
    case 'D':
      return { protocol: nameOf(protocols, payload.protocol), spis: payload.spis.map(toHex) }
    case 'V':
      return { vendorId: toHex(payload.vendorId) }
    case 'TSi':
    case 'TSr':
      return { selectors: payload.selectors.map(selectorJson) }
    case 'SK':
      return { firstPayload: nameOf(payloadTypes, payload.firstPayload), body: toHex(payload.body) }
    case 'SKF': {
      const { firstPayload, fragmentNumber, totalFragments, body } = payload
      return { firstPayload: nameOf(payloadTypes, firstPayload), fragmentNumber, totalFragments, body: toHex(body) }
    }
    case 'CP':
      return {
        type: nameOf(configurationTypes, payload.type),
        attributes: payload.attributes.map(({ type, value }) => ({ type: nameOf(configurationAttributes, type), value: toHex(value) })),
      }
    case 'EAP':
      return { message: toHex(payload.message) }
  }
}

const proposalJson = ({ number, protocol, spi, transforms }: Proposal): JsonObject => ({
  number,
  protocol: nameOf(protocols, protocol),
  spi: toHex(spi),
  transforms: transforms.map(transformJson),
})

const transformJson = ({ type, id, attributes }: Transform): JsonObject => ({
  type: nameOf(transformTypes, type),
  id: nameOf(transformIds(type), id),
  attributes: attributes.map(({ type: attributeType, value }) => ({
    type: nameOf(transformAttributes, attributeType),
    value: typeof value === 'number' ? value : toHex(value),
  })),
})

/** RFC 7296 §3.10: without an SPI, the Protocol ID is ignored. */
function notifyJson({ protocol, spi, type, value }: NotifyPayload): JsonObject {
  const about: JsonObject = spi.length === 0 ? {} : { protocol: nameOf(protocols, protocol), spi: toHex(spi) }
  return { type: nameOf(notifications, type), ...about, value: toHex(value) }
}

function selectorJson(selector: TrafficSelector | UnknownSelector): JsonObject {
  if ('body' in selector) {
    const { type, protocolOrReserved, body } = selector
    return { type: nameOf(trafficSelectorTypes, type), protocolOrReserved, body: toHex(body) }
  }
  const { protocol, startPort, endPort, startAddress, endAddress } = selector
  const type = addressVersion(startAddress) === 4 ? trafficSelectorType.TS_IPV4_ADDR_RANGE : trafficSelectorType.TS_IPV6_ADDR_RANGE
  return { type: nameOf(trafficSelectorTypes, type), protocol, startPort, endPort, startAddress, endAddress }
}

const nameOf = (registry: Registry | undefined, number: number): Json => registry?.entry(number)?.notation ?? number
