// Answering a request for a Child SA: the responder's side. RFC 7296 §1.2, §1.3.1, §2.9, §2.23.1.
import { u32 } from '../../bytes/bytes.ts'
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { Fault } from '../../contract/faults.ts'
import type { OriginalAddresses, SaMode } from '../../contract/install.ts'
import type { Refusal, SelectorRefusal } from '../../contract/refusal.ts'
import type { TrafficSelector } from '../../contract/selectors.ts'
import type { ChildSuite, ProposalTemplate } from '../../contract/transforms.ts'
import { espSpi, type Spi } from '../../contract/units.ts'
import { notify } from '../../iana/notify.ts'
import type { ChildConfig, Connection } from '../../policy/connection.ts'
import type { Address } from '../../net/address.ts'
import { chooseChildProposal, type ChosenProposal, childSuite, withoutKeyExchange } from '../../policy/proposal-choice.ts'
import { firstUncovered, narrow } from '../../policy/selectors.ts'
import type { PacketSelector } from '../../policy/spd.ts'
import type { Payload, Proposal, SaPayload } from '../../wire/message.ts'
import { hasNotification, notification } from '../notifications.ts'
import { type Context, emit } from '../context.ts'
import type { IkeSa, SaPath } from '../sa/ike-sa.ts'
import { refusalOfAh, unusableAh, usableProposals } from './ah.ts'
import { keyExchangeOf, spiOctets } from './child-request.ts'
import type { ChildSa } from './child-sa.ts'
import { placeFor } from './overlaps.ts'
import { type LaterFragments, laterFragmentsOf, laterFragmentsPayloads, laterFragmentsWish } from './later-fragments.ts'
import { populateFromOffer } from './populate-answer.ts'
import { isUnprotected } from './unprotected-offer.ts'
import { concreteSelectors, receivedSelectors, substituteAddresses, type SelectorPair } from './selectors.ts'

export interface GrantedChild extends ChosenChild {
  /** What our plain side knows the peer by (RFC 3948 §5.2). */
  readonly mapped: Address | undefined
}
interface ChosenChild {
  readonly config: ChildConfig
  readonly suite: ChildSuite
  /** The group of a key exchange of its own; `undefined` where there is none. */
  readonly keyExchange: number | undefined
  readonly outbound: Spi
  readonly mode: SaMode
  readonly localSelectors: readonly TrafficSelector[]
  readonly remoteSelectors: readonly TrafficSelector[]
  readonly original: OriginalAddresses | undefined
  readonly laterFragments: LaterFragments
  /** Whether the peer takes TFC padding (RFC 7296 §1.3.1). */
  readonly tfcPadding: 'taken' | 'refused'
  readonly additionalSelectors: 'possible' | 'unknown'
  readonly reply: Proposal
}
export interface ChildDenial {
  /** The error notification to answer with. */
  readonly notify: number
  readonly fault: Fault
  readonly refusal: Refusal | undefined
}

/** What a request comes in, and what it may bring with it. */
export type Asking =
  /** RFC 7296 §1.2: no key exchange. */
  | { readonly kind: 'ike-auth' }
  /** `keyExchange`: the group of its KE payload; `undefined` when it has none. */
  | { readonly kind: 'create-child-sa'; readonly keyExchange: number | undefined }
  /** What it replaces says which child of ours it is, and what must not be lost (RFC 7296 §2.9.2). */
  | { readonly kind: 'rekey'; readonly keyExchange: number | undefined; readonly old: ChildSa }

/** Tries the connection's children in their order; the denial tells of the one that came furthest. */
export function grantChild(
  context: Context,
  sa: IkeSa,
  connection: Connection,
  payloads: readonly Payload[],
  asking: Asking,
): Result<GrantedChild, ChildDenial> {
  const offer = payloads.find((payload): payload is SaPayload => payload.kind === 'SA')
  if (offer?.proposals.some(isUnprotected) === true) {
    const { local, remote } = sa.path
    emit(context, { name: 'unprotected-offer', ikeSa: sa.id, local, remote })
  }
  const granted = chooseChild(context, connection, sa.path, payloads, asking)
  if (!granted.ok) return granted
  // What is rekeyed keeps its place.
  if (asking.kind === 'rekey') return ok({ ...granted.value, mapped: asking.old.mapped })
  const { localSelectors: local, remoteSelectors: remote } = granted.value
  const place = placeFor(context, sa, connection, { local, remote })
  return place.ok ? ok({ ...granted.value, mapped: place.value }) : place
}

