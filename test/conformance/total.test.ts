// No inputs make an answer throw, whether they have the shape of their kind or not: those of the published cases, damaged at random.
import { expect, test } from 'vitest'
import { kindOf } from '../../src/conformance/kinds/table.ts'
import type { Json, JsonObject } from '../../src/inspect/describe.ts'
import { stream, type Stream } from '../../src/lab/random.ts'
import { provider } from '../ipsec/fixtures.ts'
import { ownVectors } from './support.ts'

/** Kinds whose answers cost next to nothing. */
const quick = ['esp-packet', 'replay-window', 'esn-inference', 'checksum-repair', 'narrowing', 'proposal-choice']

test.each(quick)('%s', (kind) => {
  const cases = ownVectors().flatMap((file) => (file.kind === kind ? file.cases : []))
  expect(cases.length).toBeGreaterThan(0)
  for (const { id, inputs } of cases) {
    const random = stream(1, 'damage', id)
    const damaged = damage(inputs, random)
    expect(['outputs', 'invalid', 'unimplemented'], `${id}: ${JSON.stringify(damaged)}`).toContain(
      kindOf(kind)?.answer(provider, isObject(damaged) ? damaged : {}).kind,
    )
  }
})

/** One value in three or so is another one of its type. */
function damage(value: Json, random: Stream): Json {
  if (isList(value)) {
    const list = value.map((each) => damage(each, random))
    return random.chance(0.1) ? [...list, ...list] : random.chance(0.1) ? list.slice(1) : list
  }
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, damage(each, random)]))
  if (random.chance(0.7)) return value
  if (typeof value === 'number') return [0, 1, value + 1, value - 1, 255, 65_535][Math.floor(random.fraction() * 6)] ?? 0
  return typeof value === 'string' ? damageText(value, random) : value
}

function damageText(text: string, random: Stream): string {
  if (!/^(?:[0-9a-f]{2})+$/.test(text)) return text
  const at = 2 * Math.floor(random.fraction() * (text.length / 2))
  const octet = (random.next() & 0xff).toString(16).padStart(2, '0')
  const among = random.fraction()
  if (among < 0.6) return text.slice(0, at) + octet + text.slice(at + 2)
  if (among < 0.75) return text.slice(0, at)
  return among < 0.9 ? text.replaceAll(/[0-9a-f]/g, random.chance(0.5) ? '0' : 'f') : text + octet
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
