// Proposals as people write them, in strongSwan's notation: `aes256gcm16-prfsha384-ecp384`. What is proposed unasked: RFC 8247, RFC 8221.
import { failed, ok, type Result } from '../bytes/result.ts'
import { Bug } from '../contract/faults.ts'
import type { ProposalTemplate, TransformChoice } from '../contract/transforms.ts'
import type { AlgorithmUse } from '../iana/algorithm-requirements.ts'
import { protocol } from '../iana/protocols.ts'
import { integrity, prf, sequenceNumbers, transformType } from '../iana/transforms.ts'
import { algorithmOf, algorithmWords, formatTransform, isImplementedElsewhere } from './algorithm-words.ts'
import { gmacForAh, isAead, isClassicCipher, whyAhOnly, whyEspOnly, whyNoKeyExchange } from './algorithms.ts'
import { nearestWord, unknownWord, type WordFault } from './words.ts'

/**
 * One proposal: words joined by `-`, any number of each type, the preferred first. `protocolId`: 1 IKE, 2 AH, 3 ESP.
 * IKE: without a `prf…` word, the integrity words name the PRFs too, as strongSwan has it. ESP and AH: without `esn`, it is `noesn`.
 */
export function parseProposal(text: string, protocolId: number): Result<ProposalTemplate, WordFault> {
  const words: Word[] = []
  let offset = 0
  for (const part of text.split('-')) {
    const word = part.trim()
    const at = offset + part.length - part.trimStart().length
    const choice = choiceOf(word, protocolId)
    if (choice === undefined) return failed(notAnAlgorithm(word, at, protocolId))
    const why = unfit(choice, protocolId)
    if (why !== undefined) return failed({ word, offset: at, nearest: undefined, message: `"${word}" ${why}` })
    if (!words.some((other) => other.choice === choice)) words.push({ word, offset: at, choice })
    offset += part.length + 1
  }
  return complete(text, words, protocolId)
}

/** Several proposals, joined by commas, the preferred first. Offsets count from the start of the whole text. */
export function parseProposals(text: string, protocolId: number): Result<readonly ProposalTemplate[], WordFault> {
  const templates: ProposalTemplate[] = []
  let offset = 0
  for (const part of text.split(',')) {
    const parsed = parseProposal(part, protocolId)
    if (!parsed.ok) return failed({ ...parsed.fault, offset: offset + parsed.fault.offset })
    templates.push(parsed.value)
    offset += part.length + 1
  }
  return ok(templates)
}

/** Ciphers, integrity, PRF, key exchange, sequence numbers; what we implement can be parsed again. */
export function formatProposal(template: ProposalTemplate): string {
  const { ENCR, INTEG, PRF } = transformType
  const first: readonly number[] = [ENCR, INTEG, PRF]
  const types = new Set([...first, ...template.transforms.map(({ type }) => type)])
  return [...types].flatMap((type) => template.transforms.filter((t) => t.type === type).map(formatTransform)).join('-')
}

/**
 * RFC 8247: all that is MUST or SHOULD for general use and not on its way out. What it does not rate, X25519 included, is off unless
 * it is named: docs/decisions/0009-ratings.md.
 */
export const defaultIkeProposals: readonly ProposalTemplate[] = [
  builtIn('aes256gcm16-aes128gcm16-chacha20poly1305-prfsha512-prfsha256-ecp256-modp2048', protocol.IKE),
  builtIn('aes256-aes128-sha512-sha256-prfsha512-prfsha256-ecp256-modp2048', protocol.IKE),
]

/** RFC 8221 §5, §6, which prefers HMAC-SHA2-512-256. NULL, though a MUST, is not offered unless it is named. */
export const defaultEspProposals: readonly ProposalTemplate[] = [
  builtIn('aes256gcm16-aes128gcm16-chacha20poly1305-esn-noesn', protocol.ESP),
  builtIn('aes256-aes128-sha512-sha256-esn-noesn', protocol.ESP),
]

/** Why no proposal for `use` may name a transform, as the end of a sentence that begins with its word; `undefined`: it may. */
export function whyNotAccepted(choice: TransformChoice, use: AlgorithmUse): string | undefined {
  return unfit(choice, protocol[use])
}

interface Word {
  readonly word: string
  readonly offset: number
  readonly choice: TransformChoice
}

/** In AH, `aes128gmac` is the integrity algorithm, as strongSwan has it: elsewhere it is the cipher that does not encrypt. */
function choiceOf(word: string, protocolId: number): TransformChoice | undefined {
  const choice = algorithmOf(word)
  const gmac = choice === undefined || protocolId !== protocol.AH ? undefined : gmacForAh(choice)
  return gmac === undefined ? choice : gmacChoices.get(gmac)
}

/** One object for each, so that a word and its synonym are seen to be the same. */
const gmacChoices: ReadonlyMap<number, TransformChoice> = new Map(
  algorithmWords.flatMap(({ choice }) => (choice.type === transformType.INTEG ? [[choice.id, choice] as const] : [])),
)

