// How far out of order packets came, in words and as JSON, with the replay window that takes them. RFC 4303 §3.4.3.
import { droppedBy, type Reordering } from '../ipsec/reordering.ts'
import { replayWindowLimits } from '../ipsec/replay-window-limits.ts'
import type { JsonObject } from './describe.ts'

/** One line for what was authenticated, one for what was not; none where all came in order. */
export function reorderingLines(reordering: Reordering): readonly string[] {
  const { late, deepest, sufficientWindow, claimed } = reordering
  const lines: string[] = []
  if (late > 0) {
    const { narrowest, widest } = replayWindowLimits
    const narrow = droppedBy(narrowest, reordering)
    const more = narrow === 0 ? '' : `, one of ${narrowest} would drop ${narrow}`
    const beyond = sufficientWindow > widest ? ` (more than ${widest}, the widest)` : ''
    lines.push(
      `${packets(late)} came late, ${deepest} behind at most: a replay window of ${sufficientWindow} drops none of them${beyond}${more}`,
    )
  }
  if (claimed.packets > 0)
    lines.push(
      `${packets(claimed.packets)} left of the replay window, not authenticated, ${claimed.deepest} behind at most by their own account`,
    )
  return lines
}

export function reorderingJson({ late, deepest, depths, sufficientWindow, claimed }: Reordering): JsonObject {
  return {
    late,
    deepest,
    sufficientWindow,
    depths: depths.map(({ from, to, packets: count }) => ({ from, to: to ?? null, packets: count })),
    claimed: { packets: claimed.packets, deepest: claimed.deepest },
  }
}

const packets = (count: number): string => `${count} packet${count === 1 ? '' : 's'}`
