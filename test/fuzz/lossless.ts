// What the codec promises of any octets: a fault, or a value that is encoded to the same octets.
import { equal } from '../../src/bytes/bytes.ts'
import { decodeMessage, decodePayloads, encodeMessage, encodePayloads } from '../../src/wire/codec.ts'
import type { Recipe } from './recipe.ts'

/** The sentence about it when it is not so. */
export function lossless(recipe: Recipe): readonly string[] {
  if (recipe.form === 'clear') {
    const decoded = decodeMessage(recipe.octets)
    return decoded.ok && !equal(encodeMessage(decoded.value), recipe.octets) ? ['a message decodes to one that is encoded differently'] : []
  }
  // What is in a fragment is no payload yet.
  if (recipe.form !== 'sealed' || recipe.fragment !== undefined) return []
  const decoded = decodePayloads(recipe.firstPayload, recipe.inside)
  if (!decoded.ok) return []
  const { firstType, bytes } = encodePayloads(decoded.value)
  const same = firstType === recipe.firstPayload && equal(bytes, recipe.inside)
  return same ? [] : ['payloads decode to some that are encoded differently']
}
