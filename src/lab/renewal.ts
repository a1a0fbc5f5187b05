// The first renewal of each kind, by either side: new keys for the Child SA and for the IKE SA, and everything from scratch. Each is played
// on a stage of its own, where nothing else is ever due. RFC 7296 §1.3.2, §1.3.3, §2.8, §2.8.3.
import type { LabHost } from './host.ts'
import type { AfterFailedRekey } from '../contract/events.ts'
import type { Milliseconds } from '../contract/units.ts'
import type { ChildConfig, Connection } from '../policy/connection.ts'
import { endlessChild, endlessConnection, unlimitedIke } from '../policy/defaults.ts'
import {
  type Failures,
  failuresOf,
  makeRehearsalStage,
  type RehearsalPair,
  type RehearsalStage,
  retriesOf,
  type Side,
} from './rehearsal-stage.ts'
import type { World } from './stage.ts'

export type Renewed = 'child-sa' | 'ike-sa' | 'reauthentication'

export interface Renewal {
  readonly of: Renewed
  readonly by: Side
  readonly due: Due
  readonly result: RenewalResult
}

/** `earliest` and `latest` after it was set up: by chance between them. */
export type Due =
  | { readonly kind: 'time'; readonly earliest: Milliseconds; readonly latest: Milliseconds }
  | { readonly kind: 'volume'; readonly bytes: number | undefined; readonly packets: number | undefined }
  | { readonly kind: 'never' }

export type RenewalResult =
  /** `keyExchange`: whether it had one of its own; of INVALID_KE_PAYLOAD came `retries` before. */
  | { readonly kind: 'renewed'; readonly keyExchange: 'own' | 'none'; readonly retries: number }
  | { readonly kind: 'refused'; readonly failures: Failures; readonly next: AfterFailedRekey; readonly consequence: Consequence }
  /** It is never due. */
  | { readonly kind: 'never' }

/** `set-up-anew`: a new IKE SA with the same Child SA takes the place of the old one. `fails`: that is tried, in vain. `ends`: with its lifetime. */
export type Consequence = 'set-up-anew' | 'fails' | 'ends'

/** What is renewed: the Child SA as each side calls it, and the IKE SA that it is in where it is the first. */
export interface Renewable {
  readonly by: Side
  readonly child: string
  readonly peerChild: string
  readonly of: 'with-ike-sa' | 'child-sa-alone'
}

export function renewals(pair: RehearsalPair, world: World, renewable: Renewable): readonly Renewal[] {
  const kinds: readonly Renewed[] = renewable.of === 'with-ike-sa' ? ['child-sa', 'ike-sa', 'reauthentication'] : ['child-sa']
  return kinds.flatMap((of) =>
    (['a', 'b'] as const).map((by): Renewal => {
      const own = dueOf(pair[by].connection, by === renewable.by ? renewable.child : renewable.peerChild, of)
      const due = of === 'reauthentication' && by !== renewable.by ? onRequest(own) : own
      return { of, by, due, result: due.kind === 'never' ? { kind: 'never' } : play(pair, world, renewable, { of, by, due }) }
    }),
  )
}

export function dueOf({ lifetime, children }: Connection, childName: string, of: Renewed): Due {
  if (of === 'ike-sa') return window(lifetime.rekey, lifetime.jitter)
  if (of === 'reauthentication') return window(lifetime.reauthenticate, lifetime.jitter)
  const child = children.find(({ name }) => name === childName)
  if (child === undefined) return { kind: 'never' }
  const { time, bytes, packets } = child.soft
  if (time === undefined && (bytes !== undefined || packets !== undefined)) return { kind: 'volume', bytes, packets }
  return window(time, child.jitter.time ?? 0)
}

/** RFC 4478 §3: the responder tells its lifetime, and the initiator has finished before (`ike-auth.initiator.ts`). */
function onRequest(due: Due): Due {
  return due.kind === 'time' ? { kind: 'time', earliest: due.latest * 0.8, latest: due.latest * 0.9 } : due
}

