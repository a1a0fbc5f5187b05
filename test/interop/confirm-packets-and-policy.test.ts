// Every published case of the packet path and of policy is confirmed again, by those whom it names.
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { VectorCase } from '../../src/conformance/vector.ts'
import { casesOf, confirmations } from './harness/twin.ts'

/** The program for each suite of files. */
const programs = {
  esp: 'esp.py',
  ah: 'ah.py',
  sequence: 'replay.py',
  checksum: 'checksum.py',
  narrowing: 'traffic_selectors.py',
  proposals: 'proposals.py',
} as const

for (const [suite, program] of Object.entries(programs)) {
  for (const name of readdirSync(new URL(`../../vectors/${suite}/`, import.meta.url)).sort()) {
    test(`${suite}/${name}`, () => {
      const file = `${suite}/${name}`
      const cases = casesOf(file)
      const found = new Map(confirmations(program, file).map((each) => [each.id, each]))
      expect([...found.values()].filter(({ by }) => by === undefined)).toEqual([])
      expect([...found.keys()]).toEqual(cases.map(({ id }) => id))
      for (const vector of cases) {
        const by = found.get(vector.id)?.by ?? []
        // What a document prints needs nobody else.
        for (const claimed of confirmers(vector))
          expect({ id: vector.id, by }).toEqual({ id: vector.id, by: expect.arrayContaining([claimed]) })
      }
    })
  }
}

/** `scapy 2.5.0` is scapy; a twin is a twin. */
const confirmers = ({ source }: VectorCase): readonly string[] =>
  'confirmedBy' in source ? source.confirmedBy.map((name) => name.split(' ')[0] ?? name) : []
