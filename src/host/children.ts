// The Child SAs of a host, as packets find them: outbound by policy and flow, inbound by SPI. RFC 4301 §4.4.2, §5.1, §5.2.
import { u32 } from '../bytes/bytes.ts'
import type { SaInstall } from '../contract/install.ts'
import type { Channel } from '../contract/machine.ts'
import type { ChildSaId, IkeSaId } from '../contract/units.ts'
import { type Address, addressBytes, type Endpoint } from '../net/address.ts'
import type { Flow } from '../net/flow.ts'
import { protocol } from '../iana/protocols.ts'
import type { Framing } from '../ipsec/framing.ts'
import type { OutboundSa } from '../ipsec/outbound.ts'
import { isPopulated } from '../policy/populate.ts'
import { type CompiledSelectors, compileSelectors, matchesFlow } from '../policy/selector-match.ts'
import type { PacketSelector, SpdAction } from '../policy/spd.ts'
import { carriesFragments } from './fragment-rules.ts'
import { Lineage } from './lineage.ts'
import { PathMtu } from './path-mtu.ts'

/** Where sealed packets of an SA go. One object for each SA, made once and changed when the peer moves. */
export interface Route {
  channel: Channel
  local: Endpoint
  remote: Endpoint
}

export interface OutboundChild {
  readonly child: ChildSaId
  /** Changes when it is rekeyed. */
  ikeSa: IkeSaId
  readonly sa: OutboundSa
  /** As its channel carries it. */
  readonly framing: Framing
  readonly route: Route
  readonly mtu: PathMtu
  /** RFC 4301 §7: whether later fragments may go through it. */
  readonly carriesFragments: boolean
  readonly local: CompiledSelectors
  readonly remote: CompiledSelectors
  /** Our plain side knows the peer by the address `shown`, and `peer` is what it has in the selectors (RFC 3948 §5.2). */
  readonly mapped: { readonly shown: Uint8Array; readonly peer: Uint8Array } | undefined
}

/** Outbound SAs under the name of their connection and child, and there by remote address where that is one address. */
export class OutboundChildren {
  readonly #bare: 'esp' | 'ip'
  readonly #byName = new Map<string, Group>()
  /** So that packets are found theirs without a name being put together for each. */
  readonly #byPolicy = new WeakMap<SpdAction, Group>()
  readonly #byChild = new Map<ChildSaId, OutboundChild>()
  /** With many peers, what one of them does must not cost a look at those of all. */
  readonly #byIkeSa = new Map<IkeSaId, Set<OutboundChild>>()
  readonly #bySpi = new Map<number, OutboundChild[]>()
  readonly #lineage = new Lineage()

  /** `bare`: the channel of ESP that is not in UDP. */
  constructor(bare: 'esp' | 'ip') {
    this.#bare = bare
  }

