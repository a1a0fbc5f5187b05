// What ESP and AH do alike with a payload whose ICV was right: it becomes an IP packet, and is held against the SA. RFC 4301 §5.2,
// RFC 4302 §3.4, RFC 4303 §3.4.4, RFC 3948 §3.3.
import type { SaInstall } from '../contract/install.ts'
import type { PathTerms } from '../contract/path-terms.ts'
import type { PacketBatch } from '../contract/packets.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { FirstFragments } from '../net/first-fragments.ts'
import { emptyFlow, type Flow, readAnswerFlow, readFlow } from '../net/flow.ts'
import { isTiny } from '../net/fragment-place.ts'
import { trafficClass } from '../net/traffic-class.ts'
import { type CompiledSelectors, compileSelectors, matchesFlow } from '../policy/selector-match.ts'
import { originalSum, repairChecksum } from './checksum-repair.ts'
import type { SaCounters } from './counters.ts'
import { drop, type DropCode } from './drops.ts'
import { leaveTunnel } from './ecn.ts'
import type { Framing } from './framing.ts'
import { finishHeader, fitsLengthField } from './outer.ts'
import { exchangeQuotedIn, type TwoViews, twoViews } from './quoted-addresses.ts'

/** What of an SA decides about an opened packet. */
export interface InnerShape {
  readonly localSelectors: CompiledSelectors
  readonly remoteSelectors: CompiledSelectors
  /** Sum of the addresses before the NAT; `undefined` where none is between. Of use in transport mode. */
  readonly originalSum: number | undefined
  /** What ICMP errors of the peer quote is known to it, and to us. */
  readonly views: TwoViews | undefined
  readonly path: PathTerms
  /** Where later fragments are taken by their first one. */
  readonly firsts: FirstFragments | undefined
}

export function innerShape(install: SaInstall): InnerShape {
  const { localSelectors, remoteSelectors, original, path, laterFragments } = install
  return {
    localSelectors: compileSelectors(localSelectors),
    remoteSelectors: compileSelectors(remoteSelectors),
    originalSum: original === undefined ? undefined : originalSum(original),
    views: twoViews(install),
    path,
    firsts: laterFragments === 'agreed' ? new FirstFragments() : undefined,
  }
}

/** The packet at hand: filled anew for each, so that the packet path allocates nothing. */
const flow: Flow = emptyFlow()

/** Tunnel mode: the packet inside is the packet (RFC 4303 §3.4.4.1 step 5). What is behind it, TFC padding, falls away by its own length. */
export function releaseInner(
  inner: InnerShape,
  counters: SaCounters,
  batch: PacketBatch,
  i: number,
  framing: Framing,
  at: number,
  end: number,
  nextHeader: number,
): DropCode | 0 {
  const { arena } = batch
  if (!readFlow(arena, at, end - at, flow)) return drop['malformed-inner-packet']
  if (nextHeader !== (flow.version === 4 ? ipProtocol.IPV4 : ipProtocol.IPV6)) return drop['malformed-inner-packet']
  // With framing `esp` the outer header is not here to be looked at.
  const lost = framing === 'ip' ? leaveTunnel(arena, at, trafficClass(arena, batch.offset[i] ?? 0), inner.path, counters) : 0
  if (lost !== 0) return lost
  batch.offset[i] = at
  batch.length[i] = flow.end - at
  return 0
}

/**
 * Transport mode: the first `headerLength` octets of `header` from `headerAt` on, which may be the arena itself, go directly before the payload;
 * `namedAt` is where in them the protocol is named (RFC 3948 §3.3).
 */
export function releaseTransport(
  inner: InnerShape,
  batch: PacketBatch,
  i: number,
  header: Uint8Array,
  headerAt: number,
  headerLength: number,
  namedAt: number,
  payload: number,
  payloadEnd: number,
  nextHeader: number,
): DropCode | 0 {
  const { arena } = batch
  const version = (header[headerAt] ?? 0) >>> 4
  const at = payload - headerLength
  if (at < i * batch.slotLength || !fitsLengthField(version, headerLength, payloadEnd - payload)) return drop['packet-too-long']
  if (header === arena) arena.copyWithin(at, headerAt, headerAt + headerLength)
  else arena.set(header, at)
  finishHeader(arena, at, headerLength, payloadEnd, at + namedAt, nextHeader)
  if (!readFlow(arena, at, payloadEnd - at, flow)) return drop['malformed-inner-packet']
  // RFC 4302 §3.3.4, RFC 4303 §3.3.4: only whole packets are protected in transport mode.
  if (flow.fragmentation !== 'whole') return drop.fragment
  if (inner.originalSum !== undefined) repairChecksum(arena, flow, inner.originalSum)
  if (inner.views !== undefined) exchangeQuotedIn(arena, flow, inner.views)
  batch.offset[i] = at
  batch.length[i] = payloadEnd - at
  return 0
}

/** The packet that was released last. RFC 4301 §5.2 step 5: one that is not consistent with the selectors of the SA MUST be discarded. */
export function checkSelectors(inner: InnerShape, arena: Uint8Array): DropCode | 0 {
  const { localSelectors, remoteSelectors, firsts, path } = inner
  if (flow.fragmentation !== 'whole' && isTiny(arena, flow)) return drop['fragment-too-small']
  if (matchesFlow(localSelectors, remoteSelectors, 'in', arena, flow)) {
    if (flow.fragmentation === 'first') firsts?.note(arena, flow)
    return 0
  }
  if (flow.fragmentation === 'first') firsts?.forget(arena, flow)
  // RFC 4301 §7.3: a later fragment has no ports, and goes where the first has gone; where that was not agreed on, it MUST be discarded.
  if (flow.fragmentation === 'later') return firsts?.covers(arena, flow) === true ? 0 : drop['fragment-unmatched']
  // RFC 4301 §6.2: an ICMP error that the selectors leave out goes by the packet that it is about.
  const isAbout = path.icmpErrors === 'by-payload' && readAnswerFlow(arena, flow, answer)
  return isAbout && matchesFlow(localSelectors, remoteSelectors, 'in', arena, answer) ? 0 : drop['selector-mismatch']
}
const answer: Flow = emptyFlow()
