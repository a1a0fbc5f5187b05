// Proposals: what a responder chooses of an offer, and what an initiator takes for an answer. RFC 7296 §2.7, §3.3; RFC 5282 §8.
import * as z from 'zod'
import type { ProposalRefusal } from '../../contract/refusal.ts'
import { transformTypeNotation } from '../../iana/transforms.ts'
import { checkAnswer, chooseProposal, soleProposal, type ChosenProposal } from '../../policy/proposal-choice.ts'
import { type Kind, kind } from '../kind.ts'
import { describeTransform, proposalShape, protocolShape, templateShape, transformText } from '../shapes/proposal.ts'
import { keyExchangeName } from '../shapes/basic.ts'
import { type Answer, invalid, outputs } from '../vector.ts'

const offered = z.array(proposalShape).min(1).max(16)

export const proposalChoice: Kind = kind({
  name: 'proposal-choice',
  title: 'Proposals offered and configured, and the suite agreed on',
  rfc: 'RFC 7296 §2.7, §3.3, §3.3.3, §3.3.5, §3.3.6; RFC 5282 §8; RFC 8221 §6',
  inputs: z.discriminatedUnion('operation', [
    /** The responder's. Invalid is NO_PROPOSAL_CHOSEN. */
    z.strictObject({
      operation: z.literal('choose'),
      protocol: protocolShape,
      offered,
      /** The preferred first. */
      configured: z.array(templateShape).min(1).max(16),
      /** The method of the KE payload beside the offer. */
      keyExchange: keyExchangeName.optional(),
    }),
    /** The initiator's check of an answer (RFC 7296 §3.3.6: MUST). */
    z.strictObject({ operation: z.literal('check'), offered, answered: z.array(proposalShape).max(16) }),
  ]),
  outputs: z.strictObject({
    number: z.int(),
    /** As in the answer's SA payload, by transform type. */
    transforms: z.array(transformText),
  }),
  answer(_provider, inputs) {
    if (inputs.operation === 'choose') {
      const chosen = chooseProposal(inputs.offered, inputs.configured, inputs.protocol, inputs.keyExchange)
      return chosen.ok ? accepted(chosen.value) : invalid('policy', placeOf(chosen.fault))
    }
    const sole = soleProposal(inputs.answered)
    if (!sole.ok) return invalid('ike', 'SA.proposals')
    const checked = checkAnswer(sole.value, inputs.offered)
    return checked.ok ? accepted(checked.value) : invalid('ike', 'SA.proposals[0]')
  },
})

const accepted = ({ number, reply }: ChosenProposal): Answer => outputs({ number, transforms: reply.transforms.map(describeTransform) })

/** One proposal against one has a transform type that is to blame; several have none. */
function placeOf({ comparisons }: ProposalRefusal): string {
  const [comparison, ...more] = comparisons
  if (comparison === undefined || more.length > 0) return 'SA.proposals'
  const blamed = comparison.verdicts.find(({ verdict }) => verdict !== 'agree')
  return `SA.proposals[0].${blamed === undefined ? 'protocol' : transformTypeNotation(blamed.transformType)}`
}
