// What a step of an exchange may use: the time, the outputs, and what the endpoint lends it. No I/O.
import type { Event } from '../contract/events.ts'
import type { Operation, OperationKind, OperationTable, Output } from '../contract/machine.ts'
import type { RandomSource } from '../contract/random.ts'
import type { ChildSaId, IkeSaId, IkeSpi, Instant, OperationId, Spi } from '../contract/units.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import type { Connection } from '../policy/connection.ts'
import type { Population } from '../policy/population.ts'
import type { ChildSa } from './child/child-sa.ts'
import type { Overlaps } from './child/overlaps.ts'
import type { IkeSa } from './sa/ike-sa.ts'
import type { PendingOperation, Session } from './sa/states.ts'

export interface Context {
  readonly now: Instant
  readonly out: Output[]
  readonly provider: CryptoProvider
  readonly random: RandomSource
  readonly connections: readonly Connection[]
  /** What policy has SAs take from packets. */
  readonly population: Population
  readonly dangerKeyLog: 'on' | 'off'
  /** What our driver has for what is not in UDP. */
  readonly bare: 'esp' | 'ip'
  newIkeSaId(): IkeSaId
  newIkeSpi(): IkeSpi
  /** Found by its SPI and its peer from now on. */
  addIkeSa(sa: IkeSa): void
  ikeSaById(id: IkeSaId): IkeSa | undefined
  ikeSaByChild(id: ChildSaId): IkeSa | undefined
  /** The other IKE SAs between the same two identities. */
  siblingsOf(sa: IkeSa): readonly IkeSa[]
  /** It is over: keeps what has been answered last, to answer it again (RFC 7296 §2.1). `nothing`: there is none. */
  keepAnswers(sa: IkeSa, session: Session): 'kept' | 'nothing'
  /** What this step has changed besides the IKE SA that it is about. */
  touch(sa: IkeSa): void
  /** Sets up an IKE SA from scratch that does all that this one does, and ends this one then (RFC 7296 §2.8.3). */
  reauthenticate(sa: IkeSa): 'begun' | 'impossible'
  /** A fresh SPI that no inbound SA of ours has. */
  newSpi(): Spi
  releaseSpi(spi: Spi): void
  newChildId(): ChildSaId
  /** It belongs to this IKE SA from now on. */
  addChild(id: ChildSaId, sa: IkeSa): void
  removeChildId(id: ChildSaId): void
  /** Other Child SAs with the same peer, not on their way out, that could carry all traffic of this one. The last is the newest. */
  twinsOf(sa: IkeSa, child: ChildSa): readonly ChildSa[]
  /** Which Child SAs our plain side cannot tell apart. */
  readonly overlaps: Overlaps
  /** What is on its way through it is received for a while. */
  lingerInbound(child: ChildSa): void
  newOperationId(sa: IkeSa): OperationId
  /** Whether an incomplete message of `sa` may grow by so many octets: those of strangers have a bound together. */
  hasRoomForFragment(sa: IkeSa, octets: number): boolean
  /** False when it is over already. */
  dropOperation(id: OperationId): boolean
}

export function emit(context: Context, event: Event): void {
  context.out.push({ kind: 'event', event })
}

/** Asks for work to be done outside; the answer comes as a completion with its id. */
export function startOperation<K extends OperationKind>(
  context: Context,
  sa: IkeSa,
  kind: K,
  request: OperationTable[K]['request'],
): PendingOperation {
  const id = context.newOperationId(sa)
  const operation: Operation = { id, ikeSa: sa.id, kind, request }
  context.out.push({ kind: 'operation', operation })
  return { id, kind, since: context.now }
}
