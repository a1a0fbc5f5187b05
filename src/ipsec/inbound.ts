// What inbound SAs of ESP and AH have in common: bursts, anti-replay, limits, selectors. RFC 4301 §4.4.2.1, §5.2, RFC 4302 §3.4.3, RFC 4303 §3.4.3.
import type { SaInstall } from '../contract/install.ts'
import type { PacketBatch } from '../contract/packets.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import type { Endpoint } from '../net/address.ts'
import { type LifeState, limitsReached, SaCounters, withinLimits } from './counters.ts'
import { drop, type DropCode } from './drops.ts'
import type { Framing } from './framing.ts'
import { ReplayWindow } from './replay.ts'

/** Where a burst came from and went to, by the IP header that a socket keeps to itself. */
export interface OuterAddresses {
  readonly source: Endpoint
  readonly destination: Endpoint
}

/** Protected packets become plain IP packets, in place, a burst at a time. `createInboundSa` makes the one for an SA's protocol. */
export abstract class InboundSa {
  readonly install: SaInstall
  readonly counters: SaCounters = new SaCounters()
  readonly window: ReplayWindow
  /** For the host to poll after a burst. */
  state: LifeState = 'fresh'
  protected readonly provider: CryptoProvider

  constructor(install: SaInstall, provider: CryptoProvider, window?: ReplayWindow) {
    this.install = install
    this.provider = provider
    this.window = window ?? new ReplayWindow(install.replayWindow, install.suite.extendedSequence)
  }

  /**
   * Opens `count` packets from slot `first` on; slots whose outcome is not 0 are passed over. Offset, length and outcome of the batch
   * say what became of each packet: a plain IP packet, or the reason why not. What fails after decryption is overwritten and has length 0.
   *
   * `outer` is read with framing `esp` in transport mode, for the IP header that has to be made; `undefined` stands for the endpoints of
   * the SA. With framing `ip` the packet brings its own. Both bare and UDP-encapsulated ESP are taken (RFC 7296 §2.23).
   */
  open(batch: PacketBatch, first: number, count: number, framing: Framing, outer: OuterAddresses | undefined): void {
    const lacking = this.begin(batch, framing)
    const end = Math.min(first + count, batch.count)
    for (let i = first; i < end; i++) {
      if (batch.outcome[i] !== 0) continue
      const dropped = lacking !== 0 ? lacking : this.admit(batch, i, framing)
      if (dropped !== 0) this.drop(batch, i, dropped)
    }
    if (lacking === 0) this.finish(batch, framing, outer)
  }

  /** Forgets what it has made of the keys; the next burst makes it anew. The replay window stays. For SAs that are idle. */
  abstract release(): void

  /** Before the packets of a burst. `suite-unavailable` when the provider lacks the suite. */
  protected abstract begin(batch: PacketBatch, framing: Framing): DropCode | 0
  /** One packet: everything that can be checked before the ICV. */
  protected abstract admit(batch: PacketBatch, i: number, framing: Framing): DropCode | 0
  /** The ICVs of those that were admitted, and what comes after. */
  protected abstract finish(batch: PacketBatch, framing: Framing, outer: OuterAddresses | undefined): void

  /** Before the ICV: changes nothing. `high` is what the window makes of `low` (`ReplayWindow.highOf`). */
  protected screen(high: number, low: number): DropCode | 0 {
    if (this.state === 'hard') return drop['limit-reached']
    // RFC 4302 §3.4.3, RFC 4303 §3.4.3: the first check, to reject duplicates quickly; the window does not move before the ICV was verified.
    const verdict = this.window.check(high, low)
    if (verdict === 'fresh') return 0
    if (verdict === 'too-old') this.window.claimTooOld(high, low)
    return drop[verdict]
  }

  /** After the ICV was right: records the number, and counts so many octets. */
  protected accept(high: number, low: number, bytes: number): DropCode | 0 {
    const verdict = this.window.accept(high, low)
    if (verdict !== 'fresh') return drop[verdict]
    const { install, counters } = this
    if (!withinLimits(install.hard, counters, bytes)) {
      this.state = 'hard'
      return drop['limit-reached']
    }
    counters.count(bytes)
    if (limitsReached(install.hard, counters)) this.state = 'hard'
    else if (limitsReached(install.soft, counters)) this.state = 'soft'
    return 0
  }

  protected drop(batch: PacketBatch, i: number, code: DropCode): void {
    batch.outcome[i] = code
    this.counters.countDrop(code)
  }
}
