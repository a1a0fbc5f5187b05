// The words of one proposal, one by one: what each is, whether it has its place here, and what the RFCs think of it.
import type { TransformChoice } from '../contract/transforms.ts'
import type { AlgorithmUse } from '../iana/algorithm-requirements.ts'
import { encryption, encryptionIds, integrity, keyExchange, transformIds, transformType } from '../iana/transforms.ts'
import { algorithmName, rateAlgorithm } from './algorithm-rating.ts'
import { algorithmWords, formatTransform } from './algorithm-words.ts'
import { isAead, isClassicCipher } from './algorithms.ts'
import type { LintCode, LintSeverity, PlacedFinding } from './lint-findings.ts'
import { betterAlgorithm, nearestAlgorithmWord, withPossibleLength } from './proposal-advice.ts'
import { keyLengthsOf, readAlgorithmWord, type WordReading } from './proposal-reading.ts'
import { prfOfIntegrity, whyNotAccepted } from './proposal-words.ts'

export interface ReadWord {
  readonly word: string
  readonly offset: number
  readonly reading: WordReading | undefined
  /** The transform, also where it has a wrong key length; `undefined` for words that are none. */
  readonly choice: TransformChoice | undefined
}

export interface JudgedWord {
  readonly findings: readonly PlacedFinding[]
  /** What a better proposal has in its place; `undefined`: nothing. */
  readonly kept: string | undefined
}

export function readWords(text: string, start: number, use: AlgorithmUse): readonly ReadWord[] {
  let offset = start
  return text.split('-').map((part) => {
    const word = part.trim()
    const at = offset + part.length - part.trimStart().length
    offset += part.length + 1
    const reading = readAlgorithmWord(word, use)
    const choice = reading?.kind === 'algorithm' || reading?.kind === 'key-length' ? reading.choice : undefined
    return { word, offset: at, reading, choice }
  })
}

/** `words`: all of the proposal, of which `read` is one. */
export function judgeWord(read: ReadWord, words: readonly ReadWord[], use: AlgorithmUse): JudgedWord {
  const { word, reading } = read
  if (word === '') return refused(read, 'missing-word', 'an algorithm is missing here', undefined, undefined)
  if (reading === undefined) {
    const nearest = nearestAlgorithmWord(
      word,
      (choice) => misplaced(choice, use) === undefined && whyNotAccepted(choice, use) === undefined,
      use,
    )
    return refused(read, 'unknown-word', `"${word}" is no algorithm`, undefined, nearest)
  }
  if (reading.kind === 'unregistered') {
    const instead = betterAlgorithm({ type: reading.type, id: 0, keyLength: reading.keyLength }, use)
    return refused(read, 'not-implemented', `"${word}" has no number in the registries of IKEv2`, undefined, wordOf(instead))
  }
  const place = misplaced(reading.choice, use)
  if (place !== undefined) return refused(read, 'misplaced', `${nameOf(read)} ${place.why}`, place.rfc, wordOf(place.instead))
  if (reading.kind === 'key-length') return wrongLength(read, reading, use)
  if (isRepeated(read, words)) {
    return { findings: [finding(read, 'duplicate', 'unusual', `"${word}" is here twice`, 'RFC 7296 §3.3', undefined)], kept: undefined }
  }
  if (reading.choice.type === transformType.INTEG && isIdle(words, use)) return idleIntegrity(read, reading.choice, words, use)
  return judgeAlgorithm(read, reading.choice, use)
}

interface Misplacement {
  readonly why: string
  readonly rfc: string
  readonly instead: TransformChoice | undefined
}

