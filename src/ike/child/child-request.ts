// Asking for a Child SA, and reading the answer: the initiator's side. RFC 7296 §1.2, §1.3.1, §1.3.3, §2.9, §2.23.1.
import { putU32, u32 } from '../../bytes/bytes.ts'
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { Fault } from '../../contract/faults.ts'
import type { OriginalAddresses, SaMode } from '../../contract/install.ts'
import type { Refusal } from '../../contract/refusal.ts'
import type { TrafficSelector } from '../../contract/selectors.ts'
import type { ChildSuite, ProposalTemplate } from '../../contract/transforms.ts'
import { type ChildSaId, espSpi, type Spi } from '../../contract/units.ts'
import type { KeyPair } from '../../crypto/provider.ts'
import { notify, notifyName } from '../../iana/notify.ts'
import { protocol } from '../../iana/protocols.ts'
import { transformType } from '../../iana/transforms.ts'
import type { ChildConfig } from '../../policy/connection.ts'
import {
  checkAnswer,
  type ChosenProposal,
  childSuite,
  soleProposal,
  toChildProposals,
  withoutKeyExchange,
} from '../../policy/proposal-choice.ts'
import { sameChildSuite } from '../../policy/same-suite.ts'
import { firstUncovered } from '../../policy/selectors.ts'
import type { Payload, Proposal, SaPayload } from '../../wire/message.ts'
import { firstError, hasNotification, notification } from '../notifications.ts'
import type { SaPath } from '../sa/ike-sa.ts'
import { refusalOfAh, unusableAh, usableProposals } from './ah.ts'
import type { ChildSa } from './child-sa.ts'
import {
  type LaterFragments,
  laterFragmentsOf,
  laterFragmentsPayloads,
  type LaterFragmentsWish,
  laterFragmentsWish,
} from './later-fragments.ts'
import { concreteSelectors, receivedSelectors, substituteAddresses } from './selectors.ts'

/** A Child SA that we want, from the command to its answer. */
export interface ChildRequest {
  /** What the Child SA will be called. */
  readonly id: ChildSaId
  readonly config: ChildConfig
  /** Ours: the peer will send with it. */
  readonly spi: Spi
  /** The packet that asked for it, as narrow as it is (RFC 7296 §2.9). */
  readonly trigger: PacketSelectors | undefined
}
export interface PacketSelectors {
  readonly local: TrafficSelector
  readonly remote: TrafficSelector
}

/** A request in a CREATE_CHILD_SA exchange that is out. */
export interface ChildAttempt {
  readonly offered: OfferedChild
  readonly nonce: Uint8Array
  /** `undefined` where no key exchange is offered. */
  readonly keyExchange: { readonly group: number; readonly keyPair: KeyPair } | undefined
}

export interface OfferedChild {
  readonly mode: SaMode
  readonly templates: readonly ProposalTemplate[]
  readonly proposals: readonly Proposal[]
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
  readonly laterFragments: LaterFragmentsWish
}

/** What we offer in IKE_AUTH is a function of configuration and path: nothing of it is stored while the answer is awaited. */
export const offeredInAuth = (request: ChildRequest, path: SaPath): OfferedChild =>
  offeredOf(request, path, withoutKeyExchange(usableProposals(request.config.proposals, path)))

/** In CREATE_CHILD_SA there may be a key exchange, too (RFC 7296 §1.3.1). */
export const offeredInCreateChildSa = (request: ChildRequest, path: SaPath): OfferedChild =>
  offeredOf(request, path, usableProposals(request.config.proposals, path))

/** AH is all that we could ask for, and it cannot be used on this path: nothing is asked for. */
export function whyNotAsked({ config }: ChildRequest, path: SaPath): ChildFailure | undefined {
  const refusal = usableProposals(config.proposals, path).length === 0 ? refusalOfAh(path) : undefined
  return refusal === undefined ? undefined : { fault: unusableAh, refusal, peer: 'peer-refused' }
}

