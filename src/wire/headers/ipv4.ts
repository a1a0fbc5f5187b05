// The IPv4 header with its options, as a table. RFC 791 §3.1; DS field: RFC 2474 §3; ECN: RFC 3168 §5.
// The packet path reads the same fields at fixed offsets (`net/ipv4.ts`); test/wire/headers.test.ts keeps the two equal.
import { ipProtocols } from '../../iana/ip-protocols.ts'
import { ipv4Options } from '../../iana/ip-options.ts'
import type { Address } from '../../net/address.ts'
import type { Struct } from '../fields.ts'
import { address, bits, constantBits, extentBits, flag, hexadecimal, list, number, reservedBits, struct, uint } from '../layout.ts'
import { ecnWords } from './ecn.ts'
import { type Option, optionsWithEnd } from './options.ts'

export interface Ipv4Header {
  readonly dscp: number
  readonly ecn: number
  readonly totalLength: number
  readonly identification: number
  readonly dontFragment: boolean
  readonly moreFragments: boolean
  /** In units of 8 octets. */
  readonly fragmentOffset: number
  readonly timeToLive: number
  readonly protocol: number
  readonly checksum: number
  readonly source: Address
  readonly destination: Address
  readonly options: readonly Option[]
  readonly reserved?: readonly number[]
}

export const ipv4Header: Struct<Ipv4Header> = struct({
  name: 'IPv4',
  title: 'IPv4 Header',
  rfc: 'RFC 791 §3.1',
  fields: [
    bits(1, constantBits(4, 4, 'Version'), extentBits(4, 4, 'IHL')),
    bits(1, number('dscp', 6, 'DSCP'), number('ecn', 2, 'ECN', ecnWords)),
    uint('totalLength', 2, 'Total Length'),
    hexadecimal('identification', 2, 'Identification'),
    bits(
      2,
      reservedBits(1),
      flag('dontFragment', "Don't Fragment"),
      flag('moreFragments', 'More Fragments'),
      number('fragmentOffset', 13, 'Fragment Offset', (units) => `${8 * units} octets`),
    ),
    uint('timeToLive', 1, 'Time to Live'),
    uint('protocol', 1, 'Protocol', ipProtocols),
    hexadecimal('checksum', 2, 'Header Checksum'),
    address('source', 4, 'Source Address'),
    address('destination', 4, 'Destination Address'),
    list('options', {
      title: 'Options',
      each: 'option',
      element: optionsWithEnd(ipv4Options, 'RFC 791 §3.1', 'Option-Type'),
      limit: undefined,
      least: 0,
    }),
  ],
  brief: ({ source, destination }) => `${source} → ${destination}`,
})