function chooseChild(
  { population }: Context,
  connection: Connection,
  path: SaPath,
  payloads: readonly Payload[],
  asking: Asking,
): Result<ChosenChild, ChildDenial> {
  const sa = payloads.find((payload): payload is SaPayload => payload.kind === 'SA')
  const remote = receivedSelectors(payloads, 'TSi')
  const local = receivedSelectors(payloads, 'TSr')
  if (sa === undefined || remote === undefined || local === undefined) return failed(incomplete)
  let denial: ChildDenial | undefined
  let reached = -1
  const candidates = asking.kind === 'rekey' ? [asking.old.config] : connection.children
  const tryOne = (config: ChildConfig) =>
    grantOne(config, path, payloads, sa, { local, remote }, asking, (offered, configured) =>
      // What is rekeyed has its values already, and the request has no packet (RFC 7296 §2.9.2).
      asking.kind === 'rekey' ? ok(config) : populateFromOffer(population, connection.name, config, offered, configured),
    )
  for (const config of candidates) {
    const attempt = tryOne(config)
    if (attempt.ok) {
      const others = candidates.filter((other) => other !== config)
      const more = others.some((other) => wouldAddTo(attempt.value, tryOne(other)))
      return ok(more ? { ...attempt.value, additionalSelectors: 'possible' } : attempt.value)
    }
    if (attempt.fault.reached > reached) {
      reached = attempt.fault.reached
      denial = attempt.fault.denial
    }
  }
  return failed(denial ?? incomplete)
}

/** `[N(USE_TRANSPORT_MODE)], [N(NON_FIRST_FRAGMENTS_ALSO)], SA, [Nr, [KEr]], TSi, TSr, [N(ADDITIONAL_TS_POSSIBLE)]` in the order of RFC 7296 appendix C. */
export function grantPayloads(granted: GrantedChild, inbound: Spi, fresh: readonly Payload[]): readonly Payload[] {
  return [
    ...(granted.mode === 'transport' ? [notification(notify.USE_TRANSPORT_MODE)] : []),
    ...laterFragmentsPayloads(granted.laterFragments),
    { kind: 'SA', critical: false, proposals: [{ ...granted.reply, spi: spiOctets(inbound) }] },
    ...fresh,
    { kind: 'TSi', critical: false, selectors: granted.remoteSelectors },
    { kind: 'TSr', critical: false, selectors: granted.localSelectors },
    ...(granted.additionalSelectors === 'possible' ? [notification(notify.ADDITIONAL_TS_POSSIBLE)] : []),
  ]
}

/** RFC 7296 §2.9: other selectors of the offer would have been acceptable, though only in a separate SA. */
function wouldAddTo(granted: ChosenChild, other: Result<ChosenChild, Attempt>): boolean {
  if (!other.ok) return false
  const { localSelectors, remoteSelectors } = other.value
  return (
    firstUncovered(localSelectors, granted.localSelectors) !== undefined ||
    firstUncovered(remoteSelectors, granted.remoteSelectors) !== undefined
  )
}

const isLess = (narrowed: readonly TrafficSelector[], before: readonly TrafficSelector[]): boolean =>
  narrowed !== before && firstUncovered(before, narrowed) !== undefined

interface Attempt {
  /** How far it came: the furthest denial says most. */
  readonly reached: number
  readonly denial: ChildDenial
}