/** What `choice` has no place in a proposal for; `undefined` when it has. RFC 7296 §3.3.3. */
function unfit(choice: TransformChoice, protocolId: number): string | undefined {
  const { ENCR, PRF, INTEG, KE, ESN } = transformType
  if (choice.type === KE) return whyNoKeyExchange(choice.id)
  if (choice.type === INTEG && protocolId !== protocol.AH) return whyAhOnly(choice.id)
  if (protocolId === protocol.IKE) {
    if (choice.type === ESN) return 'is for ESP and AH: an IKE SA has no sequence numbers'
    return choice.type === ENCR ? whyEspOnly(choice.id) : undefined
  }
  if (choice.type === PRF) return 'is for IKE: the keys of ESP and AH come from the PRF of the IKE SA'
  return protocolId === protocol.AH && choice.type === ENCR ? 'is for ESP and IKE: AH does not encrypt' : undefined
}

function complete(text: string, words: readonly Word[], protocolId: number): Result<ProposalTemplate, WordFault> {
  const transforms = words.map(({ choice }) => choice)
  const some = (type: number): boolean => transforms.some((t) => t.type === type)
  const lacks = (what: string, example: string) =>
    failed({ word: '', offset: text.length, nearest: undefined, message: `"${text}" names no ${what}, such as ${example}` })
  const { ENCR, PRF, INTEG, KE, ESN } = transformType
  const added: TransformChoice[] = []
  if (protocolId !== protocol.AH && !some(ENCR)) return lacks('cipher', 'aes256gcm16')
  const needsIntegrity = protocolId === protocol.AH || transforms.some(isClassicCipher)
  // RFC 8221 §4, RFC 7296 §3.3.3: nothing goes unauthenticated.
  if (needsIntegrity && !some(INTEG))
    return lacks('integrity algorithm', 'sha256: encryption without authentication is refused (RFC 8221 §4)')
  if (protocolId === protocol.IKE) {
    if (!some(PRF)) added.push(...transforms.flatMap(prfOfIntegrity))
    if (!some(PRF) && added.length === 0) return lacks('PRF', 'prfsha256')
    if (!some(KE)) return lacks('key exchange', 'ecp256')
  } else if (!some(ESN)) added.push({ type: ESN, id: sequenceNumbers.NO_ESN, keyLength: undefined })
  // RFC 5282 §8: no integrity algorithm beside a combined-mode cipher. For IKE without a PRF it has named that, and is done.
  const idle = needsIntegrity ? undefined : words.find(({ choice }) => choice.type === INTEG)
  if (idle !== undefined && (protocolId !== protocol.IKE || some(PRF))) return failed(pointless(idle, transforms.find(isAead)))
  const kept = idle === undefined ? transforms : transforms.filter((t) => t.type !== INTEG)
  return ok({ protocol: protocolId, transforms: [...kept, ...added].sort((a, b) => a.type - b.type) })
}

/** The PRF that an integrity word names too, where a proposal for IKE has no `prf…` word; none or one. */
export function prfOfIntegrity({ type, id }: TransformChoice): readonly TransformChoice[] {
  const prfs = new Map<number, number>([
    [integrity.AUTH_HMAC_SHA1_96, prf.PRF_HMAC_SHA1],
    [integrity.AUTH_AES_XCBC_96, prf.PRF_AES128_XCBC],
    [integrity.AUTH_AES_CMAC_96, prf.PRF_AES128_CMAC],
    [integrity.AUTH_HMAC_SHA2_256_128, prf.PRF_HMAC_SHA2_256],
    [integrity.AUTH_HMAC_SHA2_384_192, prf.PRF_HMAC_SHA2_384],
    [integrity.AUTH_HMAC_SHA2_512_256, prf.PRF_HMAC_SHA2_512],
  ])
  const same = type === transformType.INTEG ? prfs.get(id) : undefined
  return same === undefined ? [] : [{ type: transformType.PRF, id: same, keyLength: undefined }]
}

function pointless({ word, offset }: Word, cipher: TransformChoice | undefined): WordFault {
  const beside = cipher === undefined ? 'these ciphers' : formatTransform(cipher)
  return {
    word,
    offset,
    nearest: undefined,
    message: `"${word}" has nothing to do beside ${beside}, which protects integrity itself: leave it out`,
  }
}

function notAnAlgorithm(word: string, offset: number, protocolId: number): WordFault {
  const fitting = algorithmWords.filter(({ choice }) => unfit(choice, protocolId) === undefined).map(({ words }) => words[0])
  if (word === '') return { word, offset, nearest: undefined, message: 'an algorithm is missing between two hyphens' }
  // RFC 8247 §2.4, RFC 8221 §5: two of these SHOULD NOT be used, and not every provider has Camellia. They are there for those who name them.
  const advisable = fitting.filter((each) => !/^(modp1536|3des|camellia\d+)$/.test(each))
  if (!isImplementedElsewhere(word)) return unknownWord('unknown algorithm', word, offset, advisable)
  return { word, offset, nearest: nearestWord(word, advisable), message: `"${word}" is not implemented; there are ${fitting.join(', ')}` }
}

function builtIn(text: string, protocolId: number): ProposalTemplate {
  const parsed = parseProposal(text, protocolId)
  if (!parsed.ok) throw new Bug(parsed.fault.message)
  return parsed.value
}
