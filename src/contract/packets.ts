// A burst of IP packets in one arena: the unit of the packet path. No object per packet.

/** Octets kept free before each packet for an outer IPv6 header, UDP, ESP header and IV; and after it for padding, trailer and ICV. */
export const headroom = 128
export const tailroom = 320

/**
 * Parallel arrays that their owner reuses for ever. Each packet has a slot of `slotLength` octets; `seal` and `open` work in place
 * and move `offset` and `length`; a packet always stays inside its slot.
 */
export class PacketBatch {
  readonly capacity: number
  readonly slotLength: number
  readonly arena: Uint8Array
  readonly offset: Int32Array
  readonly length: Int32Array
  /** Written by `seal` and `open`: 0 is done, anything else is a number of `ipsec/drops.ts`. */
  readonly outcome: Uint8Array
  count = 0

  /** `mtu`: the longest packet that can be added, in octets. */
  constructor(capacity: number, mtu: number) {
    this.capacity = capacity
    this.slotLength = headroom + mtu + tailroom
    this.arena = new Uint8Array(capacity * this.slotLength)
    this.offset = new Int32Array(capacity)
    this.length = new Int32Array(capacity)
    this.outcome = new Uint8Array(capacity)
  }

  clear(): void {
    this.count = 0
  }

  /** Copies a packet into the next slot. False when the batch is full or the packet longer than `mtu`. */
  add(packet: Uint8Array): boolean {
    const i = this.count
    if (i === this.capacity || packet.length > this.slotLength - headroom - tailroom) return false
    const offset = i * this.slotLength + headroom
    this.arena.set(packet, offset)
    this.offset[i] = offset
    this.length[i] = packet.length
    this.outcome[i] = 0
    this.count = i + 1
    return true
  }

  /** The packet as a view, valid until the slot is used again. */
  packet(i: number): Uint8Array {
    const offset = this.offset[i] ?? 0
    return this.arena.subarray(offset, offset + (this.length[i] ?? 0))
  }
}
