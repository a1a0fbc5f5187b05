// What a proposal lacks as a whole, and what does not go together in it. RFC 7296 §3.3, §3.3.3; RFC 8221 §4, §6; RFC 8247 §2.1.
import type { TransformChoice } from '../contract/transforms.ts'
import type { AlgorithmUse } from '../iana/algorithm-requirements.ts'
import { encryption, transformType } from '../iana/transforms.ts'
import { formatTransform } from './algorithm-words.ts'
import { isAead, isClassicCipher } from './algorithms.ts'
import type { LintCode, PlacedFinding } from './lint-findings.ts'
import type { ReadWord } from './lint-words.ts'
import { readAlgorithmWord } from './proposal-reading.ts'
import { prfOfIntegrity } from './proposal-words.ts'

const { ENCR, PRF, INTEG, KE, ESN } = transformType

/** `end`: the offset behind the proposal. Nothing is called missing where a word cannot be read: it may be that. */
export function judgeStructure(words: readonly ReadWord[], end: number, use: AlgorithmUse): readonly PlacedFinding[] {
  const findings = mixedCiphers(words, use)
  if (words.some(({ choice }) => choice === undefined)) return findings
  const has = (type: number): boolean => words.some(({ choice }) => choice?.type === type)
  const missing = (code: LintCode, message: string, rfc: string, instead: string): PlacedFinding => ({
    code,
    severity: 'refused',
    word: '',
    offset: end,
    message,
    rfc,
    instead,
  })
  const lacks: PlacedFinding[] = []
  if (use !== 'AH' && !has(ENCR)) {
    const instead = has(INTEG) ? 'aes256' : 'aes256gcm16'
    lacks.push(missing('missing-cipher', `a proposal for ${use} needs a cipher`, 'RFC 7296 §3.3.3', instead))
  }
  if (use === 'AH' && !has(INTEG)) {
    lacks.push(missing('unauthenticated', 'a proposal for AH needs an integrity algorithm', 'RFC 7296 §3.3.3', 'sha256'))
  }
  // Integrity words name the PRF too; of those that cannot, enough is said already.
  if (use === 'IKE' && !has(PRF) && !has(INTEG)) {
    lacks.push(missing('missing-prf', 'a proposal for IKE needs a PRF', 'RFC 7296 §3.3.3', 'prfsha256'))
  }
  if (use === 'IKE' && !has(KE)) {
    lacks.push(missing('missing-key-exchange', 'a proposal for IKE needs a key exchange', 'RFC 7296 §3.3.3', 'ecp256'))
  }
  return [...findings, ...unauthenticated(words, use), ...lacks]
}

/**
 * The words of the nearest good proposal, from those that were kept: what is missing is added, combined-mode ciphers go into a proposal
 * of their own, the one with the first cipher first.
 */
export function compose(kept: readonly string[], use: AlgorithmUse): string {
  const all = kept.flatMap((word) => {
    const reading = readAlgorithmWord(word, use)
    return reading?.kind === 'algorithm' ? [{ word, choice: reading.choice }] : []
  })
  const written = all.filter(({ choice }, i) => all.findIndex((other) => isSame(other.choice, choice)) === i)
  if (use === 'AH') return joined(completed(written, use))
  const aead = written.filter(({ choice }) => isAead(choice))
  const classic = written.filter(({ choice }) => isClassicCipher(choice))
  if (aead.length === 0) return joined(completed(written, use))
  const rest = written.filter(({ choice }) => choice.type !== ENCR)
  const combined = joined(completed([...aead, ...withoutIntegrity(rest, use)], use))
  if (classic.length === 0) return combined
  const separate = joined(completed([...classic, ...rest], use))
  return written.find(({ choice }) => choice.type === ENCR) === aead[0] ? `${combined},${separate}` : `${separate},${combined}`
}

interface Written {
  readonly word: string
  readonly choice: TransformChoice
}

