// What an offered proposal and a configured one have in common, transform type by transform type.
// RFC 7296 §3.3, §3.3.2, §3.3.3, §3.3.6; RFC 5282 §8; RFC 8221 §6.
import type { TransformVerdict } from '../contract/refusal.ts'
import type { ProposalTemplate, TransformChoice } from '../contract/transforms.ts'
import { protocol } from '../iana/protocols.ts'
import { transformAttribute } from '../iana/transform-attributes.ts'
import { integrity, transformType } from '../iana/transforms.ts'
import type { Proposal, Transform } from '../wire/message.ts'
import { isAead, isClassicCipher } from './algorithms.ts'

/** A transform that both sides have: as a choice, and as the peer wrote it, where it wrote it. */
export interface Agreed {
  readonly choice: TransformChoice
  /** `undefined`: the peer left the type out, which is NONE (RFC 7296 §3.3.3). */
  readonly wire: Transform | undefined
}

/**
 * One per transform type, NONE included; `undefined` when some type does not agree. `configured` must be a half that `splitByCipher`
 * made: types are independent of each other then. `preferredKeyExchange` goes before our own order of Transform Type 4.
 */
export function agreeOn(
  offered: Proposal,
  configured: ProposalTemplate,
  preferredKeyExchange: number | undefined,
): readonly Agreed[] | undefined {
  const agreed: Agreed[] = []
  for (const type of typesOf(offered, configured)) {
    const common = firstInCommon(offered, configured, type, preferredKeyExchange)
    if (common === undefined) return undefined
    agreed.push(common)
  }
  return agreed
}

/** Type by type, for who has to be told why there is no agreement: as types are independent, that is all there is to say. */
export function verdictsOn(offered: Proposal, configured: ProposalTemplate): readonly TransformVerdict[] {
  return typesOf(offered, configured).map((type) => ({
    transformType: type,
    verdict: firstInCommon(offered, configured, type, undefined) === undefined ? disagreement(offered, configured, type) : 'agree',
    offered: offered.transforms.filter((t) => t.type === type).map(legibleChoice),
    configured: configured.transforms.filter((t) => t.type === type),
  }))
}

/**
 * Combined-mode ciphers apart from those that need an integrity algorithm, the half with the more preferred cipher first; the
 * former without integrity (RFC 7296 §3.3, RFC 5282 §8), the latter never without (RFC 8221 §6). A half that could protect nothing is left out.
 */
export function splitByCipher(template: ProposalTemplate): readonly ProposalTemplate[] {
  const { transforms } = template
  const those = (belongs: (t: TransformChoice) => boolean): ProposalTemplate => ({
    protocol: template.protocol,
    transforms: transforms.filter((t) => belongs(t) && !isNoIntegrity(t)),
  })
  if (template.protocol === protocol.AH) return [those((t) => t.type !== transformType.ENCR)]
  const halves: ProposalTemplate[] = []
  if (transforms.some(isAead)) halves.push(those((t) => t.type !== transformType.INTEG && !isClassicCipher(t)))
  if (transforms.some(isClassicCipher) && transforms.some((t) => t.type === transformType.INTEG && !isNoIntegrity(t))) {
    halves.push(those((t) => !isAead(t)))
  }
  const first = transforms.find((t) => t.type === transformType.ENCR)
  return first !== undefined && isClassicCipher(first) ? halves.toReversed() : halves
}

const isNoIntegrity = (t: TransformChoice): boolean => t.type === transformType.INTEG && t.id === none

/** NONE of Transform Types 3 and 4 is the same number. */
export const none: number = integrity.NONE

/** `undefined` when an attribute is none that we understand (RFC 7296 §3.3.6). */
export function choiceOf(transform: Transform): TransformChoice | undefined {
  const [attribute, ...more] = transform.attributes
  if (attribute === undefined) return { type: transform.type, id: transform.id, keyLength: undefined }
  // RFC 7296 §3.3.2: "A transform MUST NOT have multiple attributes of the same type"; Key Length is the only type we understand.
  if (more.length > 0 || attribute.type !== transformAttribute.KEY_LENGTH || typeof attribute.value !== 'number') return undefined
  return { type: transform.type, id: transform.id, keyLength: attribute.value }
}

