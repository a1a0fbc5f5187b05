// When an IKE SA is to be rekeyed or set up anew, and when it ends: by chance within what is configured. RFC 7296 §2.8, §2.8.3.
import { later } from '../../contract/units.ts'
import type { Connection } from '../../policy/connection.ts'
import { chance } from '../child/lifetime.ts'
import type { Context } from '../context.ts'
import type { LifetimeEnds } from './ike-sa.ts'

export function chosenIkeLifetime(context: Context, { lifetime }: Connection): LifetimeEnds {
  const { rekey, reauthenticate, hard, jitter } = lifetime
  return {
    rekeyAt: rekey === undefined ? undefined : later(context.now, rekey - chance(context, jitter)),
    reauthenticateAt: reauthenticate === undefined ? undefined : later(context.now, reauthenticate - chance(context, jitter)),
    expiresAt: hard === undefined ? undefined : later(context.now, hard),
  }
}