/** Integrity words that named the PRF become PRF words. */
function withoutIntegrity(words: readonly Written[], use: AlgorithmUse): readonly Written[] {
  const others = words.filter(({ choice }) => choice.type !== INTEG)
  if (use !== 'IKE' || others.some(({ choice }) => choice.type === PRF)) return others
  return [...others, ...words.flatMap(({ choice }) => prfOfIntegrity(choice)).map((choice) => ({ word: formatTransform(choice), choice }))]
}

function completed(words: readonly Written[], use: AlgorithmUse): readonly Written[] {
  const has = (type: number): boolean => words.some(({ choice }) => choice.type === type)
  const added: string[] = []
  if (use !== 'AH' && !has(ENCR)) added.push(has(INTEG) ? 'aes256' : 'aes256gcm16')
  const isCombined = use !== 'AH' && !words.some(({ choice }) => isClassicCipher(choice)) && !(has(INTEG) && !has(ENCR))
  if (!isCombined && !has(INTEG)) added.push('sha256')
  if (use === 'IKE' && !has(PRF) && (isCombined || !words.some(({ choice }) => prfOfIntegrity(choice).length > 0))) added.push('prfsha256')
  if (use === 'IKE' && !has(KE)) added.push('ecp256')
  const more = added.flatMap((word) => {
    const reading = readAlgorithmWord(word, use)
    return reading?.kind === 'algorithm' ? [{ word, choice: reading.choice }] : []
  })
  return [...words, ...more]
}

/** In strongSwan's order. */
function joined(words: readonly Written[]): string {
  const order: readonly number[] = [ENCR, INTEG, PRF, KE, ESN]
  return words
    .toSorted((a, b) => order.indexOf(a.choice.type) - order.indexOf(b.choice.type))
    .map(({ word }) => word)
    .join('-')
}

/** RFC 7296 §3.3: "it must include two proposals". They are made of one here, and are worth a word. */
function mixedCiphers(words: readonly ReadWord[], use: AlgorithmUse): readonly PlacedFinding[] {
  const ciphers = words.filter(({ choice }) => choice?.type === ENCR)
  const [first] = ciphers
  const other = ciphers.find(({ choice }) => choice !== undefined && first?.choice !== undefined && isAead(choice) !== isAead(first.choice))
  if (use === 'AH' || first === undefined || other === undefined) return []
  const message = `"${other.word}" and "${first.word}" cannot be in one proposal: one of them protects integrity itself. Here they become two proposals`
  return [finding(other, 'mixed-ciphers', 'unusual', message, 'RFC 7296 §3.3', undefined)]
}

/** Encryption without authentication is pointed at where it is written. */
function unauthenticated(words: readonly ReadWord[], use: AlgorithmUse): readonly PlacedFinding[] {
  const cipher = words.find(({ choice }) => choice !== undefined && isClassicCipher(choice))
  const hasIntegrity = words.some(({ choice }) => choice?.type === INTEG)
  if (use === 'AH' || cipher?.choice === undefined || hasIntegrity) return []
  const isNull = cipher.choice.id === encryption.ENCR_NULL
  const message = isNull
    ? `"${cipher.word}" without an integrity algorithm protects nothing`
    : `"${cipher.word}" encrypts without authentication, which MUST NOT be: an integrity algorithm is missing`
  const clause = use === 'IKE' ? 'RFC 8247 §2.1' : isNull ? 'RFC 8221 §6' : 'RFC 8221 §4'
  return [finding(cipher, 'unauthenticated', 'refused', message, clause, `${cipher.word}-sha256`)]
}

function finding(
  { word, offset }: ReadWord,
  code: LintCode,
  severity: PlacedFinding['severity'],
  message: string,
  rfc: string,
  instead: string | undefined,
): PlacedFinding {
  return { code, severity, word, offset, message, rfc, instead }
}

function isSame(a: TransformChoice, b: TransformChoice): boolean {
  return a.type === b.type && a.id === b.id && a.keyLength === b.keyLength
}