function window(latest: Milliseconds | undefined, jitter: Milliseconds): Due {
  return latest === undefined ? { kind: 'never' } : { kind: 'time', earliest: Math.max(0, latest - jitter), latest }
}

/** So long after it was due, at most, all is decided: a silent peer is given up before. */
const aftermath = 600_000

function play(
  pair: RehearsalPair,
  world: World,
  { by: starter, child }: Renewable,
  { of, by, due }: Omit<Renewal, 'result'>,
): RenewalResult {
  const stage = makeRehearsalStage(pair, world, starter, (connection, side) => onlyDue(connection, side === by ? of : 'nothing'))
  const { network, hosts } = stage
  const host = hosts[by]
  stage.initiate(child)
  network.run(aftermath, () => hosts.a.named('child-sa-established').length > 0 && hosts.b.named('child-sa-established').length > 0)
  const earlier = retriesOf(host)
  if (due.kind === 'volume') {
    const [established] = host.named('child-sa-established')
    if (established !== undefined) network.command(host, { kind: 'rekey-child-sa', child: established.child })
  }
  network.run((due.kind === 'time' ? due.latest : 0) + aftermath, () => isDecided(host, of))
  const [failed] = host.named('rekey-failed')
  if (failed === undefined && isRenewed(host, of)) {
    return {
      kind: 'renewed',
      keyExchange: of !== 'child-sa' || hasOwnKeyExchange(host) ? 'own' : 'none',
      retries: retriesOf(host) - earlier,
    }
  }
  const next = failed?.next ?? 'give-up'
  return {
    kind: 'refused',
    failures: failuresOf(pair, hosts),
    next,
    consequence: next === 'start-over' ? whatFollows(stage, host) : 'ends',
  }
}

/** All else is endless, so that nothing else happens; and nobody is asked whether he lives. */
function onlyDue(connection: Connection, of: Renewed | 'nothing'): Connection {
  const { rekey, reauthenticate, jitter } = connection.lifetime
  const lifetime = {
    'child-sa': unlimitedIke,
    'ike-sa': { ...unlimitedIke, rekey, jitter },
    reauthentication: { ...unlimitedIke, reauthenticate, jitter },
    nothing: unlimitedIke,
  }[of]
  const childOf = (child: ChildConfig): ChildConfig => (of === 'child-sa' ? child : { ...child, ...endlessChild })
  const { livenessDelay } = endlessConnection
  return { ...connection, lifetime, livenessDelay, children: connection.children.map(childOf) }
}

const isDecided = (host: LabHost, of: Renewed): boolean =>
  isRenewed(host, of) || host.named('rekey-failed').length > 0 || host.named('ike-sa-failed').length > 0

function isRenewed(host: LabHost, of: Renewed): boolean {
  if (of === 'child-sa') return host.named('child-sa-established').some(({ established }) => established.replaces !== undefined)
  if (of === 'ike-sa') return host.named('ike-sa-established').some(({ established }) => established.replaces !== undefined)
  return isSetUpAnew(host)
}

/** A second IKE SA has everything, and the first is closed. */
const isSetUpAnew = (host: LabHost): boolean =>
  host.named('ike-sa-established').length > 1 && host.named('child-sa-established').length > 1 && host.named('ike-sa-closed').length > 0

function whatFollows({ network }: RehearsalStage, host: LabHost): Consequence {
  network.run(aftermath, () => isSetUpAnew(host) || host.named('ike-sa-failed').length > 0)
  return isSetUpAnew(host) ? 'set-up-anew' : 'fails'
}

/** The answer to the first CREATE_CHILD_SA that was none but an error has a KE payload. */
const hasOwnKeyExchange = (host: LabHost): boolean =>
  host
    .named('message')
    .findLast(({ direction, payloads }) => direction === 'received' && payloads.includes('TSi'))
    ?.payloads.includes('KE') === true
