// When a Child SA is to be replaced, and when it ends: by chance within what is configured. RFC 7296 §2.8, §2.8.1.
import { u32 } from '../../bytes/bytes.ts'
import type { Limits } from '../../contract/install.ts'
import { type Instant, later, type Milliseconds } from '../../contract/units.ts'
import type { ChildConfig } from '../../policy/connection.ts'
import type { Context } from '../context.ts'

/** In packets and bytes: the data plane sees when they are reached. */
export function chosenSoftLimits(context: Context, { soft, jitter }: ChildConfig): Pick<Limits, 'packets' | 'bytes'> {
  return {
    packets: soft.packets === undefined ? undefined : Math.max(1, soft.packets - chance(context, jitter.packets ?? 0)),
    bytes: soft.bytes === undefined ? undefined : Math.max(1, soft.bytes - chance(context, jitter.bytes ?? 0)),
  }
}

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
