// How far behind the newest packet others came, and which replay window would have dropped none of them. RFC 4303 §3.4.3, RFC 4302 §3.4.3.
import { replayWindowLimits } from './replay-window-limits.ts'

/** By depth, which is how many numbers a packet was behind the highest one that was authenticated before it: a window takes what is less deep than it is wide. */
export interface Reordering {
  /** Authenticated packets that came late, those that were too late included where that is known. */
  readonly late: number
  readonly deepest: number
  /** Of those; empty ones are left out. `to` is `undefined` in the last one. */
  readonly depths: readonly DepthRange[]
  /** The smallest window, in packets, that would have dropped none of them; RFC 4303 §3.4.3: at least 32. */
  readonly sufficientWindow: number
  /**
   * Packets left of the window, by what they say of themselves. They are dropped before the ICV is looked at, so anyone can send
   * them: they count for nothing else. To check some of them for the sake of statistics would let strangers spend our time.
   */
  readonly claimed: { readonly packets: number; readonly deepest: number }
}

export interface DepthRange {
  readonly from: number
  readonly to: number | undefined
  readonly packets: number
}

/** Powers of two up to the widest window: 1, 2 to 3, 4 to 7, …, 4,096 to 8,191, and all beyond. */
const ranges = Math.log2(replayWindowLimits.widest) + 1

/** Counts without an object for each packet. */
export class Depths {
  packets = 0
  deepest = 0
  readonly #counts = new Float64Array(ranges)

  /** `depth`: 1 or more. */
  count(depth: number): void {
    this.packets++
    if (depth > this.deepest) this.deepest = depth
    const range = depth >= replayWindowLimits.widest ? ranges - 1 : 31 - Math.clz32(depth)
    this.#counts[range] = (this.#counts[range] ?? 0) + 1
  }

  add(other: Depths): void {
    this.packets += other.packets
    this.deepest = Math.max(this.deepest, other.deepest)
    for (let i = 0; i < ranges; i++) this.#counts[i] = (this.#counts[i] ?? 0) + (other.#counts[i] ?? 0)
  }

  get ranges(): readonly DepthRange[] {
    return Array.from(this.#counts, (packets, i) => ({
      from: 2 ** i,
      to: i === ranges - 1 ? undefined : 2 ** (i + 1) - 1,
      packets,
    })).filter(({ packets }) => packets > 0)
  }
}

export function reorderingOf(late: Depths | undefined, claimed: Depths | undefined): Reordering {
  const deepest = late?.deepest ?? 0
  return {
    late: late?.packets ?? 0,
    deepest,
    depths: late?.ranges ?? [],
    sufficientWindow: Math.max(replayWindowLimits.narrowest, deepest + 1),
    claimed: { packets: claimed?.packets ?? 0, deepest: claimed?.deepest ?? 0 },
  }
}

/** How many of the late packets a window would have dropped: exact for powers of two up to 8,192. */
export function droppedBy(window: number, { depths }: Pick<Reordering, 'depths'>): number {
  return depths.reduce((sum, { from, packets }) => (from >= window ? sum + packets : sum), 0)
}