  add(install: SaInstall, sa: OutboundSa): OutboundChild {
    const channel = install.encapsulation === 'udp' ? 'nat-t' : this.#bareChannel(install)
    const child: OutboundChild = {
      child: install.child,
      ikeSa: install.ikeSa,
      sa,
      framing: channel === 'ip' ? 'ip' : 'esp',
      route: { channel, local: install.local, remote: install.remote },
      mtu: new PathMtu(install),
      carriesFragments: carriesFragments(install),
      local: compileSelectors(install.localSelectors),
      remote: compileSelectors(install.remoteSelectors),
      mapped: mappedEnds(install),
    }
    this.#byChild.set(child.child, child)
    for (const name of this.#lineage.names(child.child)) inheritMtu(child, this.#byChild.get(name))
    listAt(this.#bySpi, install.spi).push(child)
    this.#ofIkeSa(child.ikeSa).add(child)
    // By its own address another peer is meant.
    if (install.mapped !== undefined) return child
    const group = this.#groupOf(install.connection, install.childName)
    const key = soleAddress(install)
    const list = key === undefined ? group.ranges : listAt(group.byAddress, key)
    // The newest is used first: it is the one that a peer who has set up anew knows.
    list.unshift(child)
    return child
  }

  remove(id: ChildSaId): OutboundChild | undefined {
    const child = this.#byChild.get(id)
    if (child === undefined) return undefined
    this.#byChild.delete(id)
    const siblings = this.#ofIkeSa(child.ikeSa)
    siblings.delete(child)
    if (siblings.size === 0) this.#byIkeSa.delete(child.ikeSa)
    const { install } = child.sa
    const sharers = this.#bySpi.get(install.spi) ?? []
    removeFrom(sharers, child)
    if (sharers.length === 0) this.#bySpi.delete(install.spi)
    const group = this.#groupOf(install.connection, install.childName)
    const key = soleAddress(install)
    const list = key === undefined ? group.ranges : (group.byAddress.get(key) ?? [])
    removeFrom(list, child)
    if (key !== undefined && list.length === 0) group.byAddress.delete(key)
    return child
  }

  byId(id: ChildSaId): OutboundChild | undefined {
    return this.#byChild.get(id)
  }

  /** Those that send with this SPI; the peers choose it, so it need not be one. */
  bySpi(spi: number): readonly OutboundChild[] {
    return this.#bySpi.get(spi) ?? []
  }

  /** The one with this name, or what has been put in its place: the newest that packets can go through. */
  inLineOf(id: ChildSaId): OutboundChild | undefined {
    for (const heir of this.#lineage.heirs(id)) {
      const child = this.#byChild.get(heir)
      if (child !== undefined) return child
    }
    return this.#byChild.get(id)
  }

  /** RFC 7296 §2.8, §2.8.3: a rekey, or a reauthentication, has made `heir` to take the place of `old`. */
  succeed(old: ChildSaId, heir: ChildSaId): void {
    this.#lineage.succeed(old, heir)
    const child = this.#byChild.get(heir)
    if (child !== undefined) inheritMtu(child, this.#byChild.get(old))
  }

  /** Nothing comes or goes through it any more. */
  forget(id: ChildSaId): void {
    this.#lineage.forget(id)
  }

  /** The SA that protects this packet, among those of the connection and child that a policy names. */
  find(policy: SpdAction & { kind: 'PROTECT' }, bytes: Uint8Array, flow: Flow): OutboundChild | undefined {
    const { populate } = policy
    let group = this.#byPolicy.get(policy)
    if (group === undefined) this.#byPolicy.set(policy, (group = this.#groupOf(policy.connection, policy.child)))
    const narrow = group.byAddress.get(addressKey(bytes, flow.destination, flow.version))
    return firstSelected(narrow, populate, bytes, flow) ?? firstSelected(group.ranges, populate, bytes, flow)
  }

  /** Another IKE SA is in charge of them. */
  inherit(from: IkeSaId, to: IkeSaId): void {
    const heirs = this.#byIkeSa.get(from)
    if (heirs === undefined) return
    this.#byIkeSa.delete(from)
    for (const child of heirs) {
      child.ikeSa = to
      this.#ofIkeSa(to).add(child)
    }
  }

  /** The peer of an IKE SA is reached elsewhere now, through these. */
  move(ikeSa: IkeSaId, channel: Channel, local: Endpoint, remote: Endpoint): Iterable<OutboundChild> {
    const moved = this.#byIkeSa.get(ikeSa) ?? []
    for (const child of moved) {
      child.route.channel = child.sa.install.encapsulation === 'udp' ? channel : this.#bareChannel(child.sa.install)
      child.route.local = local
      child.route.remote = remote
    }
    return moved
  }

  /** AH has no other: it protects the IP header. */
  #bareChannel({ suite }: SaInstall): 'esp' | 'ip' {
    return suite.protocol === protocol.AH ? 'ip' : this.#bare
  }

  /** It stays for good: there is one for each child that is configured. */
  #groupOf(connection: string, childName: string): Group {
    const name = `${connection}/${childName}`
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const fresh: Group = { byAddress: new Map(), ranges: [] }
    this.#byName.set(name, fresh)
    return fresh
  }

  #ofIkeSa(ikeSa: IkeSaId): Set<OutboundChild> {
    const known = this.#byIkeSa.get(ikeSa)
    if (known !== undefined) return known
    const fresh = new Set<OutboundChild>()
    this.#byIkeSa.set(ikeSa, fresh)
    return fresh
  }
}

interface Group {
  readonly byAddress: Map<number | string, OutboundChild[]>
  readonly ranges: OutboundChild[]
}

function firstSelected(
  list: readonly OutboundChild[] | undefined,
  populate: readonly PacketSelector[] | undefined,
  bytes: Uint8Array,
  flow: Flow,
): OutboundChild | undefined {
  if (list === undefined) return undefined
  for (const child of list) {
    if (populate !== undefined && !isPopulated(child.local, child.remote, populate, flow)) continue
    if (matchesFlow(child.local, child.remote, 'out', bytes, flow)) return child
  }
  return undefined
}

/** A rekey does not make us forget what the path takes: RFC 4301 §8.2.2 has it kept for an SA, but RFC 1191 §6.3 for a way. */
function inheritMtu(heir: OutboundChild, old: OutboundChild | undefined): void {
  if (old === undefined || old.route.channel !== heir.route.channel || old.route.remote.address !== heir.route.remote.address) return
  heir.mtu.inherit(old.mtu)
}

function mappedEnds({ mapped, remoteSelectors }: SaInstall): OutboundChild['mapped'] {
  const peer = remoteSelectors[0]?.startAddress
  return mapped === undefined || peer === undefined ? undefined : { shown: addressBytes(mapped), peer: addressBytes(peer) }
}

/** Host-to-host SAs have one remote address: with many peers that is how they are found. */
function soleAddress(install: SaInstall): number | string | undefined {
  const first = install.remoteSelectors[0]?.startAddress
  if (first === undefined) return undefined
  if (!install.remoteSelectors.every(({ startAddress, endAddress }) => startAddress === first && endAddress === first)) return undefined
  return keyOf(first)
}

/** What addresses are looked up by in packets: of those of IPv4 the number. */
export function keyOf(address: Address): number | string {
  const octets = addressBytes(address)
  return addressKey(octets, 0, octets.length === 4 ? 4 : 6)
}

export function addressKey(bytes: Uint8Array, at: number, version: 4 | 6): number | string {
  if (version === 4) return u32(bytes, at)
  return `${u32(bytes, at)}.${u32(bytes, at + 4)}.${u32(bytes, at + 8)}.${u32(bytes, at + 12)}`
}

function removeFrom(list: OutboundChild[], child: OutboundChild): void {
  const at = list.indexOf(child)
  if (at >= 0) list.splice(at, 1)
}

function listAt<K>(map: Map<K, OutboundChild[]>, key: K): OutboundChild[] {
  const known = map.get(key)
  if (known !== undefined) return known
  const list: OutboundChild[] = []
  map.set(key, list)
  return list
}
