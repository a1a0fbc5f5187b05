// Who is asked: an implementation with a name. Ours is the code beside this file with one provider of cryptography.
import type { CryptoProvider } from '../crypto/provider.ts'
import { kindOf } from './kinds/table.ts'
import type { Strictness } from './judge.ts'
import { type Answer, unimplemented, type VectorCase } from './vector.ts'

export interface Subject {
  readonly name: string
  readonly strictness: Strictness
  answer(kind: string, vector: VectorCase): Answer
}

/** This implementation, with `provider`. */
export const ourselves = (provider: CryptoProvider): Subject => ({
  name: provider.name,
  strictness: 'with-place',
  answer: (kind, vector) => kindOf(kind)?.answer(provider, vector.inputs) ?? unimplemented(`no kind ${kind}`),
})
