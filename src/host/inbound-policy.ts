// What policy says of packets that come in: through an SA, or in clear. RFC 4301 §5.2.
import type { SaInstall } from '../contract/install.ts'
import type { PacketBatch } from '../contract/packets.ts'
import { emptyFlow, type Flow, readFlow } from '../net/flow.ts'
import type { Spd } from '../policy/spd.ts'
import { outcome, type HostOutcome } from './outcomes.ts'

export class InboundPolicy {
  readonly #spd: Spd
  /** Filled anew for each packet. */
  readonly #flow: Flow = emptyFlow()

  constructor(spd: Spd) {
    this.#spd = spd
  }

  /**
   * RFC 4301 §5.2 step 4: whether the SA is the one that policy wants for a packet that it has opened and found to be within its selectors.
   * Selectors of an SA are as old as the SA and come from two sides; policy is ours, and as of now.
   */
  admits({ connection, childName }: SaInstall, bytes: Uint8Array, offset: number, length: number): boolean {
    return readFlow(bytes, offset, length, this.#flow) && this.#spd.admits('in', connection, childName, bytes, this.#flow)
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

  /** RFC 4301 §5.2 step 3b: what comes in without IPsec is let in only where SPD-I says BYPASS. */
  plain(bytes: Uint8Array): 'bypass' | HostOutcome | 'malformed-packet' {
    if (!readFlow(bytes, 0, bytes.length, this.#flow)) return 'malformed-packet'
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
