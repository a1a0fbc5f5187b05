// A shim that is this implementation with one error planted: `node wrong.js NAME`. `none` plants nothing.
import { createInterface } from 'node:readline'
import { kinds } from '../../../src/conformance/kinds/table.ts'
import type { Answer } from '../../../src/conformance/vector.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import type { JsonObject } from '../../../src/inspect/describe.ts'
import { plantedErrors } from './errors.ts'
import { right } from './planting.ts'

const [, , name = 'none'] = process.argv
const error = plantedErrors.find((each) => each.name === name)
if (error === undefined && name !== 'none') throw new Error(`no error ${name}`)
const provider = nodeProvider()

const say = (value: object): boolean => process.stdout.write(`${JSON.stringify(value)}\n`)

interface Asked {
  readonly type: 'hello' | 'case'
  readonly number: number
  readonly kind: string
  readonly inputs: JsonObject
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { type, number, kind, inputs }: Asked = JSON.parse(line)
  if (type === 'hello') say({ type, protocol: 1, name, version: '1', kinds: kinds.map((each) => each.name), explains: true })
  else say({ type: 'answer', number, ...inWords((error ?? { answer: right }).answer(provider, kind, inputs)) })
})

function inWords(answer: Answer): object {
  if (answer.kind === 'outputs') return { outputs: answer.outputs }
  return answer.kind === 'invalid' ? { invalid: answer.at ?? true } : { unimplemented: answer.says }
}
