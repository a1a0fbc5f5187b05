// What to think of an algorithm in one use, from what the standards require: src/iana/algorithm-requirements.ts.
// The reading, where the texts leave one: docs/decisions/0009-ratings.md.
import type { TransformChoice } from '../contract/transforms.ts'
import { type AlgorithmStatus, algorithmStatus, type AlgorithmUse } from '../iana/algorithm-requirements.ts'
import { encryption, transformIds, transformType } from '../iana/transforms.ts'

/**
 * `good`: may be proposed unasked. `unusual`: MAY, unmentioned, or for a purpose of its own; fine where it is named.
 * `weak`: SHOULD NOT, deprecated, or on its way out. `forbidden`: MUST NOT.
 */
export type Verdict = 'good' | 'unusual' | 'weak' | 'forbidden'

export interface Rating {
  readonly verdict: Verdict
  /** Completes "ENCR_3DES …": `is SHOULD NOT`. */
  readonly why: string
  /** `RFC 8221 §5` */
  readonly rfc: string
}

/** For integrity this is the rating beside a cipher that is not a combined-mode one. */
export function rateAlgorithm(use: AlgorithmUse, choice: TransformChoice): Rating {
  const status = algorithmStatus(use, choice)
  const { level, source, deprecatedBy } = status
  if (level === 'MUST NOT') return { verdict: 'forbidden', why: 'is MUST NOT', rfc: source }
  if (deprecatedBy !== undefined) return { verdict: 'weak', why: 'is DEPRECATED', rfc: 'RFC 9395 §7' }
  if (level === 'SHOULD NOT') return { verdict: 'weak', why: 'is SHOULD NOT', rfc: source }
  if (level === 'MUST-' || level === 'SHOULD-') return { verdict: 'weak', why: `is ${level}, on its way out`, rfc: source }
  if (choice.type === transformType.ENCR && unencrypted.has(choice.id)) return notEncrypting(status, choice.id)
  if (choice.type === transformType.ESN) return { verdict: 'good', why: 'is no algorithm', rfc: source }
  if (status.exception?.where === 'IoT') return forThings(status)
  if (level === 'MAY') return { verdict: 'unusual', why: 'is no more than MAY', rfc: source }
  if (level === 'unmentioned') return { verdict: 'unusual', why: 'is not rated, and so no more than MAY', rfc: source }
  return { verdict: 'good', why: `is ${level}`, rfc: source }
}

/** What defaults consist of: MUST, SHOULD+ or SHOULD in general use, not deprecated, and no cipher that does not encrypt. */
export function mayBeDefault(use: AlgorithmUse, choice: TransformChoice): boolean {
  return rateAlgorithm(use, choice).verdict === 'good'
}

/** `ENCR_AES_CBC_128`, `1024-bit MODP Group` */
export function algorithmName({ type, id, keyLength }: TransformChoice): string {
  const name = transformIds(type)?.name(id) ?? `unknown (${id})`
  return keyLength === undefined ? name : `${name}_${keyLength}`
}

const unencrypted: ReadonlySet<number> = new Set([encryption.ENCR_NULL, encryption.ENCR_NULL_AUTH_AES_GMAC])

function notEncrypting({ level, source }: AlgorithmStatus, id: number): Rating {
  const why = `${level === 'unmentioned' ? '' : `is ${level}, but `}does not encrypt: packets are authenticated only`
  // RFC 8221 §6 recommends it over NULL with AUTH_AES_GMAC.
  return { verdict: 'unusual', why, rfc: id === encryption.ENCR_NULL ? source : 'RFC 8221 §6' }
}

function forThings({ level, exception, source }: AlgorithmStatus): Rating {
  const general = level === 'unmentioned' ? 'not rated' : level
  return { verdict: 'unusual', why: `is ${exception?.level} for the Internet of Things only, ${general} for others`, rfc: source }
}
