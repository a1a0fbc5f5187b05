// Messages of ICMP and ICMPv6, as tables: echo field by field, errors with the datagram that they are about, others with their body as
// octets. RFC 792; RFC 1191 §4 (Next-Hop MTU); RFC 4443 §2.1, §3, §4.
// The packet path reads the same fields at fixed offsets (`net/transport.ts`); test/wire/headers.test.ts keeps the two equal.
import { icmpType, icmpTypes, icmpv6Type, icmpv6Types } from '../../iana/icmp.ts'
import type { Registry } from '../../iana/registry.ts'
import type { Struct, UintField } from '../fields.ts'
import { hexadecimal, reserved, rest, struct, uint } from '../layout.ts'

/** What every message begins with. */
export interface IcmpStart {
  readonly type: number
  readonly code: number
  readonly checksum: number
}
export interface IcmpEcho extends IcmpStart {
  readonly identifier: number
  readonly sequence: number
  readonly data: Uint8Array
}
/** `nextHopMtu`: of Destination Unreachable in ICMP, with code 4. */
export interface IcmpUnreachable extends IcmpStart {
  readonly nextHopMtu: number
  readonly original: Uint8Array
  readonly reserved?: readonly number[]
}
/** `parameter`: the MTU of Packet Too Big, the Pointer of Parameter Problem, unused in others. */
export interface IcmpError extends IcmpStart {
  readonly parameter: number
  readonly original: Uint8Array
}
export interface IcmpOther extends IcmpStart {
  readonly body: Uint8Array
}

const echo = echoTable(icmpTypes, 'ICMP', 'RFC 792')
const unreachable: Struct<IcmpUnreachable> = struct<IcmpUnreachable>({
  ...words('ICMP', icmpTypes, 'RFC 792'),
  fields: [
    ...start(icmpTypes),
    reserved(2),
    uint('nextHopMtu', 2, 'Next-Hop MTU'),
    rest('original', 'Internet Header + Original Data Datagram'),
  ],
})
const timeExceeded = errorTable(icmpTypes, 'ICMP', 'RFC 792', 'unused')
const other = otherTable(icmpTypes, 'ICMP', 'RFC 792')

const echoV6 = echoTable(icmpv6Types, 'ICMPv6', 'RFC 4443 §4')
const unreachableV6 = errorTable(icmpv6Types, 'ICMPv6', 'RFC 4443 §3.1', 'Unused')
const tooBig = errorTable(icmpv6Types, 'ICMPv6', 'RFC 4443 §3.2', 'MTU')
const timeExceededV6 = errorTable(icmpv6Types, 'ICMPv6', 'RFC 4443 §3.3', 'Unused')
const parameterProblemV6 = errorTable(icmpv6Types, 'ICMPv6', 'RFC 4443 §3.4', 'Pointer')
const otherV6 = otherTable(icmpv6Types, 'ICMPv6', 'RFC 4443 §2.1')

/** By its first octet. */
export function icmpTable(type: number): Struct<IcmpStart> {
  if (type === icmpType.ECHO || type === icmpType.ECHO_REPLY) return echo
  if (type === icmpType.DESTINATION_UNREACHABLE) return unreachable
  return type === icmpType.TIME_EXCEEDED ? timeExceeded : other
}

export function icmpv6Table(type: number): Struct<IcmpStart> {
  switch (type) {
    case icmpv6Type.ECHO_REQUEST:
    case icmpv6Type.ECHO_REPLY:
      return echoV6
    case icmpv6Type.DESTINATION_UNREACHABLE:
      return unreachableV6
    case icmpv6Type.PACKET_TOO_BIG:
      return tooBig
    case icmpv6Type.TIME_EXCEEDED:
      return timeExceededV6
    case icmpv6Type.PARAMETER_PROBLEM:
      return parameterProblemV6
    default:
      return otherV6
  }
}

function echoTable(types: Registry, name: string, rfc: string): Struct<IcmpEcho> {
  return struct<IcmpEcho>({
    ...words(name, types, rfc),
    fields: [...start(types), uint('identifier', 2, 'Identifier'), uint('sequence', 2, 'Sequence Number'), rest('data', 'Data')],
  })
}

function errorTable(types: Registry, name: string, rfc: string, parameter: string): Struct<IcmpError> {
  return struct<IcmpError>({
    ...words(name, types, rfc),
    fields: [...start(types), uint('parameter', 4, parameter), rest('original', 'Original Datagram')],
  })
}

function otherTable(types: Registry, name: string, rfc: string): Struct<IcmpOther> {
  return struct<IcmpOther>({ ...words(name, types, rfc), fields: [...start(types), rest('body', 'Message Body')] })
}

function start(types: Registry): readonly [UintField<'type'>, UintField<'code'>, UintField<'checksum'>] {
  return [uint('type', 1, 'Type', types), uint('code', 1, 'Code'), hexadecimal('checksum', 2, 'Checksum')]
}

function words(name: string, types: Registry, rfc: string): Words {
  return { name, title: `${name} Message`, rfc, brief: ({ type }) => types.name(type) }
}
interface Words {
  readonly name: string
  readonly title: string
  readonly rfc: string
  readonly brief: (message: IcmpStart) => string
}
