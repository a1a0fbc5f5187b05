// The choice among proposals: the responder's, the initiator's check of it, and proposals as they go on the wire.
// RFC 7296 §2.7, §3.3, §3.3.6; RFC 5282 §8.
import { failed, ok, type Result } from '../bytes/result.ts'
import { Bug, type PeerFault } from '../contract/faults.ts'
import type { ProposalComparison, ProposalRefusal } from '../contract/refusal.ts'
import type { ChildSuite, IkeSuite, ProposalTemplate, TransformChoice } from '../contract/transforms.ts'
import { protocol } from '../iana/protocols.ts'
import { transformAttribute } from '../iana/transform-attributes.ts'
import { sequenceNumbers, transformType } from '../iana/transforms.ts'
import type { Proposal, Transform } from '../wire/message.ts'
import {
  type Agreed,
  agreeOn,
  choiceOf,
  legibleChoice,
  mayBeNone,
  none,
  sameChoice,
  splitByCipher,
  typesOf,
  verdictsOn,
} from './proposal-compare.ts'

export interface ChosenProposal {
  /** RFC 7296 §3.3.1: the number of the proposal that was accepted. */
  readonly number: number
  readonly protocol: number
  /** The SPI that the peer sent: 0, 4 or 8 octets, not judged here. */
  readonly spi: Uint8Array
  /** Exactly one of each type agreed on; NONE is left out. */
  readonly transforms: readonly TransformChoice[]
  /** The one proposal of the answer's SA payload. Its SPI is empty: the caller puts in its own. */
  readonly reply: Proposal
}

/**
 * The responder's choice. The order of `configured` comes first, then our order of ciphers, then the group of the peer's KE payload
 * (`preferredKeyExchange`), which saves a round trip where it is as good to us as another of the same template (RFC 7296 §1.2); then
 * the peer's order. A group other than that of the KE payload can be the result: answering INVALID_KE_PAYLOAD is the caller's.
 *
 * A key length must be one that we name: RFC 7296 §3.3.5 would have longer ones accepted, §3.3.4 what is not configured rejected.
 */
export function chooseProposal(
  offered: readonly Proposal[],
  configured: readonly ProposalTemplate[],
  protocolId: number,
  preferredKeyExchange?: number,
): Result<ChosenProposal, ProposalRefusal> {
  return choose(
    offered,
    configured.filter((template) => template.protocol === protocolId),
    protocolId,
    preferredKeyExchange,
  )
}

/** The same for a Child SA: the order of `configured` also decides between ESP and AH (RFC 7296 §3.3). */
export function chooseChildProposal(
  offered: readonly Proposal[],
  configured: readonly ProposalTemplate[],
  preferredKeyExchange?: number,
): Result<ChosenProposal, ProposalRefusal> {
  const usable = configured.filter(isForChild)
  return choose(offered, usable, usable[0]?.protocol ?? protocol.ESP, preferredKeyExchange)
}

/** `protocolId` is what a refusal is said to be about. */
function choose(
  offered: readonly Proposal[],
  usable: readonly ProposalTemplate[],
  protocolId: number,
  preferredKeyExchange: number | undefined,
): Result<ChosenProposal, ProposalRefusal> {
  for (const template of usable) {
    let best: Candidate | undefined
    for (const half of splitByCipher(template)) {
      for (const proposal of offered) {
        const agreed = proposal.protocol === half.protocol ? agreeOn(proposal, half, preferredKeyExchange) : undefined
        if (agreed === undefined) continue
        const candidate = { proposal, agreed, rank: rankOf(agreed, template, preferredKeyExchange) }
        if (best === undefined || candidate.rank < best.rank) best = candidate
      }
    }
    if (best !== undefined) return ok(chosen(best.proposal, best.agreed))
  }
  return failed({ kind: 'proposal', protocol: protocolId, comparisons: comparisonsOf(usable, offered) })
}

/** Of ESP with AH there is nothing to compare: it is told only where that is all there is to tell. */
function comparisonsOf(usable: readonly ProposalTemplate[], offered: readonly Proposal[]): readonly ProposalComparison[] {
  const all = usable.flatMap((template) => comparisonsWith(template, offered))
  const alike = all.filter((comparison) => comparison.offered.protocol === comparison.configured.protocol)
  return alike.length > 0 ? alike : all
}