function grantOne(
  config: ChildConfig,
  path: SaPath,
  payloads: readonly Payload[],
  sa: SaPayload,
  received: SelectorPair,
  asking: Asking,
  populate: (offered: SelectorPair, configured: SelectorPair) => Result<ChildConfig, PacketSelector>,
): Result<ChosenChild, Attempt> {
  const asked: SaMode = hasNotification(payloads, notify.USE_TRANSPORT_MODE) ? 'transport' : 'tunnel'
  // RFC 7296 §1.3.1: transport mode may be declined, and tunnel mode results; tunnel mode that is not ours is no proposal for us.
  if (config.mode === 'transport' && asked === 'tunnel') return failed({ reached: 0, denial: wrongMode(asked, config.mode) })
  const mode = config.mode
  const seen = { local: path.local.address, remote: path.remote.address }
  const substituted = mode === 'transport' ? substituteAddresses(received, path.nat, seen) : { selectors: received, original: undefined }
  if (substituted === undefined) return failed({ reached: 1, denial: manyAddresses })
  const offered = substituted.selectors
  const configured = {
    local: concreteSelectors(config.localSelectors, seen.local),
    remote: concreteSelectors(config.remoteSelectors, seen.remote),
  }
  const remoteAsConfigured = narrow(offered.remote, configured.remote, 'TSi')
  if (!remoteAsConfigured.ok) return failed({ reached: 2, denial: unacceptable(explained(remoteAsConfigured.fault, offered, configured)) })
  const localAsConfigured = narrow(offered.local, configured.local, 'TSr')
  if (!localAsConfigured.ok) return failed({ reached: 3, denial: unacceptable(explained(localAsConfigured.fault, offered, configured)) })
  const populated = populate(offered, configured)
  if (!populated.ok) return failed({ reached: 3, denial: several(populated.fault, offered, configured) })
  const own = populated.value
  const [remote, local] =
    own === config
      ? [remoteAsConfigured, localAsConfigured]
      : [
          narrow(offered.remote, concreteSelectors(own.remoteSelectors, seen.remote), 'TSi'),
          narrow(offered.local, concreteSelectors(own.localSelectors, seen.local), 'TSr'),
        ]
  if (!remote.ok) return failed({ reached: 3, denial: unacceptable(remote.fault) })
  if (!local.ok) return failed({ reached: 3, denial: unacceptable(local.fault) })
  // RFC 7296 §2.9.2: the responder MUST NOT narrow to less than what is in use, as far as that is still ours to grant.
  if (asking.kind === 'rekey') {
    const lost = lostByRekey(asking.old, configured, { local: local.value, remote: remote.value })
    if (lost !== undefined)
      return failed({ reached: 3, denial: narrower({ ...lost, offered: lost.side === 'TSi' ? offered.remote : offered.local }) })
  }
  const chosen = chooseOn(path, sa.proposals, config.proposals, asking)
  if (!chosen.ok) return failed({ reached: 4, denial: chosen.fault })
  const outbound = espSpi(u32(chosen.value.spi, 0))
  // RFC 4302 §2.4, RFC 4303 §2.1: SPIs 0 to 255 are reserved.
  if (chosen.value.spi.length !== 4 || outbound < 256) return failed({ reached: 5, denial: noProposal(undefined) })
  return ok({
    config: own,
    suite: childSuite(chosen.value),
    // RFC 7296 §3.3.6: with NONE the peer's KE is ignored, and ours left out.
    keyExchange: keyExchangeOf(chosen.value),
    outbound,
    mode,
    localSelectors: local.value,
    remoteSelectors: remote.value,
    original: substituted.original,
    laterFragments: laterFragmentsOf(laterFragmentsWish(config, ...local.value, ...remote.value), payloads),
    // RFC 7296 §1.3.1: in one of the messages only, it forbids one direction only.
    tfcPadding: hasNotification(payloads, notify.ESP_TFC_PADDING_NOT_SUPPORTED) ? 'refused' : 'taken',
    // RFC 7296 §2.9: the other values would be acceptable, each in an SA of its own.
    additionalSelectors:
      isLess(remote.value, remoteAsConfigured.value) || isLess(local.value, localAsConfigured.value) ? 'possible' : 'unknown',
    reply: chosen.value.reply,
  })
}

/** One that can be used on this path; where it is the path that stands in the way, the denial says so. */
function chooseOn(
  path: SaPath,
  offered: readonly Proposal[],
  proposals: readonly ProposalTemplate[],
  asking: Asking,
): Result<ChosenProposal, ChildDenial> {
  const configured = asking.kind === 'ike-auth' ? withoutKeyExchange(proposals) : proposals
  const keyExchange = asking.kind === 'ike-auth' ? undefined : asking.keyExchange
  const chosen = chooseChildProposal(offered, usableProposals(configured, path), keyExchange)
  if (chosen.ok) return chosen
  const anywhere = chooseChildProposal(offered, configured, keyExchange)
  const obstacle = refusalOfAh(path)
  if (anywhere.ok && obstacle !== undefined) return failed({ notify: notify.NO_PROPOSAL_CHOSEN, fault: unusableAh, refusal: obstacle })
  return failed(noProposal(anywhere.ok ? undefined : anywhere.fault))
}

