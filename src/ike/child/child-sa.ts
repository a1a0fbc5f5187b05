// One Child SA: a pair of ESP or AH SAs. RFC 7296 §1.2, §2.8, §2.17; RFC 4301 §4.4.2.
import type { Secret } from '../../bytes/secret.ts'
import type { Role } from '../../contract/events.ts'
import type { ChildSuite } from '../../contract/transforms.ts'
import { type ChildSaId, earliest, type Instant, later, type Spi } from '../../contract/units.ts'
import type { OriginalAddresses, SaInstall, SaMode } from '../../contract/install.ts'
import type { TrafficSelector } from '../../contract/selectors.ts'
import type { Address } from '../../net/address.ts'
import type { PacketKeys } from '../../crypto/provider.ts'
import { protocol } from '../../iana/protocols.ts'
import { childKeys } from '../../crypto/key-schedule.ts'
import type { ChildConfig, Connection } from '../../policy/connection.ts'
import { encrypts } from '../../policy/algorithms.ts'
import { firstUncovered } from '../../policy/selectors.ts'
import { type Context, emit } from '../context.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import type { Session } from '../sa/states.ts'
import { timers } from '../timers.ts'
import { isSamePeer } from './overlaps.ts'
import type { LaterFragments } from './later-fragments.ts'
import { chosenLifetime, chosenSoftLimits, hardLimits } from './lifetime.ts'

export interface ChildSa {
  readonly id: ChildSaId
  readonly config: ChildConfig
  readonly connection: Connection
  readonly suite: ChildSuite
  /** The group of its own key exchange; `undefined` where its keys come from SK_d alone. */
  readonly keyExchange: number | undefined
  readonly mode: SaMode
  readonly inbound: Spi
  readonly outbound: Spi
  readonly localSelectors: readonly TrafficSelector[]
  readonly remoteSelectors: readonly TrafficSelector[]
  /** What our plain side knows the peer by (RFC 3948 §5.2); `undefined`: by its own address. */
  readonly mapped: Address | undefined
  life: ChildLife
  outboundHalf: OutboundHalf
  /** What a rekey of the peer's has made to take its place; while one of ours is out, it is not decided which of the two stays. */
  successor: { readonly child: ChildSaId; readonly lowestNonce: Uint8Array } | undefined
  /** When we want to rekey it; `undefined`: never, or it is under way. */
  rekeyAt: Instant | undefined
  expiresAt: Instant | undefined
  /** When we send through it whether or not the peer is known to be ready: where it rekeys nothing (RFC 7296 §2.8). */
  useAt: Instant | undefined
}

export type ChildLife =
  | { readonly kind: 'alive' }
  /** Another is in its place; the peer, whose rekey that was, deletes it, or else we do after a while. */
  | { readonly kind: 'replaced'; readonly until: Instant }
  /** Our Delete for it waits, or is out (RFC 7296 §1.4.1). */
  | { readonly kind: 'deleting' }

/** RFC 7296 §2.8: the responder of a rekey goes on sending through the old SA until it knows that the peer is ready for the new one. */
export type OutboundHalf =
  | { readonly kind: 'waiting'; readonly install: SaInstall }
  | { readonly kind: 'installed' }
  | { readonly kind: 'retired' }

/** What both sides agreed on, seen from ours. */
export interface AgreedChild {
  readonly id: ChildSaId
  /** Ours in the exchange that makes it (RFC 7296 §2.17), which need not be that in the IKE SA. */
  readonly role: Role
  readonly connection: Connection
  readonly config: ChildConfig
  readonly suite: ChildSuite
  readonly keyExchange: number | undefined
  readonly mode: SaMode
  readonly inbound: Spi
  readonly outbound: Spi
  readonly localSelectors: readonly TrafficSelector[]
  readonly remoteSelectors: readonly TrafficSelector[]
  readonly original: OriginalAddresses | undefined
  readonly laterFragments: LaterFragments
  /** Whether the peer takes TFC padding (RFC 7296 §1.3.1). */
  readonly tfcPadding: 'taken' | 'refused'
  readonly additionalSelectors: 'possible' | 'unknown'
  readonly mapped: Address | undefined
  readonly replaces: ChildSaId | undefined
  readonly nonceI: Uint8Array
  readonly nonceR: Uint8Array
  /** g^ir (new), where the exchange has one. */
  readonly sharedSecret: Secret | undefined
}

export interface PreparedChild {
  readonly child: ChildSa
  /** Before the peer may use it. */
  installInbound(): void
  /** Once the peer is ready for it. */
  installOutbound(): void
  /** Instead of `installOutbound`, where we answer and something else carries the traffic: until that is gone, or the peer has used it. */
  holdOutbound(): void
}

