// Programs for the kernel's packet filter: which packets a packet socket hands to us. Linux, Documentation/networking/filter.rst.
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { type Address, addressBytes } from '../../net/address.ts'
import { ipv4Field } from '../../net/ipv4.ts'
import { fragmentField, ipv6Field, ipv6HeaderLength } from '../../net/ipv6.ts'
import { reportTypes } from '../../net/icmp-report.ts'
import { icmpField } from '../../net/transport.ts'
import { u32 } from '../../bytes/bytes.ts'

export interface FilterProgram {
  /** Of instructions. */
  readonly length: number
  readonly instructions: Uint8Array
}

interface Instruction {
  readonly code: number
  readonly value: number
  /** Instructions to skip where a comparison holds, and where it does not. */
  readonly ifEqual?: number
  readonly ifNot?: number
}

/** The kernel takes 4,096 instructions: with more addresses than this all are let through, for the reader to look at. */
const mostAddresses = 400

/** Nothing passes. */
export const nothingPasses = (): FilterProgram => assemble([drop])

/**
 * IPv4 that was sent to us, is ESP or AH or a fragment of these, or an ICMP error about such, and for one of `addresses`; the packet begins with its
 * IP header.
 */
export function ipsecInIpv4(addresses: readonly Address[]): FilterProgram {
  return assemble([
    ...ofThisHost,
    loadOctet(ipv4Field.protocol),
    ...whereIs(ipProtocol.ICMP, [
      loadHeaderLength,
      loadOctetBehindHeader(icmpField.type),
      ...oneOf(reportTypes[4]),
      // What it is about, from here on.
      loadOctetBehindHeader(icmpField.data + ipv4Field.protocol),
    ]),
    ...oneOf([ipProtocol.ESP, ipProtocol.AH]),
    loadWord(ipv4Field.destination),
    ...(addresses.length > mostAddresses ? [pass] : addresses.flatMap((address) => [equals(u32(addressBytes(address), 0), 0, 1), pass])),
    drop,
  ])
}

/**
 * The same for IPv6. A header that names another extension header passes: the program has no loops to follow the chain, and there are few
 * such packets.
 */
export function ipsecInIpv6(addresses: readonly Address[]): FilterProgram {
  const { ESP, AH, HOPOPT, IPV6_ROUTE, IPV6_FRAG, IPV6_OPTS, ICMPV6 } = ipProtocol
  const quoted = ipv6HeaderLength + icmpField.data
  return assemble([
    ...ofThisHost,
    loadOctet(ipv6Field.nextHeader),
    ...whereIs(ICMPV6, [
      loadOctet(ipv6HeaderLength + icmpField.type),
      ...oneOf(reportTypes[6]),
      loadOctet(quoted + ipv6Field.nextHeader),
      ...whereIs(IPV6_FRAG, [loadOctet(quoted + ipv6HeaderLength + fragmentField.nextHeader)]),
    ]),
    // Most fragments are of something else: what they are of is in the fragment header.
    ...whereIs(IPV6_FRAG, [loadOctet(ipv6HeaderLength + fragmentField.nextHeader)]),
    ...oneOf([ESP, AH, HOPOPT, IPV6_ROUTE, IPV6_OPTS]),
    ...(addresses.length > mostAddresses ? [pass] : addresses.flatMap(ifDestination)),
    drop,
  ])
}

function ifDestination(address: Address): readonly Instruction[] {
  const octets = addressBytes(address)
  const words = [0, 4, 8, 12]
  const tests = words.flatMap((at, i) => [loadWord(ipv6Field.destination + at), equals(u32(octets, at), 0, 2 * (words.length - 1 - i) + 1)])
  return [...tests, pass]
}

const loadWord = (at: number): Instruction => ({ code: 0x20, value: at })
const loadOctet = (at: number): Instruction => ({ code: 0x30, value: at })
/** Its length, in octets, becomes what `loadOctetBehindHeader` counts from: BPF_MSH. */
const loadHeaderLength: Instruction = { code: 0xb1, value: 0 }
const loadOctetBehindHeader = (at: number): Instruction => ({ code: 0x50, value: at })
const equals = (value: number, ifEqual: number, ifNot: number): Instruction => ({ code: 0x15, value, ifEqual, ifNot })
const pass: Instruction = { code: 0x06, value: 0xffffffff }
const drop: Instruction = { code: 0x06, value: 0 }

/** SKF_AD_OFF + SKF_AD_PKTTYPE: what a promiscuous interface hears is for others; PACKET_HOST is 0. */
const ofThisHost: readonly Instruction[] = [loadWord(0xfffff000 + 4), equals(0, 1, 0), drop]

/** Where the octet that was loaded is this one: these, and then what follows. */
const whereIs = (value: number, then: readonly Instruction[]): readonly Instruction[] => [equals(value, 0, then.length), ...then]

/** Goes on where the octet that was loaded is one of these. */
function oneOf(values: readonly number[]): readonly Instruction[] {
  return [...values.map((value, i) => equals(value, values.length - i, 0)), drop]
}

/** struct sock_filter: code (16 bits), two jumps (8 bits each), value (32 bits), in the machine's order: koffi runs on little ends only. */
function assemble(instructions: readonly Instruction[]): FilterProgram {
  const octets = new Uint8Array(8 * instructions.length)
  const view = new DataView(octets.buffer)
  for (const [i, { code, value, ifEqual = 0, ifNot = 0 }] of instructions.entries()) {
    view.setUint16(8 * i, code, true)
    octets[8 * i + 2] = ifEqual
    octets[8 * i + 3] = ifNot
    view.setUint32(8 * i + 4, value, true)
  }
  return { length: instructions.length, instructions: octets }
}
