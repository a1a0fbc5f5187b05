// All packets in classes that selectors tell apart by addresses and ports alone. RFC 4301 §4.4.1.1, §4.4.1.3.
import { type Address, addressVersion } from '../net/address.ts'
import { hasPorts } from '../net/transport.ts'
import { numberOf, opaquePort, portInterval } from './boxes.ts'
import type { SelectorTemplate } from './connection.ts'
import { cutOut, type Rectangle } from './rectangles.ts'
import { type Direction, isOneField } from './selector-match.ts'
import type { SpdEntry } from './spd.ts'

export interface FlowClass {
  readonly direction: Direction
  readonly version: 4 | 6
  readonly protocol: number
  /** `none`: the protocol has none, or they are not in the packet: a later fragment. */
  readonly ports: 'known' | 'none'
  /** The same for traffic of one kind in both versions; `undefined` where the other version has nothing like it: ICMP, ICMPv6, Mobility Header. */
  readonly comparable: string | undefined
}

/** Protocols that no rule names are all alike, but for what is where others have ports: one of each kind stands for them. */
export function flowClasses(entries: readonly SpdEntry[]): readonly FlowClass[] {
  const named = new Set(entries.flatMap(({ local, remote }) => [local.protocol, remote.protocol]).filter((protocol) => protocol !== 0))
  const others = Array.from({ length: 256 }, (_, protocol) => protocol).filter((protocol) => !named.has(protocol))
  const spare = [others.find(hasPorts), others.find(isOneField), others.find((protocol) => !hasPorts(protocol) && !isOneField(protocol))]
  const protocols = [...named, ...spare.flatMap((protocol) => protocol ?? [])]
  return protocols.flatMap((protocol) =>
    (hasPorts(protocol) || isOneField(protocol) ? (['known', 'none'] as const) : (['none'] as const)).flatMap((ports) =>
      (['out', 'in'] as const).flatMap((direction) =>
        ([4, 6] as const).map((version) => ({
          direction,
          version,
          protocol,
          ports,
          comparable: isOneField(protocol) ? undefined : `${direction} ${protocol} ${ports}`,
        })),
      ),
    ),
  )
}

/** Addresses as small numbers: all that matters is their order among those that rules name. */
export interface Scales {
  rank(side: 'local' | 'remote', version: 4 | 6, bound: bigint): number
  /** Without what has a remote address that is not for the world: link-local, multicast, loopback (RFC 4291 §2.4). */
  withoutLocalScope(piece: Rectangle, flowClass: FlowClass): readonly Rectangle[]
}

export function scalesOf(entries: readonly SpdEntry[]): Scales {
  const ranks = new Map<string, Map<bigint, number>>()
  for (const side of ['local', 'remote'] as const) {
    for (const version of [4, 6] as const) {
      const bounds = entries.flatMap((entry) => boundsOf(entry[side], version))
      if (version === 6) bounds.push(...localScopes.flat())
      const sorted = [...new Set([...bounds, 0n, endOf(version)])].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      ranks.set(`${side} ${version}`, new Map(sorted.map((bound, i) => [bound, i])))
    }
  }
  const rank: Scales['rank'] = (side, version, bound) => ranks.get(`${side} ${version}`)?.get(bound) ?? 0
  return {
    rank,
    withoutLocalScope: (piece, { version }) =>
      version === 4
        ? [piece]
        : localScopes.reduce<readonly Rectangle[]>(
            (left, [first, end]) => {
              const hole = piece.map(() => everything).with(1, [rank('remote', 6, first), rank('remote', 6, end)])
              return left.flatMap((each) => cutOut(each, hole) ?? [each])
            },
            [piece],
          ),
  }
}

/** The packets of the class that the entry matches: local and remote address, local and remote port. */
export function rectangleIn({ direction, local, remote }: SpdEntry, flowClass: FlowClass, scales: Scales): Rectangle | undefined {
  if (direction !== 'both' && direction !== flowClass.direction) return undefined
  const { version, protocol } = flowClass
  for (const { protocol: wanted } of [local, remote]) if (wanted !== 0 && wanted !== protocol) return undefined
  const localAddresses = addressesIn(local, version, 'local', scales)
  const remoteAddresses = addressesIn(remote, version, 'remote', scales)
  const localPorts = portsIn(local, flowClass, flowClass.direction === 'out')
  const remotePorts = portsIn(remote, flowClass, flowClass.direction === 'in')
  if (localAddresses === undefined || remoteAddresses === undefined || localPorts === undefined || remotePorts === undefined)
    return undefined
  return [localAddresses, remoteAddresses, localPorts, remotePorts]
}

const everything: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
/** ::1, fe80::/10, ff00::/8. */
const localScopes: readonly (readonly [bigint, bigint])[] = [
  [1n, 2n],
  [0xfe80n << 112n, 0xfec0n << 112n],
  [0xff00n << 112n, 1n << 128n],
]

const endOf = (version: 4 | 6): bigint => (version === 4 ? 1n << 32n : 1n << 128n)

function boundsOf({ addresses }: SelectorTemplate, version: 4 | 6): bigint[] {
  if (addresses === 'dynamic' || addressVersion(addresses.start) !== version) return []
  return [numberOf(addresses.start), behind(addresses.end)]
}

const behind = (address: Address): bigint => numberOf(address) + 1n

function addressesIn(
  { addresses }: SelectorTemplate,
  version: 4 | 6,
  side: 'local' | 'remote',
  scales: Scales,
): readonly [number, number] | undefined {
  // As the SPD has it: any address.
  if (addresses === 'dynamic') return [scales.rank(side, version, 0n), scales.rank(side, version, endOf(version))]
  if (addressVersion(addresses.start) !== version) return undefined
  return [scales.rank(side, version, numberOf(addresses.start)), scales.rank(side, version, behind(addresses.end))]
}

/** RFC 4301 §4.4.1.3: where type and code are one field, only the sender's selector is about it. */
function portsIn(template: SelectorTemplate, { protocol, ports }: FlowClass, isSource: boolean): readonly [number, number] | undefined {
  const { firstPort, lastPort } = portInterval(template.startPort, template.endPort)
  if (ports === 'none') {
    const isFree = (!isSource && isOneField(protocol)) || firstPort <= opaquePort
    return isFree ? [opaquePort, 0] : undefined
  }
  if (!isSource && isOneField(protocol)) return [0, 65_536]
  const first = Math.max(0, firstPort)
  return first <= lastPort ? [first, lastPort + 1] : undefined
}
