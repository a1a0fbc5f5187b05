// One packet at a time, for those who have no bursts: copies in and out of a batch of one.
import { headroom, PacketBatch, tailroom } from '../contract/packets.ts'
import { addressVersion } from '../net/address.ts'
import { ipv4MinimumHeader } from '../net/ipv4.ts'
import { ipv6HeaderLength } from '../net/ipv6.ts'
import { drop } from './drops.ts'
import type { Framing } from './framing.ts'
import type { InboundSa, OuterAddresses } from './inbound.ts'
import type { OutboundSa } from './outbound.ts'

/** `outcome` 0: `bytes` is the sealed or opened packet. Otherwise it is a number of `drops.ts`, and `bytes` is empty. */
export interface PacketOutcome {
  readonly outcome: number
  readonly bytes: Uint8Array
}

const longestPacket = 0xffff
const nothing = new Uint8Array(0)
const tooLong: PacketOutcome = { outcome: drop['packet-too-long'], bytes: nothing }
/** One for all, since a call is over before the next begins; made at first use. */
let single: PacketBatch | undefined

export function sealPacket(sa: OutboundSa, packet: Uint8Array, framing: Framing): PacketOutcome {
  const batch = load(packet)
  if (batch === undefined) return tooLong
  sa.seal(batch, 0, 1, framing)
  return unload(batch, packet.length)
}

/** A dummy packet that is as long as a plain IP packet of so many octets would be, sealed (RFC 4303 §2.6). */
export function sealDummy(sa: OutboundSa, octets: number, framing: Framing): PacketOutcome {
  const { mode, remote } = sa.install
  // In transport mode a plain packet has its header outside of what is sealed.
  const outside = mode === 'tunnel' ? 0 : addressVersion(remote.address) === 4 ? ipv4MinimumHeader : ipv6HeaderLength
  // RFC 4303 §2.6: the plaintext need not be well-formed. What it is does not matter: it is encrypted.
  const payload = new Uint8Array(Math.max(0, octets - outside))
  const batch = load(payload)
  if (batch === undefined) return tooLong
  sa.sealDummies(batch, 0, 1, framing)
  return unload(batch, payload.length)
}

export function openPacket(sa: InboundSa, bytes: Uint8Array, framing: Framing, outer: OuterAddresses | undefined): PacketOutcome {
  const batch = load(bytes)
  if (batch === undefined) return tooLong
  sa.open(batch, 0, 1, framing, outer)
  return unload(batch, bytes.length)
}

function load(packet: Uint8Array): PacketBatch | undefined {
  single ??= new PacketBatch(1, longestPacket)
  single.clear()
  return single.add(packet) ? single : undefined
}

/** A copy of the result; what was worked on is overwritten, so that the next caller finds no plaintext. */
function unload(batch: PacketBatch, length: number): PacketOutcome {
  const outcome = batch.outcome[0] ?? 0
  const bytes = outcome === 0 ? batch.packet(0).slice() : nothing
  batch.arena.fill(0, 0, headroom + length + tailroom)
  return { outcome, bytes }
}
