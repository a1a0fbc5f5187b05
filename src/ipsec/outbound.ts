// What outbound SAs of ESP and AH have in common: bursts, sequence numbers, limits. RFC 4301 §4.4.2.1, RFC 4302 §3.3.2, RFC 4303 §3.3.3.
import type { SaInstall } from '../contract/install.ts'
import type { PacketBatch } from '../contract/packets.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { type LifeState, limitsReached, SaCounters, withinLimits } from './counters.ts'
import { drop, type DropCode } from './drops.ts'
import type { Framing } from './framing.ts'
import type { SlotContent } from './outbound-plan.ts'
import type { SequenceNumber } from './replay.ts'

/** An SA is soft when so many sequence numbers are left: time enough to replace it at millions of packets a second. */
const sequenceReserve = 2 ** 28

/** That of Ethernet: what padding reaches to where nothing is known of the path. */
export const usualMtu = 1500

/** Plain IP packets become protected ones, in place, a burst at a time. `createOutboundSa` makes the one for an SA's protocol. */
export abstract class OutboundSa {
  readonly install: SaInstall
  readonly counters: SaCounters = new SaCounters()
  /** For the host to poll after a burst. */
  state: LifeState = 'fresh'
  /** RFC 4302 §3.3.2, RFC 4303 §3.3.3: the last sequence number has been used; `state` is `hard`. */
  exhausted = false
  /** The longest outer IP packet that padding may make, in octets (RFC 4303 §2.7). Whoever follows the path's MTU sets it before sealing. */
  pathMtu: number
  protected readonly provider: CryptoProvider
  /** The number of the last packet; 0 before the first. */
  protected sequenceHigh: number
  protected sequenceLow: number

  /** `dangerLastSequence` continues after that number. Numbers that the key has been used with must never come again: they are the IV. */
  constructor(install: SaInstall, provider: CryptoProvider, dangerLastSequence: SequenceNumber = { high: 0, low: 0 }) {
    this.install = install
    this.provider = provider
    this.pathMtu = install.path.mtu ?? usualMtu
    this.sequenceHigh = dangerLastSequence.high
    this.sequenceLow = dangerLastSequence.low
    if (this.#numbersLeft() <= 0) this.exhausted = true
  }

  /**
   * Seals `count` packets from slot `first` on; slots whose outcome is not 0 are passed over. Offset, length and outcome of the batch
   * say what became of each packet; one that is dropped is left as it was.
   */
  seal(batch: PacketBatch, first: number, count: number, framing: Framing): void {
    this.#sealSlots(batch, first, count, framing, 'packet')
  }

  /** The same with dummy packets, of which the slots hold the payload (RFC 4303 §2.6). AH has none: `ApiMisuse`. */
  sealDummies(batch: PacketBatch, first: number, count: number, framing: Framing): void {
    this.#sealSlots(batch, first, count, framing, 'dummy')
  }

  /** Forgets what it has made of the keys; the next burst makes it anew. For SAs that are idle. */
  abstract release(): void

  /** The number of the last packet. */
  get lastSequence(): SequenceNumber {
    return { high: this.sequenceHigh, low: this.sequenceLow }
  }

  /** Before the packets of a burst. `suite-unavailable` when the provider lacks the suite. */
  protected abstract begin(batch: PacketBatch, framing: Framing, content: SlotContent): DropCode | 0
  /** One packet. Nothing of it is written before everything has been checked. */
  protected abstract admit(batch: PacketBatch, i: number, framing: Framing, content: SlotContent): DropCode | 0
  /** After them. */
  protected abstract finish(batch: PacketBatch, framing: Framing): void

  /** Takes the next sequence number for a packet of so many octets, within the limits of the SA. */
  protected take(bytes: number): DropCode | 0 {
    const { install, counters } = this
    // RFC 4302 §3.3.2, RFC 4303 §3.3.3: MUST NOT send a packet if doing so would cause the sequence number to cycle.
    if (this.exhausted) return drop['sequence-exhausted']
    if (this.state === 'hard' || !withinLimits(install.hard, counters, bytes)) {
      this.state = 'hard'
      return drop['limit-reached']
    }
    counters.count(bytes)
    if (this.sequenceLow === 0xffffffff) {
      this.sequenceLow = 0
      this.sequenceHigh++
    } else this.sequenceLow++
    const left = this.#numbersLeft()
    this.exhausted = left === 0
    if (left === 0 || limitsReached(install.hard, counters)) this.state = 'hard'
    else if (left < sequenceReserve || limitsReached(install.soft, counters)) this.state = 'soft'
    return 0
  }

  #sealSlots(batch: PacketBatch, first: number, count: number, framing: Framing, content: SlotContent): void {
    const lacking = this.begin(batch, framing, content)
    const end = Math.min(first + count, batch.count)
    for (let i = first; i < end; i++) {
      if (batch.outcome[i] !== 0) continue
      const dropped = lacking !== 0 ? lacking : this.admit(batch, i, framing, content)
      if (dropped === 0) continue
      batch.outcome[i] = dropped
      this.counters.countDrop(dropped)
    }
    if (lacking === 0) this.finish(batch, framing)
  }

  /** Exact below 2^53. */
  #numbersLeft(): number {
    const lastHigh = this.install.suite.extendedSequence === 'esn' ? 0xffffffff : 0
    return (lastHigh - this.sequenceHigh) * 2 ** 32 + (0xffffffff - this.sequenceLow)
  }
}