/** Of all that was offered with all of a template, where nothing came of it. */
function comparisonsWith(template: ProposalTemplate, offered: readonly Proposal[]): readonly ProposalComparison[] {
  return splitByCipher(template).flatMap((half) =>
    offered.map((proposal) => ({
      offered: templateOf(proposal),
      offeredNumber: proposal.number,
      configured: half,
      // RFC 7296 §2.7: a proposal for another protocol is none for this one.
      verdicts: proposal.protocol === half.protocol ? verdictsOn(proposal, half) : [],
    })),
  )
}

/** RFC 7296 §2.7: a responder accepts a single proposal. */
export function soleProposal(answers: readonly Proposal[]): Result<Proposal, PeerFault> {
  const [answer, ...more] = answers
  if (answer === undefined || more.length > 0) return illegal(`the answer has ${answers.length} proposals instead of one`)
  return ok(answer)
}

/** The initiator's check. RFC 7296 §3.3.6: it MUST check that the accepted offer is consistent with one of its proposals. */
export function checkAnswer(answer: Proposal, offered: readonly Proposal[]): Result<ChosenProposal, PeerFault> {
  // RFC 7296 §3.3.1: the proposal number in the response MUST match the number on the proposal that was accepted.
  const offer = offered.find((proposal) => proposal.number === answer.number)
  if (offer === undefined) return illegal(`the answer is to proposal ${answer.number}, which was not offered`)
  // RFC 7296 §2.7: the SA response MUST contain the same protocol.
  if (offer.protocol !== answer.protocol) {
    return illegal(`the answer is for protocol ${answer.protocol}, proposal ${offer.number} was for ${offer.protocol}`)
  }
  const agreed: Agreed[] = []
  for (const type of typesOf(offer, answer)) {
    const transform = answeredTransform(answer, offer, type)
    if (!transform.ok) return transform
    agreed.push(transform.value)
  }
  return ok(chosen(answer, agreed))
}

/**
 * Proposals for the SA payload, numbered from 1, in order of preference. A template with both kinds of cipher becomes two
 * proposals (RFC 7296 §3.3): the combined-mode ciphers without an integrity algorithm, the others with.
 * `spi`: empty for the first IKE SA, 8 octets when an IKE SA is rekeyed, 4 for ESP and AH (RFC 7296 §3.3.1).
 */
export function toWireProposals(templates: readonly ProposalTemplate[], protocolId: number, spi: Uint8Array): Proposal[] {
  return numbered(
    templates.filter((template) => template.protocol === protocolId),
    spi,
  )
}

/** The same for a Child SA: proposals for ESP and for AH stand side by side, as alternatives (RFC 7296 §3.3), with one SPI of ours. */
export const toChildProposals = (templates: readonly ProposalTemplate[], spi: Uint8Array): Proposal[] =>
  numbered(templates.filter(isForChild), spi)

function numbered(templates: readonly ProposalTemplate[], spi: Uint8Array): Proposal[] {
  return templates.flatMap(splitByCipher).map((half, i) => ({
    number: i + 1,
    protocol: half.protocol,
    spi,
    transforms: [...half.transforms].sort((a, b) => a.type - b.type).map(toWireTransform),
  }))
}

const isForChild = (template: ProposalTemplate): boolean => template.protocol === protocol.ESP || template.protocol === protocol.AH

/** RFC 7296 §1.2: SA payloads in IKE_AUTH cannot contain Transform Type 4, and SHOULD omit it rather than say NONE. */
export function withoutKeyExchange(templates: readonly ProposalTemplate[]): readonly ProposalTemplate[] {
  return templates.map((template) => ({
    protocol: template.protocol,
    transforms: template.transforms.filter((t) => t.type !== transformType.KE),
  }))
}

/** The group for the first KE payload: the one that we like best (RFC 7296 §3.3.6). */
export function firstKeyExchange(templates: readonly ProposalTemplate[]): number | undefined {
  return templates.flatMap((template) => template.transforms).find((t) => t.type === transformType.KE && t.id !== none)?.id
}

/** Of a proposal that `chooseProposal` or `checkAnswer` gave for IKE. */
export function ikeSuite(proposal: ChosenProposal): IkeSuite {
  const of = (type: number): TransformChoice | undefined => proposal.transforms.find((t) => t.type === type)
  const encryption = of(transformType.ENCR)
  const prf = of(transformType.PRF)
  const keyExchange = of(transformType.KE)
  if (encryption === undefined || prf === undefined || keyExchange === undefined)
    throw new Bug('an IKE proposal was chosen without a suite')
  return { encryption, prf, integrity: of(transformType.INTEG), keyExchange }
}

