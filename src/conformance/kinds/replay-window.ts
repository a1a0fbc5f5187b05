// The anti-replay window: which of a series of packets are taken. RFC 4303 §3.4.3, appendix A2.
import * as z from 'zod'
import { ReplayWindow } from '../../ipsec/replay.ts'
import { sequenceNumber } from '../esp-sa.ts'
import { type Kind, kind } from '../kind.ts'
import { u64Hex } from '../shapes/basic.ts'
import { outputs } from '../vector.ts'

/** RFC 4303 §3.4.3: 32 packets MUST be supported. */
export const windowSize: z.ZodInt = z.int().min(32).max(65_536)

const verdict = z.enum([
  'fresh',
  /** In the window, and there before; or number 0, which no sender uses (RFC 4303 §3.3.3). */
  'replayed',
  /** Left of the window, or before the first subspace of extended numbers. */
  'too-old',
  /** The ICV is wrong, or was made with another high half than the one inferred. It changes nothing. */
  'not-authentic',
])

export const replayWindowKind: Kind = kind({
  name: 'replay-window',
  title: 'What the anti-replay window says to packets in the order in which they come',
  rfc: 'RFC 4303 §3.4.3, appendix A2',
  inputs: z.strictObject({
    windowSize,
    sequenceNumbers: z.enum(['ESN', 'NO_ESN']),
    /** The highest number authenticated before; all up to it count as received. */
    highest: u64Hex,
    received: z
      .array(
        z.strictObject({
          /** The number that the sender gave it; the low half is in the packet. */
          sequence: u64Hex,
          /** Whether the ICV is right, over the number that the sender gave it. */
          icv: z.enum(['right', 'wrong']),
        }),
      )
      .min(1)
      .max(1000),
  }),
  outputs: z.strictObject({ verdicts: z.array(verdict) }),
  answer(_provider, inputs) {
    const window = new ReplayWindow(inputs.windowSize, inputs.sequenceNumbers === 'ESN' ? 'esn' : 'no-esn', sequenceNumber(inputs.highest))
    const verdicts = inputs.received.map(({ sequence, icv }) => {
      const { high: sent, low } = sequenceNumber(sequence)
      const high = window.highOf(low)
      const first = window.check(high, low)
      if (first !== 'fresh') return first
      return icv === 'right' && sent === high ? window.accept(high, low) : 'not-authentic'
    })
    return outputs({ verdicts })
  },
})
