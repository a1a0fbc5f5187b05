// One Child SA: a pair of ESP SAs. RFC 7296 §1.2, §2.17; RFC 4301 §4.4.2.
import type { ChildSuite } from '../../contract/transforms.ts'
import type { ChildSaId, Spi } from '../../contract/units.ts'
import type { OriginalAddresses, SaMode } from '../../contract/install.ts'
import type { TrafficSelector } from '../../contract/selectors.ts'
import type { PacketKeys } from '../../crypto/provider.ts'
import { childKeys } from '../../crypto/key-schedule.ts'
import type { ChildConfig, Connection } from '../../policy/connection.ts'
import { type Context, emit } from '../context.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import type { Session } from '../sa/states.ts'

export interface ChildSa {
  readonly id: ChildSaId
  readonly config: ChildConfig
  readonly connection: Connection
  readonly protocol: number
  readonly inbound: Spi
  readonly outbound: Spi
  /** `deleting`: our Delete for it is out (RFC 7296 §1.4.1). */
  life: 'alive' | 'deleting'
}

/** What both sides agreed on, seen from ours. */
export interface AgreedChild {
  readonly connection: Connection
  readonly config: ChildConfig
  readonly suite: ChildSuite
  readonly mode: SaMode
  readonly inbound: Spi
  readonly outbound: Spi
  readonly localSelectors: readonly TrafficSelector[]
  readonly remoteSelectors: readonly TrafficSelector[]
  readonly original: OriginalAddresses | undefined
  readonly nonceI: Uint8Array
  readonly nonceR: Uint8Array
}

export interface PreparedChild {
  readonly child: ChildSa
  installInbound(): void
  installOutbound(): void
}

/**
 * Derives the keys of an agreed Child SA and registers it. The two halves are installed by the caller at their right moments:
 * inbound before the peer may use it, outbound when the peer is ready. `undefined` when the provider lacks an algorithm.
 */
export function prepareChild(context: Context, sa: IkeSa, session: Session, agreed: AgreedChild): PreparedChild | undefined {
  const lengths = context.provider.packetKeyLengths(agreed.suite)
  if (lengths === undefined) return undefined
  // RFC 7296 §2.17: KEYMAT serves the initiator's direction first.
  const keys = childKeys(session.algorithms.prf, session.keys.skD, {
    nonceI: agreed.nonceI,
    nonceR: agreed.nonceR,
    sharedSecret: undefined,
    lengths,
  })
  const [ours, theirs] = sa.role === 'initiator' ? [keys.initiator, keys.responder] : [keys.responder, keys.initiator]
  const child: ChildSa = {
    id: context.newChildId(sa),
    config: agreed.config,
    connection: agreed.connection,
    protocol: agreed.suite.protocol,
    inbound: agreed.inbound,
    outbound: agreed.outbound,
    life: 'alive',
  }
  sa.children.set(child.id, child)
  return {
    child,
    installInbound: () => install(context, sa, child, agreed, 'in', theirs),
    installOutbound: () => {
      install(context, sa, child, agreed, 'out', ours)
      announce(context, sa, child, agreed)
    },
  }
}

/** Takes both halves of a Child SA out of the data plane. */
export function removeChild(context: Context, sa: IkeSa, child: ChildSa, by: 'us' | 'peer' | 'failure' | 'exhausted'): void {
  if (!sa.children.delete(child.id)) return
  if (child.life === 'alive') retireOutbound(context, child)
  context.out.push({ kind: 'remove', child: child.id, direction: 'in', spi: child.inbound })
  context.removeChildId(child.id)
  context.releaseSpi(child.inbound)
  emit(context, { name: 'child-sa-closed', ikeSa: sa.id, child: child.id, by })
}

/** Nothing more is sent through it. */
export function retireOutbound(context: Context, child: ChildSa): void {
  context.out.push({ kind: 'remove', child: child.id, direction: 'out', spi: child.outbound })
}

function install(context: Context, sa: IkeSa, child: ChildSa, agreed: AgreedChild, direction: 'in' | 'out', keys: PacketKeys): void {
  const { config, path } = { config: agreed.config, path: sa.path }
  context.out.push({
    kind: 'install',
    sa: {
      ikeSa: sa.id,
      child: child.id,
      connection: agreed.connection.name,
      childName: config.name,
      direction,
      spi: direction === 'in' ? child.inbound : child.outbound,
      suite: agreed.suite,
      encryptionKey: keys.encryption,
      integrityKey: keys.integrity,
      mode: agreed.mode,
      localSelectors: agreed.localSelectors,
      remoteSelectors: agreed.remoteSelectors,
      local: path.local,
      remote: path.remote,
      encapsulation: path.nat.encapsulation,
      original: agreed.original,
      replayWindow: direction === 'in' ? config.replayWindow : 0,
      soft: { ...config.soft, until: undefined },
      hard: { ...config.hard, until: undefined },
    },
  })
  if (context.dangerKeyLog === 'on') {
    const [source, destination] = direction === 'in' ? [path.remote, path.local] : [path.local, path.remote]
    const spi = direction === 'in' ? child.inbound : child.outbound
    emit(context, {
      name: 'danger-child-keys',
      child: child.id,
      spi,
      source,
      destination,
      suite: agreed.suite,
      encryption: keys.encryption,
      integrity: keys.integrity,
    })
  }
}

function announce(context: Context, sa: IkeSa, child: ChildSa, agreed: AgreedChild): void {
  emit(context, {
    name: 'child-sa-established',
    ikeSa: sa.id,
    child: child.id,
    established: {
      connection: agreed.connection.name,
      childName: agreed.config.name,
      inbound: child.inbound,
      outbound: child.outbound,
      mode: agreed.mode,
      suite: agreed.suite,
      localSelectors: agreed.localSelectors,
      remoteSelectors: agreed.remoteSelectors,
      encapsulation: sa.path.nat.encapsulation,
    },
  })
}
