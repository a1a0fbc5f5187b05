// What to write instead: the algorithm of the same kind that is nearest to a bad one and rates MUST or SHOULD (RFC 8247, RFC 8221).
import type { TransformChoice } from '../contract/transforms.ts'
import type { AlgorithmUse } from '../iana/algorithm-requirements.ts'
import { encryption, integrity, keyExchange, prf, transformType } from '../iana/transforms.ts'
import { algorithmWords } from './algorithm-words.ts'
import { mayBeDefault, rateAlgorithm } from './algorithm-rating.ts'
import { isAead } from './algorithms.ts'
import { nearestWord } from './words.ts'

/** `undefined`: it is best left out. */
export function betterAlgorithm(choice: TransformChoice, use: AlgorithmUse): TransformChoice | undefined {
  const { ENCR, PRF, INTEG, KE } = transformType
  switch (choice.type) {
    case ENCR:
      return use === 'AH' ? undefined : betterCipher(choice)
    case PRF:
      return use === 'IKE'
        ? { type: PRF, id: strongPrfs.has(choice.id) ? prf.PRF_HMAC_SHA2_512 : prf.PRF_HMAC_SHA2_256, keyLength: undefined }
        : undefined
    case INTEG:
      return { type: INTEG, id: integrity.AUTH_HMAC_SHA2_256_128, keyLength: undefined }
    case KE:
      return choice.id === keyExchange.NONE && use !== 'IKE' ? undefined : betterGroup(choice)
    default:
      return undefined
  }
}

/** The cipher that was meant, with a length that it has. */
export function withPossibleLength(choice: TransformChoice, lengths: readonly number[]): TransformChoice {
  const { keyLength } = choice
  if (lengths.length === 0) return { ...choice, keyLength: undefined }
  return { ...choice, keyLength: keyLength !== undefined && keyLength <= 128 ? 128 : 256 }
}

/** The word that looks most like one that means nothing, of those that have a place in this use and are not weak. */
export function nearestAlgorithmWord(word: string, fits: (choice: TransformChoice) => boolean, use: AlgorithmUse): string | undefined {
  const advisable = algorithmWords.filter(
    ({ choice }) => fits(choice) && !['weak', 'forbidden'].includes(rateAlgorithm(use, choice).verdict),
  )
  // Of words at the same distance the first is taken: those that may be proposed unasked go first.
  const inOrder = [...advisable.filter(({ choice }) => mayBeDefault(use, choice)), ...advisable]
  return nearestWord(
    word,
    inOrder.flatMap(({ words }) => words),
  )
}

function betterCipher(choice: TransformChoice): TransformChoice {
  const { ENCR } = transformType
  if (choice.id === encryption.ENCR_CHACHA20_POLY1305_IIV)
    return { type: ENCR, id: encryption.ENCR_CHACHA20_POLY1305, keyLength: undefined }
  const keyLength = choice.keyLength !== undefined && choice.keyLength > 128 ? 256 : 128
  return { type: ENCR, id: isAead(choice) ? encryption.ENCR_AES_GCM_16 : encryption.ENCR_AES_CBC, keyLength }
}

const strongPrfs: ReadonlySet<number> = new Set([prf.PRF_HMAC_SHA2_384, prf.PRF_HMAC_STREEBOG_512])

function betterGroup({ type, id }: TransformChoice): TransformChoice {
  return { type, id: modp.has(id) ? keyExchange.MODP_2048 : keyExchange.ECP_256, keyLength: undefined }
}

const modp: ReadonlySet<number> = new Set([
  keyExchange.MODP_768,
  keyExchange.MODP_1024,
  keyExchange.MODP_1536,
  keyExchange.MODP_1024_SUBGROUP_160,
  keyExchange.MODP_2048_SUBGROUP_224,
  keyExchange.MODP_2048_SUBGROUP_256,
])
