// `ikebana/ipsec`: ESP and AH: packets sealed and opened, in bursts or one by one. RFC 4302, RFC 4303, RFC 3948.
export { type DepthRange, Depths, droppedBy, type Reordering } from '../ipsec/reordering.ts'
export { replayWindowLimits } from '../ipsec/replay-window-limits.ts'
export { type LifeState, SaCounters } from '../ipsec/counters.ts'
export { drop, type DropCode, type DropReason, dropReason } from '../ipsec/drops.ts'
export { classify, type EncapsulatedKind, keepaliveOctet, nonEspMarkerLength } from '../ipsec/encapsulation.ts'
export type { Framing } from '../ipsec/framing.ts'
export type { InboundSa, OuterAddresses } from '../ipsec/inbound.ts'
export type { OutboundSa } from '../ipsec/outbound.ts'
export type { SlotContent } from '../ipsec/outbound-plan.ts'
export { ahLength, type MacShape } from '../ipsec/ah/header.ts'
export {
  type AhPacketShape,
  type CipherShape,
  effectiveMtu,
  espLength,
  type EspPacketShape,
  type Overhead,
  overhead,
  packetShape,
  type PacketShape,
  type PathOfSa,
  sealedLength,
} from '../ipsec/overhead.ts'
export { openPacket, type PacketOutcome, sealPacket } from '../ipsec/packet.ts'
export { type ReplayVerdict, ReplayWindow, type SequenceNumber } from '../ipsec/replay.ts'
export { createInboundSa, createOutboundSa } from '../ipsec/sa.ts'
export { Sad, spiOf } from '../ipsec/sad.ts'
