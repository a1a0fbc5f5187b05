// The IKE SAs of an endpoint, by everything that they are found by, and the numbers that must be unique among them.
import { toHex, u32 } from '../../bytes/bytes.ts'
import type { RandomSource } from '../../contract/random.ts'
import {
  type ChildSaId,
  childSaId,
  espSpi,
  type IkeSaId,
  ikeSaId,
  type IkeSpi,
  ikeSpi,
  type Instant,
  type OperationId,
  operationId,
  type Spi,
} from '../../contract/units.ts'
import { type Address, type Endpoint, formatEndpoint } from '../../net/address.ts'
import { identityKey } from '../../policy/identity.ts'
import { carriesTrafficOf, type ChildSa } from '../child/child-sa.ts'
import { type IkeSa, localSpi } from '../sa/ike-sa.ts'
import { whatIsLeftOf } from '../sa/over.ts'
import type { Session } from '../sa/states.ts'
import { OverIkeSas } from './over-ike-sas.ts'
import { prefixOf } from './rate-limit.ts'

export class Registry {
  readonly #random: RandomSource
  readonly #byId = new Map<IkeSaId, IkeSa>()
  readonly #bySpi = new Map<IkeSpi, IkeSa>()
  readonly #byOperation = new Map<OperationId, IkeSa>()
  readonly #byChild = new Map<ChildSaId, IkeSa>()
  readonly #byPeer = new Map<string, Set<IkeSa>>()
  readonly #peers = new Map<IkeSa, string>()
  /** The newest of a connection with an address. */
  readonly #byRoute = new Map<string, IkeSa>()
  readonly #routes = new Map<IkeSa, string>()
  readonly #halfOpen = new Map<string, IkeSa>()
  readonly #byRequest = new Map<string, IkeSa>()
  readonly #requests = new Map<IkeSa, string>()
  readonly #halfOpenByPrefix = new Map<string, number>()
  readonly #halfOpenKeys = new Map<IkeSa, { readonly key: string; readonly prefix: string }>()
  readonly #fragments = new Map<IkeSa, number>()
  #strangersFragments = 0
  readonly #spis = new Set<number>()
  /** Those that there were. */
  readonly over: OverIkeSas = new OverIkeSas()
  #ids = 0

  constructor(random: RandomSource) {
    this.#random = random
  }

  get ikeSas(): Iterable<IkeSa> {
    return this.#byId.values()
  }

  get ikeSaCount(): number {
    return this.#byId.size
  }

  get halfOpenCount(): number {
    return this.#halfOpen.size
  }

  add(sa: IkeSa): void {
    this.#byId.set(sa.id, sa)
    this.#bySpi.set(localSpi(sa), sa)
  }

  remove(sa: IkeSa): void {
    this.#byId.delete(sa.id)
    this.#bySpi.delete(localSpi(sa))
    this.#forgetHalfOpen(sa)
    this.#forgetRequest(sa)
    this.#forgetPeer(sa)
    if ('operation' in sa.state) this.#byOperation.delete(sa.state.operation.id)
  }

