// What to offer when an SA is rekeyed: the algorithms that were agreed on, and any group for the new key exchange. RFC 7296 §2.8.
import type { ChildSuite, IkeSuite, ProposalTemplate, TransformChoice } from '../contract/transforms.ts'
import { protocol } from '../iana/protocols.ts'
import { sequenceNumbers, transformType } from '../iana/transforms.ts'
import { sameChoice } from './proposal-compare.ts'

/** RFC 7296 §2.8: the new Child SA SHOULD NOT have other algorithms. `keyExchange`, that of the old one, is offered first where it may be. */
export function sameChildSuite(
  configured: readonly ProposalTemplate[],
  suite: ChildSuite,
  keyExchange: number | undefined,
): readonly ProposalTemplate[] {
  const { encryption, integrity, extendedSequence } = suite
  const sequence = { type: transformType.ESN, id: sequenceNumbers[extendedSequence === 'esn' ? 'ESN' : 'NO_ESN'], keyLength: undefined }
  return withAgreed(configured, suite.protocol, present([encryption, integrity, sequence]), keyExchange)
}

/** RFC 7296 §2.18: the new IKE SA is equivalent. */
export function sameIkeSuite(configured: readonly ProposalTemplate[], suite: IkeSuite): readonly ProposalTemplate[] {
  const { encryption, prf, integrity, keyExchange } = suite
  return withAgreed(configured, protocol.IKE, present([encryption, prf, integrity]), keyExchange.id)
}

/** The groups of all templates that have the suite, in their order: one proposal. */
function withAgreed(
  configured: readonly ProposalTemplate[],
  protocolId: number,
  agreed: readonly TransformChoice[],
  keyExchange: number | undefined,
): readonly ProposalTemplate[] {
  const fitting = configured.filter(
    ({ protocol: id, transforms }) => id === protocolId && agreed.every((wanted) => transforms.some((each) => sameChoice(each, wanted))),
  )
  const groups = fitting.flatMap(({ transforms }) => transforms.filter(({ type }) => type === transformType.KE))
  const distinct = groups.filter((group, i) => groups.findIndex(({ id }) => id === group.id) === i)
  const inOrder = [...distinct.filter(({ id }) => id === keyExchange), ...distinct.filter(({ id }) => id !== keyExchange)]
  return [{ protocol: protocolId, transforms: [...agreed, ...inOrder] }]
}

const present = (choices: readonly (TransformChoice | undefined)[]): readonly TransformChoice[] =>
  choices.filter((choice) => choice !== undefined)
