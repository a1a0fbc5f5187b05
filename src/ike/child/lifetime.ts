// When a Child SA is to be replaced, and when it ends: by chance within what is configured. RFC 7296 §2.8, §2.8.1.
import { u32 } from '../../bytes/bytes.ts'
import type { Limits } from '../../contract/install.ts'
import { type Instant, later, type Milliseconds } from '../../contract/units.ts'
import type { ChildSuite } from '../../contract/transforms.ts'
import { encryption } from '../../iana/transforms.ts'
import type { ChildConfig } from '../../policy/connection.ts'
import type { Context } from '../context.ts'

type Amounts = Pick<Limits, 'packets' | 'bytes'>

/** In packets and octets: the data plane sees when they are reached. */
export function chosenSoftLimits(context: Context, { soft, jitter }: ChildConfig, suite: ChildSuite): Amounts {
  const own = octetsOfCipher(suite)
  const bytes = soft.bytes === undefined ? undefined : Math.max(1, soft.bytes - chance(context, jitter.bytes ?? 0))
  return {
    packets: soft.packets === undefined ? undefined : Math.max(1, soft.packets - chance(context, jitter.packets ?? 0)),
    bytes: least(bytes, own === undefined ? undefined : Math.floor(own * 0.75) - chance(context, Math.floor(own * 0.1))),
  }
}

export const hardLimits = ({ hard }: ChildConfig, suite: ChildSuite): Amounts => ({
  packets: hard.packets,
  bytes: least(hard.bytes, octetsOfCipher(suite)),
})

/**
 * What a key of the cipher may protect, where that is soon reached: with blocks of 64 bits two equal ones are to be expected after 2^32 of
 * them, and NIST SP 800-67 (revision 2, §3.5) allows 2^20. Others come to the end of their sequence numbers first (RFC 4303 §3.3.3).
 */
const octetsOfCipher = ({ encryption: cipher }: ChildSuite): number | undefined =>
  cipher?.id === encryption.ENCR_3DES ? 2 ** 20 * 8 : undefined

const least = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)

/** In time. */
export function chosenLifetime(
  context: Context,
  { soft, hard, jitter }: ChildConfig,
): { readonly rekeyAt: Instant | undefined; readonly expiresAt: Instant | undefined } {
  return {
    rekeyAt: soft.time === undefined ? undefined : later(context.now, soft.time - chance(context, jitter.time ?? 0)),
    expiresAt: hard.time === undefined ? undefined : later(context.now, hard.time),
  }
}

/** From 0 to `most`. RFC 7296 §2.8.1: the timing of rekeys SHOULD be jittered. */
export function chance(context: Context, most: Milliseconds): Milliseconds {
  return most <= 0 ? 0 : Math.floor((u32(context.random(4), 0) / 0x1_0000_0000) * (most + 1))
}