/** The side of which something that is in use, and still configured, would be missing. */
function lostByRekey(old: ChildSa, configured: SelectorPair, granted: SelectorPair): Omit<SelectorRefusal, 'offered'> | undefined {
  const sides = [
    { side: 'TSi', inUse: old.remoteSelectors, configured: configured.remote, granted: granted.remote },
    { side: 'TSr', inUse: old.localSelectors, configured: configured.local, granted: granted.local },
  ] as const
  for (const { side, inUse, configured: allowed, granted: kept } of sides) {
    if (firstUncovered(inUse, kept) === undefined) continue
    const needed = narrow(inUse, allowed, side)
    if (needed.ok && firstUncovered(needed.value, kept) !== undefined)
      return { kind: 'selectors', side, configured: needed.value, reason: 'narrower' }
  }
  return undefined
}

/** A frequent slip: both sides have the same file, and neither has exchanged local and remote. */
function explained(refusal: SelectorRefusal, offered: SelectorPair, configured: SelectorPair): SelectorRefusal {
  const swapped = narrow(offered.remote, configured.local, 'TSi').ok && narrow(offered.local, configured.remote, 'TSr').ok
  return swapped ? { ...refusal, reason: 'swapped' } : refusal
}

const incomplete: ChildDenial = {
  notify: notify.NO_PROPOSAL_CHOSEN,
  fault: { family: 'peer', code: 'PEER_PAYLOAD_MISSING', message: 'a Child SA needs SA, TSi and TSr', rfc: 'RFC 7296 §1.2' },
  refusal: undefined,
}

const manyAddresses: ChildDenial = {
  notify: notify.TS_UNACCEPTABLE,
  fault: {
    family: 'peer',
    code: 'PEER_PROPOSAL_ILLEGAL',
    message: 'transport mode behind a NAT needs exactly one address in TSi and in TSr',
    rfc: 'RFC 7296 §2.23.1',
  },
  refusal: undefined,
}

/** RFC 7296 §3.10.1: NO_PROPOSAL_CHOSEN also covers a USE_TRANSPORT_MODE, or its absence, that is not acceptable. */
const wrongMode = (offered: SaMode, configured: SaMode): ChildDenial => ({
  notify: notify.NO_PROPOSAL_CHOSEN,
  fault: { family: 'policy', code: 'POLICY_MODE_MISMATCH', message: `the peer wants ${offered} mode, we have ${configured} mode` },
  refusal: { kind: 'mode', offered, configured },
})

const unacceptable = (refusal: Refusal): ChildDenial => ({
  notify: notify.TS_UNACCEPTABLE,
  fault: { family: 'policy', code: 'POLICY_TRAFFIC_SELECTORS_UNACCEPTABLE', message: 'no part of the traffic selectors is ours' },
  refusal,
})

/** RFC 7296 §2.9: policy wants an SA for each value, and there is no telling which. */
const several = (flag: PacketSelector, offered: SelectorPair, configured: SelectorPair): ChildDenial => {
  const side = flag.startsWith('local') ? 'local' : 'remote'
  return {
    notify: notify.SINGLE_PAIR_REQUIRED,
    fault: {
      family: 'policy',
      code: 'POLICY_TRAFFIC_SELECTORS_UNACCEPTABLE',
      message: `policy has an SA for each ${flag.replace('-', ' ')} (PFP), and the first traffic selectors name several`,
    },
    refusal: {
      kind: 'selectors',
      side: side === 'local' ? 'TSr' : 'TSi',
      offered: offered[side],
      configured: configured[side],
      reason: 'several',
    },
  }
}

const narrower = (refusal: Refusal): ChildDenial => ({
  notify: notify.TS_UNACCEPTABLE,
  fault: {
    family: 'peer',
    code: 'PEER_PROPOSAL_ILLEGAL',
    message: 'the peer would rekey the Child SA to less traffic than it carries',
    rfc: 'RFC 7296 §2.9.2',
  },
  refusal,
})

const noProposal = (refusal: Refusal | undefined): ChildDenial => ({
  notify: notify.NO_PROPOSAL_CHOSEN,
  fault: { family: 'policy', code: 'POLICY_NO_PROPOSAL_CHOSEN', message: 'no proposal for the Child SA is acceptable' },
  refusal,
})
