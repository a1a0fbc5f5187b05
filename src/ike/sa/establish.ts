// An IKE SA comes up. RFC 7296 §1.2.
import { type Context, emit } from '../context.ts'
import { type IkeSa, transition } from './ike-sa.ts'
import { chosenIkeLifetime } from './lifetime.ts'
import type { Established, Session } from './states.ts'

export function establish(context: Context, sa: IkeSa, session: Session, established: Established): void {
  transition(sa, { phase: 'established', session, established })
  sa.lastReceived = context.now
  sa.lifetime = chosenIkeLifetime(context, established.connection)
  context.addIkeSa(sa)
  announceIkeSa(context, sa, session, established)
}

export function announceIkeSa(context: Context, sa: IkeSa, session: Session, established: Established): void {
  emit(context, {
    name: 'ike-sa-established',
    ikeSa: sa.id,
    established: {
      role: sa.role,
      replaces: sa.replaces,
      connection: established.connection.name,
      initiatorSpi: sa.initiatorSpi,
      responderSpi: sa.responderSpi,
      local: sa.path.local,
      remote: sa.path.remote,
      localIdentity: established.localIdentity,
      remoteIdentity: established.remoteIdentity,
      suite: session.suite,
      encapsulation: sa.path.nat.encapsulation,
    },
  })
}

/** For decrypting captures: only where the host was made with `dangerKeyLog`. */
export function dangerLogKeys(context: Context, sa: IkeSa, session: Session): void {
  if (context.dangerKeyLog === 'off') return
  const { skEi, skEr, skAi, skAr } = session.keys
  const { initiatorSpi, responderSpi } = sa
  emit(context, { name: 'danger-ike-keys', ikeSa: sa.id, initiatorSpi, responderSpi, suite: session.suite, skEi, skEr, skAi, skAr })
}