/** Why a transform has no place in a proposal for `use`. */
function misplaced(choice: TransformChoice, use: AlgorithmUse): Misplacement | undefined {
  const { ENCR, PRF, INTEG, KE, ESN } = transformType
  const better = betterAlgorithm(choice, use)
  if (choice.type === INTEG && gmacs.has(choice.id) && use !== 'AH') {
    if (use === 'IKE') return { why: 'is for AH: its use in IKE is not specified', rfc: 'RFC 4543 §5.1', instead: better }
    return { why: 'is for AH: it MUST NOT be used with ESP', rfc: 'RFC 4543 §5.3', instead: better }
  }
  if (use === 'IKE') {
    if (choice.type === ESN)
      return { why: 'is for ESP and AH: an IKE SA has no sequence numbers', rfc: 'RFC 7296 §3.3.3', instead: undefined }
    if (choice.type === KE && choice.id === keyExchange.NONE)
      return { why: 'is for ESP and AH: an IKE SA needs a key exchange', rfc: 'RFC 7296 §3.3.3', instead: better }
    return choice.type === ENCR ? espCipher(choice, better) : undefined
  }
  if (choice.type === PRF) return { why: 'is for IKE: ESP and AH have no PRF of their own', rfc: 'RFC 7296 §3.3.3', instead: undefined }
  if (use === 'AH' && choice.type === ENCR)
    return { why: 'is for IKE and ESP: AH does not encrypt', rfc: 'RFC 7296 §3.3.3', instead: undefined }
  return undefined
}

function espCipher({ id }: TransformChoice, instead: TransformChoice | undefined): Misplacement | undefined {
  if (id === encryption.ENCR_NULL) return { why: 'is for ESP: IKE MUST NOT go without encryption', rfc: 'RFC 7296 §5', instead }
  if (id === encryption.ENCR_NULL_AUTH_AES_GMAC)
    return { why: 'is for ESP: it does not encrypt, and its use in IKE is not specified', rfc: 'RFC 4543 §5.1', instead }
  if (implicitIv.has(id)) return { why: 'is for ESP: messages of IKE have no number that could be their IV', rfc: 'RFC 8750 §7', instead }
  return undefined
}

const gmacs: ReadonlySet<number> = new Set([integrity.AUTH_AES_128_GMAC, integrity.AUTH_AES_192_GMAC, integrity.AUTH_AES_256_GMAC])

const implicitIv: ReadonlySet<number> = new Set([
  encryption.ENCR_AES_CCM_8_IIV,
  encryption.ENCR_AES_GCM_16_IIV,
  encryption.ENCR_CHACHA20_POLY1305_IIV,
])

function wrongLength(
  read: ReadWord,
  { flaw, choice }: Extract<WordReading, { readonly kind: 'key-length' }>,
  use: AlgorithmUse,
): JudgedWord {
  const lengths = choice.type === transformType.ENCR ? (keyLengthsOf(choice.id) ?? []) : []
  const meant = withPossibleLength(choice, lengths)
  const { verdict } = rateAlgorithm(use, meant)
  const instead = verdict === 'weak' || verdict === 'forbidden' || !isImplemented(meant) ? betterAlgorithm(meant, use) : meant
  const name = algorithmName({ ...choice, keyLength: undefined })
  const messages = {
    missing: `"${read.word}" has no key length: ${name} has keys of ${lengths.join(', ')} bits, and the length MUST be named`,
    impossible: `"${read.word}": ${name} has no keys of ${choice.keyLength} bits, but of ${lengths.join(', ')}`,
    'not-allowed': `"${read.word}": ${name} MUST NOT have a key length`,
  }
  const rfc = flaw === 'impossible' ? encryptionIds.entry(choice.id)?.rfc : 'RFC 7296 §3.3.5'
  return refused(read, 'key-length', messages[flaw], rfc, wordOf(instead))
}

