// The IPv6 header and its extension headers, as tables. RFC 8200 §3, §4.
// The packet path reads the same fields at fixed offsets (`net/ipv6.ts`); test/wire/headers.test.ts keeps the two equal.
import { ipProtocol, ipProtocols } from '../../iana/ip-protocols.ts'
import { ipv6Options, ipv6RoutingTypes } from '../../iana/ip-options.ts'
import type { Address } from '../../net/address.ts'
import type { Struct } from '../fields.ts'
import {
  address,
  bits,
  constantBits,
  flag,
  hexadecimal,
  list,
  number,
  reserved,
  reservedBits,
  rest,
  shortExtent,
  struct,
  uint,
} from '../layout.ts'
import { ecnWords } from './ecn.ts'
import { type Option, optionsWithPad1 } from './options.ts'

export interface Ipv6Header {
  readonly dscp: number
  readonly ecn: number
  readonly flowLabel: number
  readonly payloadLength: number
  readonly nextHeader: number
  readonly hopLimit: number
  readonly source: Address
  readonly destination: Address
}

export const ipv6Header: Struct<Ipv6Header> = struct({
  name: 'IPv6',
  title: 'IPv6 Header',
  rfc: 'RFC 8200 §3',
  fields: [
    bits(
      4,
      constantBits(6, 4, 'Version'),
      number('dscp', 6, 'DSCP'),
      number('ecn', 2, 'ECN', ecnWords),
      number('flowLabel', 20, 'Flow Label'),
    ),
    uint('payloadLength', 2, 'Payload Length'),
    uint('nextHeader', 1, 'Next Header', ipProtocols),
    uint('hopLimit', 1, 'Hop Limit'),
    address('source', 16, 'Source Address'),
    address('destination', 16, 'Destination Address'),
  ],
  brief: ({ source, destination }) => `${source} → ${destination}`,
})

/** What every extension header begins with. */
export interface ExtensionHeader {
  readonly nextHeader: number
  /** Of the Fragment header alone, in units of 8 octets. */
  readonly fragmentOffset?: number
  /** Of the Fragment header alone. */
  readonly moreFragments?: boolean
}
export interface OptionsHeader extends ExtensionHeader {
  readonly options: readonly Exclude<Option, { readonly kind: 'end' }>[]
}
export interface RoutingHeader extends ExtensionHeader {
  readonly routingType: number
  readonly segmentsLeft: number
  readonly typeSpecific: Uint8Array
}
export interface FragmentHeader extends ExtensionHeader {
  readonly fragmentOffset: number
  readonly moreFragments: boolean
  readonly identification: number
  readonly reserved?: readonly number[]
}

export const hopByHopOptions: Struct<OptionsHeader> = optionsHeader('Hop-by-Hop Options Header', 'RFC 8200 §4.3')
export const destinationOptions: Struct<OptionsHeader> = optionsHeader('Destination Options Header', 'RFC 8200 §4.6')

export const routingHeader: Struct<RoutingHeader> = struct({
  name: 'routing',
  title: 'Routing Header',
  rfc: 'RFC 8200 §4.4',
  fields: [
    uint('nextHeader', 1, 'Next Header', ipProtocols),
    shortExtent(8, 8, 'Hdr Ext Len'),
    uint('routingType', 1, 'Routing Type', ipv6RoutingTypes),
    uint('segmentsLeft', 1, 'Segments Left'),
    rest('typeSpecific', 'Type-Specific Data'),
  ],
})

export const fragmentHeader: Struct<FragmentHeader> = struct({
  name: 'fragment',
  title: 'Fragment Header',
  rfc: 'RFC 8200 §4.5',
  fields: [
    uint('nextHeader', 1, 'Next Header', ipProtocols),
    reserved(1),
    bits(
      2,
      number('fragmentOffset', 13, 'Fragment Offset', (units) => `${8 * units} octets`),
      reservedBits(2),
      flag('moreFragments', 'M Flag'),
    ),
    hexadecimal('identification', 4, 'Identification'),
  ],
})

/** The table of an extension header by the number that names it; `undefined` for what is none, AH and ESP included. */
export function extensionHeader(nextHeader: number): Struct<ExtensionHeader> | undefined {
  switch (nextHeader) {
    case ipProtocol.HOPOPT:
      return hopByHopOptions
    case ipProtocol.IPV6_OPTS:
      return destinationOptions
    case ipProtocol.IPV6_ROUTE:
      return routingHeader
    case ipProtocol.IPV6_FRAG:
      return fragmentHeader
    default:
      return undefined
  }
}

function optionsHeader(title: string, rfc: string): Struct<OptionsHeader> {
  return struct({
    name: 'options',
    title,
    rfc,
    fields: [
      uint('nextHeader', 1, 'Next Header', ipProtocols),
      shortExtent(8, 8, 'Hdr Ext Len'),
      list('options', {
        title: 'Options',
        each: 'option',
        element: optionsWithPad1(ipv6Options, 'RFC 8200 §4.2'),
        limit: undefined,
        least: 0,
      }),
    ],
  })
}