  /** Who the two ends are is known now. */
  addPeer(sa: IkeSa): void {
    const key = peerKey(sa)
    if (key === undefined || this.#peers.has(sa)) return
    this.#peers.set(sa, key)
    const known = this.#byPeer.get(key)
    if (known === undefined) this.#byPeer.set(key, new Set([sa]))
    else known.add(sa)
  }

  /** The other IKE SAs between the same two identities that are in force. */
  siblingsOf(sa: IkeSa): readonly IkeSa[] {
    const key = this.#peers.get(sa) ?? peerKey(sa)
    const known = key === undefined ? undefined : this.#byPeer.get(key)
    if (known === undefined || (known.size === 1 && known.has(sa))) return []
    return [...known].filter((other) => other !== sa && (other.state.phase === 'established' || other.state.phase === 'contested'))
  }

  /** RFC 7296 §2.8: those that could carry all the traffic of this one, and are not on their way out; the newest is the last. */
  twinsOf(sa: IkeSa, child: ChildSa): readonly ChildSa[] {
    const twins: ChildSa[] = []
    for (const home of [sa, ...this.siblingsOf(sa)]) {
      for (const other of home.children.values()) if (other.life.kind !== 'deleting' && carriesTrafficOf(other, child)) twins.push(other)
    }
    return twins.length < 2 ? twins : twins.sort((a, b) => a.id - b.id)
  }

  /** What packets and commands for a connection and an address find. */
  addRoute(sa: IkeSa, connection: string): void {
    const key = routeKey(connection, sa.path.remote.address)
    this.#byRoute.set(key, sa)
    this.#routes.set(sa, key)
  }

  byRoute(connection: string, remote: Address): IkeSa | undefined {
    return this.#byRoute.get(routeKey(connection, remote))
  }

  byId(id: IkeSaId): IkeSa | undefined {
    return this.#byId.get(id)
  }

  bySpi(spi: IkeSpi): IkeSa | undefined {
    return this.#bySpi.get(spi)
  }

  /** The IKE SA of a Child SA that is alive. */
  byChild(child: ChildSaId): IkeSa | undefined {
    return this.#byChild.get(child)
  }

  removeChild(child: ChildSaId): void {
    this.#byChild.delete(child)
  }

  /** The IKE SA that waits for an operation; each operation is completed once. */
  takeOperation(id: OperationId): IkeSa | undefined {
    const sa = this.#byOperation.get(id)
    this.#byOperation.delete(id)
    return sa
  }

  /** It is wanted no more; false when it is over already. */
  dropOperation(id: OperationId): boolean {
    return this.#byOperation.delete(id)
  }

  /** A responder's IKE SA that has answered IKE_SA_INIT and nothing more: retransmissions of the request find it here. */
  addHalfOpen(sa: IkeSa, remote: Endpoint): void {
    const key = halfOpenKey(sa.initiatorSpi, remote)
    this.#halfOpen.set(key, sa)
    this.#halfOpenKeys.set(sa, { key, prefix: prefixOf(remote.address) })
    this.#halfOpenByPrefix.set(prefixOf(remote.address), this.halfOpenOf(remote.address) + 1)
  }

  halfOpen(initiatorSpi: IkeSpi, remote: Endpoint): IkeSa | undefined {
    return this.#halfOpen.get(halfOpenKey(initiatorSpi, remote))
  }

  halfOpenOf(address: Address): number {
    return this.#halfOpenByPrefix.get(prefixOf(address)) ?? 0
  }

  /** RFC 7296 §2.1: a request is known again by its hash, whoever sends it, for as long as there is the IKE SA that came of it. */
  addRequest(sa: IkeSa, digest: string): void {
    this.#byRequest.set(digest, sa)
    this.#requests.set(sa, digest)
  }

  byRequest(digest: string): IkeSa | undefined {
    return this.#byRequest.get(digest)
  }

  /** Octets that incomplete messages of half-open IKE SAs take together. */
  get strangersFragments(): number {
    return this.#strangersFragments
  }

  /** What those of one of them take now. */
  noteFragments(sa: IkeSa, octets: number): void {
    this.#strangersFragments += octets - (this.#fragments.get(sa) ?? 0)
    if (octets === 0) this.#fragments.delete(sa)
    else this.#fragments.set(sa, octets)
  }

  /** It is no longer half-open; tells whether it was until now. */
  settle(sa: IkeSa): 'was-half-open' | 'was-not' {
    return this.#forgetHalfOpen(sa)
  }

  /** It is over: what its peer may ask for again is kept. */
  keepAnswers(sa: IkeSa, session: Session, expires: Instant): 'kept' | 'nothing' {
    const left = whatIsLeftOf(sa, session, this.#requests.get(sa), expires)
    if (left === undefined) return 'nothing'
    this.over.add(left)
    return 'kept'
  }

  newIkeSaId(): IkeSaId {
    return ikeSaId(++this.#ids)
  }

  newChildId(): ChildSaId {
    return childSaId(++this.#ids)
  }

  addChild(id: ChildSaId, sa: IkeSa): void {
    this.#byChild.set(id, sa)
  }

  newOperationId(sa: IkeSa): OperationId {
    const id = operationId(++this.#ids)
    this.#byOperation.set(id, sa)
    return id
  }

  /** RFC 7296 §3.1: an IKE SPI MUST NOT be zero; ours are unique among ours. */
  newIkeSpi(): IkeSpi {
    for (;;) {
      const spi = ikeSpi(toHex(this.#random(8)))
      if (spi !== '0000000000000000' && !this.#bySpi.has(spi) && this.over.bySpi(spi) === undefined) return spi
    }
  }

  /** RFC 4303 §2.1: 256 and up. */
  newSpi(): Spi {
    for (;;) {
      const spi = u32(this.#random(4), 0)
      if (spi < 256 || this.#spis.has(spi)) continue
      this.#spis.add(spi)
      return espSpi(spi)
    }
  }

  /** One of ours, of an SA or of a request for one. */
  hasSpi(spi: Spi): boolean {
    return this.#spis.has(spi)
  }

  releaseSpi(spi: Spi): void {
    this.#spis.delete(spi)
  }

  #forgetPeer(sa: IkeSa): void {
    const key = this.#peers.get(sa)
    if (key !== undefined) {
      const known = this.#byPeer.get(key)
      known?.delete(sa)
      if (known?.size === 0) this.#byPeer.delete(key)
      this.#peers.delete(sa)
    }
    const route = this.#routes.get(sa)
    if (route !== undefined && this.#byRoute.get(route) === sa) this.#byRoute.delete(route)
    this.#routes.delete(sa)
  }

  #forgetRequest(sa: IkeSa): void {
    const digest = this.#requests.get(sa)
    if (digest !== undefined) this.#byRequest.delete(digest)
    this.#requests.delete(sa)
  }

  #forgetHalfOpen(sa: IkeSa): 'was-half-open' | 'was-not' {
    this.noteFragments(sa, 0)
    const known = this.#halfOpenKeys.get(sa)
    if (known === undefined) return 'was-not'
    this.#halfOpenKeys.delete(sa)
    this.#halfOpen.delete(known.key)
    const left = (this.#halfOpenByPrefix.get(known.prefix) ?? 1) - 1
    if (left === 0) this.#halfOpenByPrefix.delete(known.prefix)
    else this.#halfOpenByPrefix.set(known.prefix, left)
    return 'was-half-open'
  }
}

function peerKey({ state }: IkeSa): string | undefined {
  if ('established' in state && state.established !== undefined)
    return `${identityKey(state.established.localIdentity)}/${identityKey(state.established.remoteIdentity)}`
  if (state.phase !== 'auth-signing' || state.auth.connection.remoteIdentity.kind !== 'exactly') return undefined
  const { localIdentity, remoteIdentity } = state.auth.connection
  return `${identityKey(localIdentity)}/${identityKey(remoteIdentity.identity)}`
}

const routeKey = (connection: string, remote: Address): string => `${remote}/${connection}`

const halfOpenKey = (initiatorSpi: IkeSpi, remote: Endpoint): string => `${initiatorSpi}/${formatEndpoint(remote)}`