/** What a Delete for the Child SA of an answer that we cannot use has to name: the protocol that the peer chose, where that is one of ours. */
export function protocolOfAnswer(offered: OfferedChild, payloads: readonly Payload[]): number {
  const sa = payloads.find((payload): payload is SaPayload => payload.kind === 'SA')
  const ours = offered.proposals.map((proposal) => proposal.protocol)
  const answered = sa?.proposals.find((proposal) => ours.includes(proposal.protocol))
  return answered?.protocol ?? ours[0] ?? protocol.ESP
}

/** RFC 7296 §2.8, §2.9.2: the same algorithms and selectors, without those of any packet. */
export function offeredForRekey(request: ChildRequest, path: SaPath, old: ChildSa): OfferedChild {
  const templates = sameChildSuite(request.config.proposals, old.suite, old.keyExchange)
  const allowed = offeredOf({ ...request, trigger: undefined }, path, templates)
  // An address may have changed since: what was agreed on may have been for the old one.
  const still = (agreed: readonly TrafficSelector[], now: readonly TrafficSelector[]) =>
    firstUncovered(agreed, now) === undefined ? agreed : now
  return {
    ...allowed,
    mode: old.mode,
    local: still(old.localSelectors, allowed.local),
    remote: still(old.remoteSelectors, allowed.remote),
  }
}

function offeredOf({ config, trigger, spi }: ChildRequest, path: SaPath, templates: readonly ProposalTemplate[]): OfferedChild {
  const local = concreteSelectors(config.localSelectors, path.local.address)
  const remote = concreteSelectors(config.remoteSelectors, path.remote.address)
  return {
    mode: config.mode,
    templates,
    proposals: toChildProposals(templates, spiOctets(spi)),
    // RFC 7296 §2.9: the packet that asked for the SA is the first selector of each.
    local: trigger === undefined ? local : [trigger.local, ...local],
    remote: trigger === undefined ? remote : [trigger.remote, ...remote],
    laterFragments: laterFragmentsWish(config, ...local, ...remote),
  }
}

/** `[N(USE_TRANSPORT_MODE)], [N(NON_FIRST_FRAGMENTS_ALSO)], SA, [Ni, [KEi]], TSi, TSr` in the order of RFC 7296 appendix C. */
export function childRequestPayloads(offered: OfferedChild, fresh: readonly Payload[]): readonly Payload[] {
  return [
    ...(offered.mode === 'transport' ? [notification(notify.USE_TRANSPORT_MODE)] : []),
    ...laterFragmentsPayloads(offered.laterFragments),
    { kind: 'SA', critical: false, proposals: offered.proposals },
    ...fresh,
    { kind: 'TSi', critical: false, selectors: offered.local },
    { kind: 'TSr', critical: false, selectors: offered.remote },
  ]
}

export interface AcceptedChild {
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
}
export interface ChildFailure {
  readonly fault: Fault
  readonly refusal: Refusal | undefined
  /** `peer-has-it`: the peer believes the Child SA to exist, so it has to be deleted. */
  readonly peer: 'peer-has-it' | 'peer-refused'
}