/** Derives the keys of an agreed Child SA and registers it. `undefined` when the provider lacks an algorithm. */
export function prepareChild(context: Context, sa: IkeSa, session: Session, agreed: AgreedChild): PreparedChild | undefined {
  const lengths = context.provider.packetKeyLengths(agreed.suite)
  if (lengths === undefined) return undefined
  const { nonceI, nonceR, sharedSecret } = agreed
  // RFC 7296 §2.17: KEYMAT serves the initiator's direction first.
  const keys = childKeys(session.algorithms.prf, session.keys.skD, { nonceI, nonceR, sharedSecret, lengths })
  const [ours, theirs] = agreed.role === 'initiator' ? [keys.initiator, keys.responder] : [keys.responder, keys.initiator]
  const { id, config, connection, suite, keyExchange, mode, inbound, outbound, localSelectors, remoteSelectors, mapped } = agreed
  const install = installOf(context, sa, agreed, 'out', ours)
  const child: ChildSa = {
    id,
    config,
    connection,
    suite,
    keyExchange,
    mode,
    inbound,
    outbound,
    localSelectors,
    remoteSelectors,
    mapped,
    life: { kind: 'alive' },
    outboundHalf: { kind: 'waiting', install },
    successor: undefined,
    ...chosenLifetime(context, config),
    useAt: undefined,
  }
  sa.children.set(child.id, child)
  context.addChild(child.id, sa)
  if (mapped !== undefined) context.overlaps.pool.hold(mapped)
  return {
    child,
    installInbound: () => {
      const inward = installOf(context, sa, agreed, 'in', theirs)
      context.out.push({ kind: 'install', sa: inward })
      dangerLogKeys(context, inward)
    },
    installOutbound: () => {
      useOutbound(context, child)
      announce(context, sa, agreed)
    },
    holdOutbound: () => {
      if (!context.twinsOf(sa, child).some(({ outboundHalf }) => outboundHalf.kind === 'installed')) useOutbound(context, child)
      else if (agreed.replaces === undefined) child.useAt = later(context.now, timers.readinessPatience)
      announce(context, sa, agreed)
    },
  }
}

/** Whether it is one that the peer is to be told of before anything is sent through it. */
export const holdsOutbound = ({ outboundHalf }: ChildSa): boolean => outboundHalf.kind === 'waiting'

/** Sends through it from now on. */
export function useOutbound(context: Context, child: ChildSa): void {
  if (child.outboundHalf.kind !== 'waiting') return
  const home = context.ikeSaByChild(child.id)
  // In the meantime the IKE SA may have been rekeyed, or the peer have moved.
  const current = home === undefined ? {} : { ikeSa: home.id, local: home.path.local, remote: home.path.remote }
  const install = { ...child.outboundHalf.install, ...current }
  child.outboundHalf = { kind: 'installed' }
  child.useAt = undefined
  context.out.push({ kind: 'install', sa: install })
  dangerLogKeys(context, install)
}

/** Nothing more is sent through it; where another waits to take over, it does. */
export function retireOutbound(context: Context, sa: IkeSa, child: ChildSa): void {
  const { outboundHalf } = child
  if (outboundHalf.kind === 'retired') return
  child.outboundHalf = { kind: 'retired' }
  child.useAt = undefined
  if (outboundHalf.kind === 'waiting') {
    outboundHalf.install.encryptionKey?.wipe()
    outboundHalf.install.integrityKey?.wipe()
    return
  }
  const twins = context.twinsOf(sa, child)
  // RFC 7296 §2.8: the request to close the replaced SA says that the initiator is ready for the new one.
  const successor = twins.find(({ id }) => id === child.successor?.child)
  if (successor?.life.kind === 'alive') useOutbound(context, successor)
  else if (!twins.some((twin) => isUsed(context, twin))) {
    const waiting = twins.findLast((twin) => holdsOutbound(twin) && twin.life.kind === 'alive')
    if (waiting !== undefined) useOutbound(context, waiting)
  }
  const heir = heirOf(context, sa, child, twins)
  const removed = { kind: 'remove', child: child.id, direction: 'out', spi: child.outbound } as const
  context.out.push(heir === undefined ? removed : { ...removed, heir: heir.id })
}

/**
 * Something of ours goes through it, and the peer still answers in its IKE SA. One that has been asked in vain so often may have been given up, with a
 * Delete that never came: it is no reason for another to wait.
 */
function isUsed(context: Context, { id, outboundHalf }: ChildSa): boolean {
  if (outboundHalf.kind !== 'installed') return false
  const home = context.ikeSaByChild(id)
  return home === undefined || home.requests.outstanding.every(({ transmissions }) => transmissions < timers.doubtfulTransmissions)
}

