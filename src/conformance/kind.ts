// A kind of question: the shape of its inputs and outputs, and how this implementation answers. One file for each in `kinds/`; the shapes are
// checked when a file is read, and published as JSON Schemas.
import type { ZodType } from 'zod'
import type { CryptoProvider } from '../crypto/provider.ts'
import type { JsonObject } from '../inspect/describe.ts'
import { type Answer, invalid } from './vector.ts'

export interface Kind {
  /** `mac`, `esp-packet` */
  readonly name: string
  /** What it asks, in one sentence. */
  readonly title: string
  /** RFC and section that say what is right. */
  readonly rfc: string
  readonly inputs: ZodType
  readonly outputs: ZodType
  /** Whether these inputs, which have their shape, take seconds or more, whatever the file says of it. Left out: none do. */
  readonly isSlow?: (inputs: JsonObject) => boolean
  /** Total on inputs that have their shape. Throws nothing but `Bug`. */
  answer(provider: CryptoProvider, inputs: JsonObject): Answer
}

export interface KindDescription<I extends ZodType, O extends ZodType> extends Pick<Kind, 'name' | 'title' | 'rfc' | 'isSlow'> {
  readonly inputs: I
  readonly outputs: O
  readonly answer: (provider: CryptoProvider, inputs: I['_output']) => Answer
}

export function kind<I extends ZodType, O extends ZodType>(description: KindDescription<I, O>): Kind {
  const { answer, ...rest } = description
  return {
    ...rest,
    answer(provider, inputs) {
      const read = description.inputs.safeParse(inputs)
      return read.success ? answer(provider, read.data) : invalid('wire', read.error.issues[0]?.path.join('.') ?? '')
    },
  }
}