/** Of a proposal that `chooseProposal` or `checkAnswer` gave for ESP or AH. */
export function childSuite(proposal: ChosenProposal): ChildSuite {
  const of = (type: number): TransformChoice | undefined => proposal.transforms.find((t) => t.type === type)
  const sequence = of(transformType.ESN)
  if (sequence === undefined) throw new Bug('a Child SA proposal was chosen without sequence numbers')
  return {
    protocol: proposal.protocol,
    encryption: of(transformType.ENCR),
    integrity: of(transformType.INTEG),
    extendedSequence: sequence.id === sequenceNumbers.ESN ? 'esn' : 'no-esn',
  }
}

interface Candidate {
  readonly proposal: Proposal
  readonly agreed: readonly Agreed[]
  readonly rank: number
}

/** Less is better: the place of the cipher in our template, then whether the peer's KE payload can be used. */
function rankOf(agreed: readonly Agreed[], template: ProposalTemplate, preferredKeyExchange: number | undefined): number {
  const cipher = agreed.find(({ choice }) => choice.type === transformType.ENCR)?.choice
  const place = cipher === undefined ? 0 : template.transforms.findIndex((t) => sameChoice(t, cipher))
  const group = agreed.find(({ choice }) => choice.type === transformType.KE)?.choice.id
  return 2 * place + (group === preferredKeyExchange ? 0 : 1)
}

/** RFC 7296 §3.3.6: attributes of a selected transform MUST be returned unmodified. */
function chosen(proposal: Proposal, agreed: readonly Agreed[]): ChosenProposal {
  const transforms = agreed.map(({ choice }) => choice).filter((c) => !(isNone(c) && mayBeNone(proposal.protocol, c.type)))
  const wire = agreed.flatMap((common) => (common.wire === undefined ? [] : [withoutReserved(common.wire)]))
  return {
    number: proposal.number,
    protocol: proposal.protocol,
    spi: proposal.spi,
    transforms,
    reply: { number: proposal.number, protocol: proposal.protocol, spi: new Uint8Array(0), transforms: wire },
  }
}

/** The one transform of a type that the peer chose, when it is one that we offered. */
function answeredTransform(answer: Proposal, offer: Proposal, type: number): Result<Agreed, PeerFault> {
  const [wire, ...more] = answer.transforms.filter((t) => t.type === type)
  // RFC 7296 §2.7: the accepted suite MUST contain exactly one transform of each type included in the proposal.
  if (more.length > 0) return illegal(`the answer has ${more.length + 1} transforms of type ${type} instead of one`)
  const choice = wire === undefined ? { type, id: none, keyLength: undefined } : choiceOf(wire)
  if (choice === undefined) return illegal(`the answer changed the attributes of transform ${wire?.id} of type ${type}`)
  const offers = offer.transforms.filter((t) => t.type === type).map(choiceOf)
  // A type that may be NONE may be left out to say so (RFC 7296 §3.3.3), whichever of the two the other side wrote.
  const mayBeAbsent = mayBeNone(offer.protocol, type)
  if (offers.length === 0 && mayBeAbsent && isNone(choice)) return ok({ choice, wire })
  const offered = offers.some((offered) => offered !== undefined && sameChoice(offered, choice))
  if (wire === undefined && !(mayBeAbsent && offered)) return illegal(`the answer has no transform of type ${type}`)
  if (offered) return ok({ choice, wire })
  const length = choice.keyLength === undefined ? '' : ` with a key of ${choice.keyLength} bits`
  return illegal(`the answer has transform ${choice.id}${length} of type ${type}, which proposal ${offer.number} did not offer`)
}

function toWireTransform({ type, id, keyLength }: TransformChoice): Transform {
  return { type, id, attributes: keyLength === undefined ? [] : [{ type: transformAttribute.KEY_LENGTH, value: keyLength }] }
}

/** RFC 7296 §3.3.2: RESERVED MUST be sent as zero, also in an answer. */
function withoutReserved({ type, id, attributes }: Transform): Transform {
  return { type, id, attributes }
}

function templateOf(proposal: Proposal): ProposalTemplate {
  return { protocol: proposal.protocol, transforms: proposal.transforms.map(legibleChoice) }
}

const isNone = (choice: TransformChoice): boolean => choice.id === none

const illegal = (message: string): { readonly ok: false; readonly fault: PeerFault } =>
  failed({ family: 'peer', code: 'PEER_PROPOSAL_ILLEGAL', message, rfc: 'RFC 7296 §3.3.6' })