/** RFC 5282 §8: no integrity beside combined-mode ciphers only. For IKE without a PRF it names that, as strongSwan has it. */
function idleIntegrity(read: ReadWord, choice: TransformChoice, words: readonly ReadWord[], use: AlgorithmUse): JudgedWord {
  const [named] = use === 'IKE' && !words.some((each) => each.choice?.type === transformType.PRF) ? prfOfIntegrity(choice) : []
  if (named === undefined) {
    const message = `${nameOf(read)} has nothing to do beside ciphers that protect integrity themselves: leave it out`
    const clause = choice.id === integrity.NONE ? 'RFC 7296 §3.3' : 'RFC 5282 §8'
    return refused(read, 'integrity-beside-aead', message, clause, undefined)
  }
  const rated = judgeAlgorithm({ ...read, choice: named }, named, use)
  const kept = rated.kept === read.word ? formatTransform(named) : rated.kept
  const message = `"${read.word}" names the PRF only, beside ciphers that protect integrity themselves`
  return { findings: [finding(read, 'integrity-beside-aead', 'unusual', message, 'RFC 5282 §8', kept), ...rated.findings], kept }
}

function judgeAlgorithm(read: ReadWord, choice: TransformChoice, use: AlgorithmUse): JudgedWord {
  const { verdict, why, rfc } = rateAlgorithm(use, choice)
  const instead = wordOf(betterAlgorithm(choice, use))
  const message = `${nameOf(read)} ${why}`
  if (verdict === 'forbidden') return refused(read, 'forbidden', message, rfc, instead)
  const whyMissing = isImplemented(choice) ? whyNotAccepted(choice, use) : `of ${documentOf(choice)} is not implemented here`
  const missing =
    whyMissing === undefined ? [] : [finding(read, 'not-implemented', 'refused', `${nameOf(read)} ${whyMissing}`, undefined, instead)]
  if (verdict === 'weak') return { findings: [finding(read, 'weak', 'weak', message, rfc, instead), ...missing], kept: instead }
  if (missing.length > 0) return { findings: missing, kept: instead }
  return { findings: verdict === 'good' ? [] : [finding(read, 'unusual', 'unusual', message, rfc, undefined)], kept: read.word }
}

/** Whether integrity has nothing to do in the proposal. */
function isIdle(words: readonly ReadWord[], use: AlgorithmUse): boolean {
  const some = (is: (choice: TransformChoice) => boolean): boolean => words.some(({ choice }) => choice !== undefined && is(choice))
  return use !== 'AH' && some(isAead) && !some(isClassicCipher)
}

function isRepeated(read: ReadWord, words: readonly ReadWord[]): boolean {
  const { choice } = read
  return words.some((other) => other.offset < read.offset && other.reading?.kind === 'algorithm' && isSame(other.choice, choice))
}

function isSame(a: TransformChoice | undefined, b: TransformChoice | undefined): boolean {
  return a !== undefined && b !== undefined && a.type === b.type && a.id === b.id && a.keyLength === b.keyLength
}

function isImplemented(choice: TransformChoice): boolean {
  return algorithmWords.some((each) => isSame(each.choice, choice))
}

/** RFC 9370 §2.2.1: additional key exchanges have a place of their own, not numbers. */
function documentOf({ type, id }: TransformChoice): string {
  return type > transformType.ESN ? 'RFC 9370 §2.2.1' : (transformIds(type)?.entry(id)?.rfc ?? 'no known document')
}

/** `"modp1024" (1024-bit MODP Group)` */
function nameOf({ word, choice }: ReadWord): string {
  const name = choice === undefined ? word : algorithmName(choice)
  return name.toLowerCase() === word.toLowerCase() ? `"${word}"` : `"${word}" (${name})`
}

function wordOf(choice: TransformChoice | undefined): string | undefined {
  return choice === undefined ? undefined : formatTransform(choice)
}

function refused(read: ReadWord, code: LintCode, message: string, rfc: string | undefined, instead: string | undefined): JudgedWord {
  return { findings: [finding(read, code, 'refused', message, rfc, instead)], kept: instead }
}

function finding(
  { word, offset }: ReadWord,
  code: LintCode,
  severity: LintSeverity,
  message: string,
  rfc: string | undefined,
  instead: string | undefined,
): PlacedFinding {
  return { code, severity, word, offset, message, rfc, instead }
}
