// `ikebana/net`: addresses, and IP packets as octets.
export {
  type Address,
  addressBytes,
  addressFromBytes,
  addressVersion,
  compareAddresses,
  type Endpoint,
  formatEndpoint,
  parseAddress,
  sameEndpoint,
} from '../net/address.ts'
export {
  type ExtensionHeader,
  ipPacket,
  type Ipv4Fields,
  ipv4Packet,
  type Ipv6Fields,
  ipv6Packet,
  type TcpFields,
  tcpSegment,
  type UdpFields,
  udpDatagram,
  upperChecksum,
} from '../net/build.ts'
export { checksum } from '../net/checksum.ts'
export { emptyFlow, type Flow, readFlow } from '../net/flow.ts'
export { type Fragments, fragmentPacket } from '../net/fragment.ts'
export type { FragmentFault } from '../net/fragment-place.ts'
export { answerEcho, decodeEcho, type Echo, echoPacket, icmpEcho } from '../net/icmp.ts'
export {
  destinationAddress,
  emptyLayout,
  type Fragmentation,
  type IpLayout,
  ipPacketLength,
  readLayout,
  sourceAddress,
} from '../net/layout.ts'
export { type Reassembled, Reassembly, type ReassemblyLimits, usualReassembly } from '../net/reassembly.ts'
export { decodeUdp, udpPacket } from '../net/udp.ts'