/** As good as can be told of a transform that may not be understood; for refusals only. */
export function legibleChoice(transform: Transform): TransformChoice {
  const keyLength = transform.attributes.find((a) => a.type === transformAttribute.KEY_LENGTH)?.value
  return { type: transform.type, id: transform.id, keyLength: typeof keyLength === 'number' ? keyLength : undefined }
}

export function sameChoice(a: TransformChoice, b: TransformChoice): boolean {
  return a.type === b.type && a.id === b.id && a.keyLength === b.keyLength
}

/** In any order. */
export const sameTransforms = (a: readonly TransformChoice[], b: readonly TransformChoice[]): boolean =>
  a.length === b.length && a.every((choice) => b.some((other) => sameChoice(choice, other)))

/** RFC 7296 §3.3.3: types of which NONE may be left out. */
export function mayBeNone(protocolId: number, type: number): boolean {
  if (type === transformType.INTEG) return protocolId !== protocol.AH
  return type === transformType.KE && protocolId !== protocol.IKE
}

/** RFC 7296 §3.3.3, RFC 5282 §8: what a proposal for this protocol cannot do without. */
export function mandatoryTypes(protocolId: number): readonly number[] {
  const { ENCR, PRF, INTEG, KE, ESN } = transformType
  if (protocolId === protocol.IKE) return [ENCR, PRF, KE]
  if (protocolId === protocol.ESP) return [ENCR, ESN]
  return protocolId === protocol.AH ? [INTEG, ESN] : []
}

/** Of what one side offers and the other has or answers, and those that there have to be: each once, in order. */
export function typesOf(offered: Proposal, other: Proposal | ProposalTemplate): readonly number[] {
  const types: number[] = [...mandatoryTypes(offered.protocol)]
  for (const { type } of offered.transforms) if (!types.includes(type)) types.push(type)
  for (const { type } of other.transforms) if (!types.includes(type)) types.push(type)
  return types.sort((a, b) => a - b)
}

function firstInCommon(offered: Proposal, configured: ProposalTemplate, type: number, preferred: number | undefined): Agreed | undefined {
  const theirs = offersOf(offered, type)
  const ours = [...withNone(configured, type)]
  if (type === transformType.KE) ours.sort((a, b) => Number(b.id === preferred) - Number(a.id === preferred))
  for (const choice of ours) {
    const match = theirs.find((offer) => sameChoice(offer.choice, choice))
    if (match !== undefined) return match
  }
  return undefined
}

/** Those that we understand. A transform that we do not is unacceptable, others of its type are not (RFC 7296 §3.3.6). */
function offersOf(offered: Proposal, type: number): readonly Agreed[] {
  const ofType = offered.transforms.filter((t) => t.type === type)
  if (ofType.length === 0 && mayBeNone(offered.protocol, type)) return [{ choice: noneOf(type), wire: undefined }]
  return ofType.flatMap((wire) => {
    const choice = choiceOf(wire)
    return choice === undefined || isIllegalNone(offered.protocol, choice) ? [] : [{ choice, wire }]
  })
}

function withNone(configured: ProposalTemplate, type: number): readonly TransformChoice[] {
  const ofType = configured.transforms.filter((t) => t.type === type)
  return ofType.length === 0 && mayBeNone(configured.protocol, type) ? [noneOf(type)] : ofType
}

function disagreement(offered: Proposal, configured: ProposalTemplate, type: number): 'differ' | 'not-offered' | 'not-configured' {
  if (!configured.transforms.some((t) => t.type === type)) return 'not-configured'
  return offered.transforms.some((t) => t.type === type) ? 'differ' : 'not-offered'
}

/** NONE where there has to be something: RFC 7296 §3.3.3. */
function isIllegalNone(protocolId: number, { type, id }: TransformChoice): boolean {
  return id === none && (type === transformType.INTEG || type === transformType.KE) && !mayBeNone(protocolId, type)
}

const noneOf = (type: number): TransformChoice => ({ type, id: none, keyLength: undefined })
