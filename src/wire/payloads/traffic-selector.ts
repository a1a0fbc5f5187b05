// Traffic Selector payloads of both sides. RFC 7296 §3.13.
import type { TrafficSelector } from '../../contract/selectors.ts'
import { ipProtocols } from '../../iana/ip-protocols.ts'
import { trafficSelectorType, trafficSelectorTypes } from '../../iana/traffic-selectors.ts'
import { addressVersion, compareAddresses } from '../../net/address.ts'
import type { Choice, Struct, ValuesBefore } from '../fields.ts'
import { address, choice, constant, countOf, extent, list, reserved, rest, struct, uint } from '../layout.ts'
import type { TrafficSelectorPayload, UnknownSelector } from '../message.ts'
import { payload } from './generic-header.ts'

const ipv4Range = addressRange(trafficSelectorType.TS_IPV4_ADDR_RANGE, 4)
const ipv6Range = addressRange(trafficSelectorType.TS_IPV6_ADDR_RANGE, 16)

/** RFC 7296 §3.13.1: all but type and length depend on the type. */
const unknownSelector: Struct<UnknownSelector> = struct({
  name: 'selector',
  title: 'Traffic Selector',
  rfc: 'RFC 7296 §3.13.1',
  fields: [
    uint('type', 1, 'TS Type', trafficSelectorTypes),
    uint('protocolOrReserved', 1, 'IP Protocol ID'),
    extent('Selector Length'),
    rest('body', 'Selector Data'),
  ],
  rules: [
    {
      field: 'type',
      rfc: 'RFC 7296 §3.13.1',
      says: 'address ranges are not unknown selectors',
      holds: ({ type }) => type !== trafficSelectorType.TS_IPV4_ADDR_RANGE && type !== trafficSelectorType.TS_IPV6_ADDR_RANGE,
    },
  ],
})

const selector: Choice<TrafficSelector | UnknownSelector> = choice(
  (firstOctet) => {
    if (firstOctet === trafficSelectorType.TS_IPV4_ADDR_RANGE) return ipv4Range
    return firstOctet === trafficSelectorType.TS_IPV6_ADDR_RANGE ? ipv6Range : unknownSelector
  },
  (value) => {
    if ('body' in value) return unknownSelector
    return addressVersion(value.startAddress) === 4 ? ipv4Range : ipv6Range
  },
)

export const trafficSelectorsInitiator: Struct<TrafficSelectorPayload> = trafficSelectors('TSi')
export const trafficSelectorsResponder: Struct<TrafficSelectorPayload> = trafficSelectors('TSr')

function trafficSelectors(kind: TrafficSelectorPayload['kind']): Struct<TrafficSelectorPayload> {
  return payload(kind, 'RFC 7296 §3.13', [
    countOf('selectors', 1, 'numSelectors', 'Number of TSs'),
    reserved(3),
    list('selectors', { title: 'Traffic Selectors', each: 'selector', element: selector, limit: 'selectors', least: 1 }),
  ])
}

function addressRange(type: number, octets: 4 | 16): Struct<TrafficSelector> {
  return struct({
    name: 'selector',
    title: 'Traffic Selector',
    rfc: 'RFC 7296 §3.13.1',
    fields: [
      constant('type', type, 'TS Type', trafficSelectorTypes),
      uint('protocol', 1, 'IP Protocol ID', (id) => (id === 0 ? 'any' : ipProtocols)),
      extent('Selector Length'),
      uint('startPort', 2, 'Start Port'),
      uint('endPort', 2, 'End Port', portsMeaning),
      address('startAddress', octets, 'Starting Address'),
      address('endAddress', octets, 'Ending Address'),
    ],
    rules: [
      {
        field: 'startPort',
        rfc: 'RFC 7296 §3.13.1',
        says: 'the start port is the smallest one, save that 65535 to 0 means OPAQUE',
        holds: ({ startPort, endPort }) => startPort <= endPort || (startPort === 65_535 && endPort === 0),
      },
      {
        field: 'startAddress',
        rfc: 'RFC 7296 §3.13.1',
        says: 'the starting address is the smallest one',
        holds: ({ startAddress, endAddress }) => compareAddresses(startAddress, endAddress) <= 0,
      },
    ],
  })
}

/** RFC 7296 §3.13.1; RFC 4301 §4.4.1.1: 65535 to 0 is OPAQUE. */
function portsMeaning(endPort: number, { startPort }: ValuesBefore): string | undefined {
  if (startPort === 0 && endPort === 65_535) return 'any'
  return startPort === 65_535 && endPort === 0 ? 'OPAQUE' : undefined
}
