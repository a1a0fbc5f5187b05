// The half of an extended sequence number that is not sent. RFC 4303 §2.2.1, appendix A2.2.
import * as z from 'zod'
import { ReplayWindow } from '../../ipsec/replay.ts'
import { sequenceNumber } from '../esp-sa.ts'
import { type Kind, kind } from '../kind.ts'
import { fixedHex, u32Hex, u64Hex } from '../shapes/basic.ts'
import { invalid, outputs } from '../vector.ts'
import { windowSize } from './replay-window.ts'

export const esnInference: Kind = kind({
  name: 'esn-inference',
  title: 'The 64-bit sequence number that the low half in a packet stands for',
  rfc: 'RFC 4303 §2.2.1, appendix A2.2',
  inputs: z.strictObject({
    windowSize,
    /** T: the highest number authenticated so far. */
    highest: u64Hex,
    /** Seql: the number in the packet. */
    low: u32Hex,
  }),
  outputs: z.strictObject({ sequence: fixedHex(8) }),
  answer(_provider, { windowSize: size, highest, low }) {
    const high = new ReplayWindow(size, 'esn', sequenceNumber(highest)).highOf(low)
    // Before the first subspace or after the last there is no such number.
    if (high < 0 || high > 0xffffffff) return invalid('ipsec', 'sequence')
    return outputs({ sequence: ((BigInt(high) << 32n) | BigInt(low)).toString(16).padStart(16, '0') })
  },
})