/** RFC 7296 §2.8.3: what an IKE SA from scratch has made to go on with its traffic. Of rekeys, `child-sa-established` tells. */
function heirOf(context: Context, sa: IkeSa, child: ChildSa, twins: readonly ChildSa[]): ChildSa | undefined {
  return twins.findLast((twin) => {
    const home = context.ikeSaByChild(twin.id)
    if (home === undefined || home === sa || twin.outboundHalf.kind !== 'installed' || twin.mapped !== child.mapped) return false
    return isSamePeer(context, sa, home)
  })
}

/**
 * Takes a Child SA out of the data plane. Where another carries the same traffic, packets that are still on their way through this one
 * are received for a while.
 */
export function removeChild(context: Context, sa: IkeSa, child: ChildSa, by: 'us' | 'peer' | 'failure' | 'exhausted'): void {
  if (!sa.children.delete(child.id)) return
  retireOutbound(context, sa, child)
  const twins = context.twinsOf(sa, child)
  for (const other of sa.children.values()) if (other.successor?.child === child.id) other.successor = undefined
  context.removeChildId(child.id)
  if (twins.length > 0 && by !== 'exhausted') context.lingerInbound(child)
  else {
    context.out.push({ kind: 'remove', child: child.id, direction: 'in', spi: child.inbound })
    context.releaseSpi(child.inbound)
    if (child.mapped !== undefined) context.overlaps.pool.release(child.mapped)
  }
  emit(context, { name: 'child-sa-closed', ikeSa: sa.id, child: child.id, by })
}

/** Whether every packet of `child` could go through `other` as well. */
export function carriesTrafficOf(other: ChildSa, child: ChildSa): boolean {
  return (
    other !== child &&
    other.config.name === child.config.name &&
    other.connection.name === child.connection.name &&
    firstUncovered(child.localSelectors, other.localSelectors) === undefined &&
    firstUncovered(child.remoteSelectors, other.remoteSelectors) === undefined
  )
}

/** How the peer names its half: the SPIs of ESP and those of AH are independent of each other (RFC 4301 §4.1). */
export const saKey = (protocol: number, spi: number): string => `${protocol}/${spi}`

/** When a Child SA next wants something. */
export function childDeadline({ life, rekeyAt, expiresAt, useAt }: ChildSa): Instant | undefined {
  return earliest(earliest(rekeyAt, expiresAt), earliest(useAt, life.kind === 'replaced' ? life.until : undefined))
}

function installOf(context: Context, sa: IkeSa, agreed: AgreedChild, direction: 'in' | 'out', keys: PacketKeys): SaInstall {
  const { config } = agreed
  return {
    ikeSa: sa.id,
    child: agreed.id,
    connection: agreed.connection.name,
    childName: config.name,
    direction,
    spi: direction === 'in' ? agreed.inbound : agreed.outbound,
    suite: agreed.suite,
    encryptionKey: keys.encryption,
    integrityKey: keys.integrity,
    mode: agreed.mode,
    localSelectors: agreed.localSelectors,
    remoteSelectors: agreed.remoteSelectors,
    local: sa.path.local,
    remote: sa.path.remote,
    encapsulation: sa.path.nat.encapsulation,
    original: agreed.original,
    mapped: agreed.mapped,
    replayWindow: direction === 'in' ? config.replayWindow : 0,
    tfc: direction === 'out' && agreed.tfcPadding === 'taken' && agreed.suite.protocol === protocol.ESP ? config.tfc : undefined,
    dummies: direction === 'out' && encrypts(agreed.suite) ? config.dummies : undefined,
    path: config.path,
    laterFragments: agreed.laterFragments,
    soft: { ...chosenSoftLimits(context, config, agreed.suite), until: undefined },
    hard: { ...hardLimits(config, agreed.suite), until: undefined },
  }
}

function dangerLogKeys(context: Context, { child, direction, spi, suite, local, remote, encryptionKey, integrityKey }: SaInstall): void {
  if (context.dangerKeyLog === 'off') return
  const [source, destination] = direction === 'in' ? [remote, local] : [local, remote]
  emit(context, {
    name: 'danger-child-keys',
    child,
    spi,
    source,
    destination,
    suite,
    encryption: encryptionKey,
    integrity: integrityKey,
  })
}

function announce(context: Context, sa: IkeSa, agreed: AgreedChild): void {
  const { connection, config, inbound, outbound, mode, suite, localSelectors, remoteSelectors, replaces, additionalSelectors, mapped } =
    agreed
  emit(context, {
    name: 'child-sa-established',
    ikeSa: sa.id,
    child: agreed.id,
    established: {
      connection: connection.name,
      childName: config.name,
      replaces,
      additionalSelectors,
      inbound,
      outbound,
      mode,
      suite,
      localSelectors,
      remoteSelectors,
      encapsulation: sa.path.nat.encapsulation,
      mapped,
    },
  })
}