/** The answer to `childRequestPayloads`. */
export function acceptChild(offered: OfferedChild, path: SaPath, payloads: readonly Payload[]): Result<AcceptedChild, ChildFailure> {
  const sa = payloads.find((payload): payload is SaPayload => payload.kind === 'SA')
  if (sa === undefined) return failed(refusedByPeer(offered, payloads))
  const sole = soleProposal(sa.proposals)
  const chosen = sole.ok ? checkAnswer(sole.value, offered.proposals) : sole
  if (!chosen.ok) return failed({ fault: chosen.fault, refusal: undefined, peer: 'peer-has-it' })
  const outbound = espSpi(u32(chosen.value.spi, 0))
  // RFC 4302 §2.4, RFC 4303 §2.1: SPIs 0 to 255 are reserved.
  if (chosen.value.spi.length !== 4 || outbound < 256)
    return failed(unusable('PEER_SPI_ILLEGAL', 'the SPI of the answer is not a usable SPI'))
  const mode: SaMode = hasNotification(payloads, notify.USE_TRANSPORT_MODE) ? 'transport' : 'tunnel'
  if (mode !== offered.mode) {
    // RFC 7296 §1.3.1: a responder may decline transport mode; if that is unacceptable, the initiator MUST delete the SA.
    return failed({
      fault: {
        family: 'policy',
        code: 'POLICY_MODE_MISMATCH',
        message: `the peer chose ${mode} mode, we want ${offered.mode} mode`,
      },
      refusal: { kind: 'mode', offered: offered.mode, configured: mode },
      peer: 'peer-has-it',
    })
  }
  const local = receivedSelectors(payloads, 'TSi')
  const remote = receivedSelectors(payloads, 'TSr')
  if (local === undefined || remote === undefined) return failed(unusable('PEER_PAYLOAD_MISSING', 'the answer has no traffic selectors'))
  const seen = { local: path.local.address, remote: path.remote.address }
  const substituted =
    mode === 'transport' ? substituteAddresses({ local, remote }, path.nat, seen) : { selectors: { local, remote }, original: undefined }
  if (substituted === undefined) return failed(unusable('PEER_PROPOSAL_ILLEGAL', 'transport mode behind a NAT with more than one address'))
  // RFC 7296 §2.9: the answer must be a subset of what was offered.
  const wider = firstUncovered(substituted.selectors.local, offered.local) ?? firstUncovered(substituted.selectors.remote, offered.remote)
  if (wider !== undefined || local.length === 0 || remote.length === 0) {
    return failed(unusable('PEER_PROPOSAL_ILLEGAL', 'the traffic selectors of the answer are wider than those offered'))
  }
  return ok({
    suite: childSuite(chosen.value),
    keyExchange: keyExchangeOf(chosen.value),
    outbound,
    mode,
    localSelectors: substituted.selectors.local,
    remoteSelectors: substituted.selectors.remote,
    original: substituted.original,
    laterFragments: laterFragmentsOf(offered.laterFragments, payloads),
    // RFC 7296 §1.3.1: in one of the messages only, it forbids one direction only.
    tfcPadding: hasNotification(payloads, notify.ESP_TFC_PADDING_NOT_SUPPORTED) ? 'refused' : 'taken',
    additionalSelectors: hasNotification(payloads, notify.ADDITIONAL_TS_POSSIBLE) ? 'possible' : 'unknown',
  })
}

/** RFC 7296 §3.3.6: NONE is no key exchange. */
export const keyExchangeOf = ({ transforms }: ChosenProposal): number | undefined =>
  transforms.find(({ type }) => type === transformType.KE)?.id

export function spiOctets(spi: Spi): Uint8Array {
  const octets = new Uint8Array(4)
  putU32(octets, 0, spi)
  return octets
}

const unusable = (code: 'PEER_SPI_ILLEGAL' | 'PEER_PAYLOAD_MISSING' | 'PEER_PROPOSAL_ILLEGAL', message: string): ChildFailure => ({
  fault: { family: 'peer', code, message, rfc: 'RFC 7296 §1.3' },
  refusal: undefined,
  peer: 'peer-has-it',
})

/** RFC 7296 §1.2: the Child SA failed, the IKE SA lives. The notification is all that the peer may tell. */
function refusedByPeer(offered: OfferedChild, payloads: readonly Payload[]): ChildFailure {
  const error = firstError(payloads)
  if (error === undefined) {
    return {
      fault: { family: 'peer', code: 'PEER_PAYLOAD_MISSING', message: 'the answer has neither SA nor error', rfc: 'RFC 7296 §1.2' },
      refusal: undefined,
      peer: 'peer-refused',
    }
  }
  return {
    fault: {
      family: 'peer',
      code: 'PEER_REFUSED',
      message: `the peer answered ${notifyName(error.type)} for the Child SA`,
      rfc: 'RFC 7296 §1.2',
    },
    refusal: {
      kind: 'notify',
      type: error.type,
      value: error.value,
      protected: 'protected',
      offered: offered.templates,
      selectors: { local: offered.local, remote: offered.remote },
    },
    peer: 'peer-refused',
  }
}
