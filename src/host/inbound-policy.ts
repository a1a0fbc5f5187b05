// What policy says of packets that come in: through an SA, or in clear. RFC 4301 §5.2.
import type { SaInstall } from '../contract/install.ts'
import type { PacketBatch } from '../contract/packets.ts'
import { FirstFragments } from '../net/first-fragments.ts'
import { emptyFlow, type Flow, readAnswerFlow, readFlow } from '../net/flow.ts'
import type { DropReason } from '../ipsec/drops.ts'
import { isTiny } from '../net/fragment-place.ts'
import type { Spd } from '../policy/spd.ts'
import { FragmentRules } from './fragment-rules.ts'
import { outcome, type HostOutcome } from './outcomes.ts'

export class InboundPolicy {
  readonly #spd: Spd
  /** Filled anew for each packet. */
  readonly #flow: Flow = emptyFlow()
  readonly #answer: Flow = emptyFlow()
  /** Of packets that were let in: through SAs, and in clear. */
  #firsts = new FirstFragments()
  #plainFirsts = new FirstFragments()
  readonly #rules = new FragmentRules([], [])

  constructor(spd: Spd) {
    this.#spd = spd
  }

  /**
   * RFC 4301 §5.2 step 4: whether the SA is the one that policy wants for a packet that it has opened and found to be within its selectors.
   * Selectors of an SA are as old as the SA and come from two sides; policy is ours, and as of now.
   */
  admits({ connection, childName, path }: SaInstall, bytes: Uint8Array, offset: number, length: number): boolean {
    const flow = this.#flow
    if (!readFlow(bytes, offset, length, flow)) return false
    if (this.#spd.admits('in', connection, childName, bytes, flow)) {
      if (flow.fragmentation === 'first') this.#firsts.note(bytes, flow)
      return true
    }
    if (flow.fragmentation === 'first') this.#firsts.forget(bytes, flow)
    // Neither a later fragment nor an ICMP error has what rules look at; the SA has asked the same (RFC 4301 §7.3, §6.2).
    if (flow.fragmentation === 'later') return this.#firsts.covers(bytes, flow)
    const isAbout = path.icmpErrors === 'by-payload' && readAnswerFlow(bytes, flow, this.#answer)
    return isAbout && this.#spd.admits('in', connection, childName, bytes, this.#answer)
  }

  /** The same for the opened packets of a burst: one that is not wanted is overwritten and has length 0. */
  admitBurst(sa: SaInstall, batch: PacketBatch, first: number, end: number): void {
    for (let i = first; i < end; i++) {
      if (batch.outcome[i] !== 0) continue
      const offset = batch.offset[i] ?? 0
      const length = batch.length[i] ?? 0
      if (this.admits(sa, batch.arena, offset, length)) continue
      batch.arena.fill(0, offset, offset + length)
      batch.length[i] = 0
      batch.outcome[i] = outcome['policy-mismatch']
    }
  }

  /** Policies have changed: what let a first fragment in need not let in the others. */
  forgetFragments(): void {
    this.#firsts = new FirstFragments()
    this.#plainFirsts = new FirstFragments()
  }

  /** What was read of the packet that was asked for last. */
  get flow(): Flow {
    return this.#flow
  }

  /** RFC 4301 §5.2 step 3b: what comes in without IPsec is let in only where SPD-I says BYPASS. */
  plain(bytes: Uint8Array): 'bypass' | HostOutcome | DropReason {
    const flow = this.#flow
    if (!readFlow(bytes, 0, bytes.length, flow)) return 'malformed-packet'
    if (flow.fragmentation !== 'whole' && this.#rules.lookAtPorts(this.#spd.entries)) return this.#plainFragment(bytes)
    return this.#plainPacket(bytes)
  }

  /** RFC 4301 §7.4: a later fragment is let in where the first one was: by itself it could overlap what is protected. */
  #plainFragment(bytes: Uint8Array): 'bypass' | HostOutcome | DropReason {
    if (isTiny(bytes, this.#flow)) return 'fragment-too-small'
    if (this.#flow.fragmentation === 'later') return this.#plainFirsts.covers(bytes, this.#flow) ? 'bypass' : 'fragment-unmatched'
    const verdict = this.#plainPacket(bytes)
    if (verdict === 'bypass') this.#plainFirsts.note(bytes, this.#flow)
    else this.#plainFirsts.forget(bytes, this.#flow)
    return verdict
  }

  #plainPacket(bytes: Uint8Array): 'bypass' | HostOutcome {
    const action = this.#spd.lookup('in', bytes, this.#flow)?.action
    switch (action?.kind) {
      case 'BYPASS':
        return 'bypass'
      case 'PROTECT':
        return 'came-in-clear'
      default:
        return 'policy-discard'
    }
  }
}
