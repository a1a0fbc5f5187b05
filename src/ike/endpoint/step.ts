// What the endpoint lends to one step. There are many steps, and each has one small object: the time, the outputs, and where to turn to.
import type { Output } from '../../contract/machine.ts'
import type { RandomSource } from '../../contract/random.ts'
import { type ChildSaId, type IkeSaId, type IkeSpi, type Instant, later, type OperationId, type Spi } from '../../contract/units.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import type { Connection } from '../../policy/connection.ts'
import type { Population } from '../../policy/population.ts'
import type { ChildSa } from '../child/child-sa.ts'
import type { Overlaps } from '../child/overlaps.ts'
import type { Context } from '../context.ts'
import { limits } from '../limits.ts'
import { type IkeSa, isHalfOpen } from '../sa/ike-sa.ts'
import type { Session } from '../sa/states.ts'
import { timers } from '../timers.ts'
import type { Registry } from './registry.ts'
import type { Schedule } from './schedule.ts'

/** The same for all steps of an endpoint. */
export interface Lender {
  readonly provider: CryptoProvider
  readonly random: RandomSource
  readonly connections: readonly Connection[]
  /** Another one when policies are replaced. */
  population: Population
  readonly dangerKeyLog: 'on' | 'off'
  readonly bare: 'esp' | 'ip'
  readonly registry: Registry
  readonly overlaps: Overlaps
  /** Inbound halves that are over, but for what is still on its way. */
  readonly leaving: Schedule<ChildSa>
  /** To be settled at the end of the step. */
  readonly touched: IkeSa[]
  readonly reauthenticate: (context: Context, sa: IkeSa) => 'begun' | 'impossible'
}

export class Step implements Context {
  readonly now: Instant
  readonly out: Output[]
  readonly #lender: Lender

  constructor(lender: Lender, now: Instant, out: Output[]) {
    this.now = now
    this.out = out
    this.#lender = lender
  }

  get provider(): CryptoProvider {
    return this.#lender.provider
  }

  get random(): RandomSource {
    return this.#lender.random
  }

  get connections(): readonly Connection[] {
    return this.#lender.connections
  }

  get population(): Population {
    return this.#lender.population
  }

  get dangerKeyLog(): 'on' | 'off' {
    return this.#lender.dangerKeyLog
  }

  get overlaps(): Overlaps {
    return this.#lender.overlaps
  }

  get bare(): 'esp' | 'ip' {
    return this.#lender.bare
  }

  newIkeSaId(): IkeSaId {
    return this.#lender.registry.newIkeSaId()
  }

  newIkeSpi(): IkeSpi {
    return this.#lender.registry.newIkeSpi()
  }

  addIkeSa(sa: IkeSa): void {
    const { registry } = this.#lender
    registry.add(sa)
    registry.addPeer(sa)
    if ('established' in sa.state && sa.state.established !== undefined) registry.addRoute(sa, sa.state.established.connection.name)
  }

  ikeSaById(id: IkeSaId): IkeSa | undefined {
    return this.#lender.registry.byId(id)
  }

  ikeSaByChild(id: ChildSaId): IkeSa | undefined {
    return this.#lender.registry.byChild(id)
  }

  siblingsOf(sa: IkeSa): readonly IkeSa[] {
    return this.#lender.registry.siblingsOf(sa)
  }

  keepAnswers(sa: IkeSa, session: Session): 'kept' | 'nothing' {
    return this.#lender.registry.keepAnswers(sa, session, later(this.now, timers.lingerLifetime))
  }

  touch(sa: IkeSa): void {
    this.#lender.touched.push(sa)
  }

  reauthenticate(sa: IkeSa): 'begun' | 'impossible' {
    return this.#lender.reauthenticate(this, sa)
  }

  newSpi(): Spi {
    return this.#lender.registry.newSpi()
  }

  releaseSpi(spi: Spi): void {
    this.#lender.registry.releaseSpi(spi)
  }

  newChildId(): ChildSaId {
    return this.#lender.registry.newChildId()
  }

  addChild(id: ChildSaId, sa: IkeSa): void {
    const { registry, overlaps } = this.#lender
    registry.addChild(id, sa)
    const child = sa.children.get(id)
    if (child !== undefined) overlaps.add(child)
  }

  removeChildId(id: ChildSaId): void {
    this.#lender.registry.removeChild(id)
    this.#lender.overlaps.remove(id)
  }

  twinsOf(sa: IkeSa, child: ChildSa): readonly ChildSa[] {
    return this.#lender.registry.twinsOf(sa, child)
  }

  lingerInbound(child: ChildSa): void {
    this.#lender.leaving.set(child, later(this.now, timers.childLinger))
  }

  newOperationId(sa: IkeSa): OperationId {
    return this.#lender.registry.newOperationId(sa)
  }

  dropOperation(id: OperationId): boolean {
    return this.#lender.registry.dropOperation(id)
  }

  hasRoomForFragment(sa: IkeSa, octets: number): boolean {
    const { strangersFragments } = this.#lender.registry
    return !isHalfOpen(sa) || strangersFragments + octets <= limits.strangersFragments
  }
}
