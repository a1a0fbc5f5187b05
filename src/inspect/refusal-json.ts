// Refusals and faults as JSON values: the same comparison as `refusal.ts` tells, with names in the place of numbers.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { toHex } from '../bytes/bytes.ts'
import type { Fault } from '../contract/faults.ts'
import type { Refusal } from '../contract/refusal.ts'
import type { ProposalTemplate, TransformChoice } from '../contract/transforms.ts'
import { authMethodName } from '../iana/authentication.ts'
import { exchangeName } from '../iana/exchanges.ts'
import { notifyName } from '../iana/notify.ts'
import { formatEndpoint } from '../net/address.ts'
import { protocolName } from '../iana/protocols.ts'
import { transformType } from '../iana/transforms.ts'
import { formatTransform, identityJson, type Json, type JsonObject, selectorsJson, transformTypeWords } from './describe.ts'
import { escapeText } from './escape.ts'
import { formatFailure } from './refusal.ts'

/** `{ code, reason, message, rfc, refusal }`: `reason` is the first line of the text form. */
export function failureJson(fault: Fault, refusal: Refusal | undefined): JsonObject {
  return {
    code: fault.code,
    reason: formatFailure(fault, refusal)[0] ?? '',
    message: escapeText(fault.message),
    rfc: 'rfc' in fault ? fault.rfc.replace(/^(?=\d)/, 'RFC ') : null,
    refusal: refusal === undefined ? null : refusalJson(refusal),
  }
}

export function refusalJson(refusal: Refusal): Json {
  switch (refusal.kind) {
    case 'proposal':
      return {
        kind: refusal.kind,
        protocol: protocolName(refusal.protocol),
        comparisons: refusal.comparisons.map((comparison) => ({
          offeredNumber: comparison.offeredNumber,
          offered: proposalJson(comparison.offered),
          configured: proposalJson(comparison.configured),
          verdicts: comparison.verdicts.map((verdict) => ({
            transformType: transformTypeWords(verdict.transformType),
            verdict: verdict.verdict,
            offered: transformsJson(verdict.offered),
            configured: transformsJson(verdict.configured),
          })),
        })),
      }
    case 'selectors':
      return {
        kind: refusal.kind,
        side: refusal.side,
        reason: refusal.reason,
        offered: selectorsJson(refusal.offered),
        configured: selectorsJson(refusal.configured),
      }
    case 'overlap':
      return {
        kind: refusal.kind,
        reason: refusal.reason,
        offered: selectorsJson(refusal.offered),
        address: refusal.address,
        other: refusal.other === undefined ? null : identityJson(refusal.other),
      }
    case 'identity':
      return { kind: refusal.kind, reason: refusal.reason, got: identityJson(refusal.got), expected: refusal.expected.map(identityJson) }
    case 'mode':
      return { kind: refusal.kind, offered: refusal.offered, configured: refusal.configured }
    case 'protocol':
      return {
        kind: refusal.kind,
        protocol: protocolName(refusal.protocol),
        reason: refusal.reason,
        behindNat: { local: refusal.behindNat.local === 'behind-nat', remote: refusal.behindNat.remote === 'behind-nat' },
      }
    case 'authentication':
      // The evidence stays out: with it, weak keys can be guessed.
      return {
        kind: refusal.kind,
        reason: refusal.reason,
        peer: identityJson(refusal.peer),
        method: authMethodName(refusal.method),
        slip: refusal.reason === 'wrong-key' ? (refusal.slip ?? null) : null,
      }
    case 'key-exchange':
      return {
        kind: refusal.kind,
        reason: refusal.reason,
        got: formatTransform({ type: transformType.KE, id: refusal.got, keyLength: undefined }),
        wanted: transformsJson(refusal.wanted.map((id) => ({ type: transformType.KE, id, keyLength: undefined }))),
      }
    case 'notify':
      return {
        kind: refusal.kind,
        type: refusal.type,
        name: notifyName(refusal.type),
        value: toHex(refusal.value),
        protected: refusal.protected === 'protected',
        offered: refusal.offered.map(proposalJson),
        selectors:
          refusal.selectors === undefined
            ? null
            : { local: selectorsJson(refusal.selectors.local), remote: selectorsJson(refusal.selectors.remote) },
      }
    case 'silence':
      return {
        kind: refusal.kind,
        exchange: exchangeName(refusal.exchangeType),
        transmissions: refusal.transmissions,
        elapsedMs: refusal.elapsed,
        remote: formatEndpoint(refusal.remote),
        heardFrom: refusal.heardFrom === undefined ? null : formatEndpoint(refusal.heardFrom),
        hint: refusal.hint,
      }
  }
}

const proposalJson = (proposal: ProposalTemplate): Json => ({
  protocol: protocolName(proposal.protocol),
  transforms: transformsJson(proposal.transforms),
})
const transformsJson = (transforms: readonly TransformChoice[]): Json => transforms.map(formatTransform)
