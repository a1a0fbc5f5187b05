// docs/shim.md is right: the shim in it runs as it is printed, and its tables have every kind with all inputs and outputs.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { judge } from '../../src/conformance/judge.ts'
import { kindOf, kinds } from '../../src/conformance/kinds/table.ts'
import { Shim } from '../../src/runtime/shim.ts'
import { ownVectors } from '../conformance/support.ts'

const page = readFileSync(new URL('../../docs/shim.md', import.meta.url), 'utf8')
const hasPython = spawnSync('python3', ['--version']).status === 0

test.skipIf(!hasPython)(`the shim in Python, as printed, answers MACs${hasPython ? '' : ' (SKIPPED: there is no python3)'}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shim-page-'))
  try {
    const path = join(folder, 'shim.py')
    writeFileSync(path, /^```python\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? 'no example')
    const shim = await Shim.start({ command: `exec python3 "${path}"`, patience: 20_000 })
    try {
      expect(shim.hello).toMatchObject({ name: 'twenty lines', kinds: ['mac'], explains: false })
      const verdicts: string[] = []
      for (const vector of ownVectors().flatMap((file) => (file.kind === 'mac' ? file.cases : []))) {
        const reply = await shim.ask('mac', vector)
        verdicts.push(reply.kind === 'answer' ? judge(vector, reply.answer, shim.strictness).kind : reply.kind)
      }
      expect(new Set(verdicts)).toEqual(new Set(['passed', 'not-applicable']))
      expect(verdicts.filter((verdict) => verdict === 'passed').length).toBeGreaterThan(30)
    } finally {
      await shim.close()
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

interface Line {
  readonly kind: string
  readonly operation: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

const words = (cell: string): string[] => [...cell.replaceAll(/\([^)]*\)/g, '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)

/** The tables with four columns. */
function linesOfPage(): readonly Line[] {
  let kind = ''
  let outputs: readonly string[] = []
  return [...page.matchAll(/^\| ([^|]*) ?\| ([^|]*) ?\| ([^|]*) \| ([^|]*) \|$/gm)].flatMap(
    ([, first = '', second = '', third = '', last = '']) => {
      const [inputs, named] = [words(third), words(first)[0]]
      if (inputs.length === 0) return []
      kind = named ?? kind
      if (last.trim() !== 'the same') outputs = words(last)
      return [{ kind, operation: words(second)[0] ?? '', inputs, outputs }]
    },
  )
}

const object = z.object({
  properties: z.record(z.string(), z.looseObject({ const: z.string().optional() })),
  required: z.array(z.string()).default([]),
})
const variants = z.union([z.object({ oneOf: z.array(object) }).transform(({ oneOf }) => oneOf), object.transform((one) => [one])])
const isOperation = (kind: string, name: string): boolean => name === 'operation' || (kind === 'keymat' && name === 'of')

/** `name`, or `name?` where it may be left out. */
function linesOfSchema(kind: string, inputs: z.ZodType): readonly Omit<Line, 'outputs'>[] {
  return variants.parse(z.toJSONSchema(inputs, { io: 'input' })).map(({ properties, required }) => {
    const names = Object.keys(properties).filter((name) => !isOperation(kind, name))
    const operation = Object.entries(properties).find(([name]) => isOperation(kind, name))?.[1].const ?? ''
    return { kind, operation, inputs: names.map((name) => (required.includes(name) ? name : `${name}?`)) }
  })
}

const sorted = (list: readonly string[]): readonly string[] => list.toSorted()

describe('the tables', () => {
  const told = linesOfPage()

  test.each(kinds.map((kind) => [kind.name, kind] as const))('%s', (name, kind) => {
    const mine = told.filter((line) => line.kind === name)
    const asWritten = mine.map(({ operation, inputs }) => `${operation}: ${sorted(inputs).join(' ')}`)
    const asIs = linesOfSchema(name, kind.inputs).map(({ operation, inputs }) => `${operation}: ${sorted(inputs).join(' ')}`)
    expect(sorted(asWritten)).toEqual(sorted(asIs))
    const [shape] = variants.parse(z.toJSONSchema(kind.outputs, { io: 'input' }))
    const outputs = new Set(mine.flatMap((line) => line.outputs.map((output) => output.replace('?', ''))))
    expect(sorted([...outputs])).toEqual(sorted(Object.keys(shape?.properties ?? {})))
  })

  test('nothing else', () => {
    expect(told.filter(({ kind }) => kindOf(kind) === undefined)).toEqual([])
  })
})
