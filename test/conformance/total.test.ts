// Every kind answers all that has the shape of its inputs, and never throws. The cases of this repository, changed at random, with both providers.
import { describe, expect, test } from 'vitest'
import { kinds } from '../../src/conformance/kinds/table.ts'
import type { VectorCase } from '../../src/conformance/vector.ts'
import type { Json, JsonObject } from '../../src/inspect/describe.ts'
import { providers, seededRandom } from '../crypto/support.ts'
import { byEffort } from '../lab/effort.ts'
import { ownVectors } from './support.ts'

const all = ownVectors()
const runs = byEffort({ short: 40, lab: 120, nightly: 1_200 })

/** Long ones of these would only show that multiplication takes time. */
const isCheap = ({ effort, inputs }: VectorCase): boolean =>
  effort === 'quick' && !/MODP_(?:3072|4096|6144|8192)/.test(JSON.stringify(inputs))

describe.each(providers)('%s', (_, provider) => {
  let refusals = 0
  test.each(kinds.map((kind) => [kind.name, kind] as const))('%s', (name, kind) => {
    const cases = all.flatMap((file) => (file.kind === name ? file.cases.filter(isCheap) : []))
    const draw = numbers(seededRandom(20_261_128))
    let refused = 0
    for (let run = 0; run < runs && cases.length > 0; run++) {
      const from = cases[draw(cases.length)]?.inputs ?? {}
      const other = cases[draw(cases.length)]?.inputs ?? {}
      const inputs = changedObject(from, other, draw)
      try {
        const answer = kind.answer(provider, inputs)
        expect(['outputs', 'invalid', 'unimplemented']).toContain(answer.kind)
        if (answer.kind === 'invalid') refused++
      } catch (thrown) {
        throw new Error(`run ${run}: ${JSON.stringify(inputs)}`, { cause: thrown })
      }
    }
    refusals += refused
  })

  test('the changes are neither all outside of the shapes nor all without effect', () => {
    expect(refusals).toBeGreaterThan(runs)
    expect(refusals).toBeLessThan(0.9 * runs * kinds.length)
  })
})

type Draw = (below: number) => number

function numbers(random: (length: number) => Uint8Array): Draw {
  return (below) => {
    const [a = 0, b = 0, c = 0] = random(3)
    return ((a << 16) | (b << 8) | c) % below
  }
}

/** One of its values becomes another, now and then that of another case. */
function changedObject(object: JsonObject, other: JsonObject, draw: Draw): JsonObject {
  const names = Object.keys(object)
  const chosen = names[draw(names.length)] ?? ''
  const value = object[chosen]
  if (value === undefined) return object
  const borrowed = other[chosen]
  return { ...object, [chosen]: borrowed !== undefined && draw(3) === 0 ? borrowed : changed(value, other, draw) }
}

function changed(value: Json, other: JsonObject, draw: Draw): Json {
  if (isList(value)) return value.slice(0, draw(value.length + 1))
  if (typeof value === 'object' && value !== null) return changedObject(value, other, draw)
  if (typeof value !== 'string' || !/^(?:[0-9a-f]{2})*$/.test(value)) return value
  const octets = Buffer.from(value, 'hex')
  const at = draw(octets.length + 1)
  switch (draw(7)) {
    case 0:
      return octets.subarray(0, at).toString('hex')
    case 1:
      return octets.subarray(at).toString('hex')
    case 2:
      return `${value}${'00'.repeat(draw(80))}`
    case 3:
      return '00'.repeat(octets.length)
    case 4:
      return 'ff'.repeat(octets.length)
    case 5:
      return ''
    default:
      octets[at] = draw(256)
      return octets.toString('hex')
  }
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
