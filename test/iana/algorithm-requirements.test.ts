// What the code says that the standards require is what their tables say, row by row and both ways round.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  algorithmRequirements,
  algorithmStatus,
  type AlgorithmUse,
  compressionRequirements,
  deprecatedAlgorithms,
} from '../../src/iana/algorithm-requirements.ts'
import { ipcompTransforms } from '../../src/iana/ipcomp.ts'
import type { Registry } from '../../src/iana/registry.ts'
import { encryptionIds, integrityIds, keyExchangeIds, prfIds, transformIds, transformType } from '../../src/iana/transforms.ts'
import { requirementTables } from './requirement-tables.ts'

const { ENCR, PRF, INTEG, KE, ESN } = transformType
const tables: readonly (readonly [table: string, type: number, uses: readonly AlgorithmUse[]])[] = [
  ['RFC 8247 §2.1', ENCR, ['IKE']],
  ['RFC 8247 §2.2', PRF, ['IKE']],
  ['RFC 8247 §2.3', INTEG, ['IKE']],
  ['RFC 8247 §2.4', KE, ['IKE', 'ESP', 'AH']],
  ['RFC 8221 §5', ENCR, ['ESP']],
  ['RFC 8221 §6', INTEG, ['ESP', 'AH']],
]

describe.each(tables)('the table of %s', (table, type, uses) => {
  const rows = rowsOf(table)
  const column = (name: string): number => rows[0]?.indexOf(name) ?? -1

  test('is in the data, word for word', () => {
    expect(rows.length).toBeGreaterThan(5)
    for (const row of rows.slice(1)) {
      const id = idOf(type, row)
      // RFC 8221 §6 rates them for both in the table, and for AH alone in the text; RFC 4543 §5.3 forbids them in ESP.
      for (const use of uses.filter((each) => !/GMAC/.test(row.join()) || each === 'AH')) {
        const { level, exception, source } = algorithmStatus(use, { type, id, keyLength: 128 })
        const status = row[column('Status')] ?? ''
        const [special, general] = status.split(' / ')
        const isForThings = row.includes('(IoT)') || row.some((cell) => cell.endsWith('(IoT)'))
        const told = [use, row[0], source]
        if (/^AUTH_NONE$/.test(row[0] ?? '')) {
          expect([...told, level], row.join()).toEqual([use, row[0], table, general])
          expect(exception).toEqual(use === 'ESP' ? { where: 'AEAD', level: special } : undefined)
        } else if (isForThings) {
          expect([...told, exception], row.join()).toEqual([use, row[0], table, { where: 'IoT', level: special }])
          if (general !== undefined) expect(level).toBe(general)
        } else {
          expect([...told, level, exception], row.join()).toEqual([use, row[0], table, status, undefined])
        }
      }
    }
  })

  test('has all that the data has from it, but for what its text adds', () => {
    const listed = new Set(rows.slice(1).map((row) => idOf(type, row)))
    const more = algorithmRequirements.filter(({ source, id }) => source === table && !listed.has(id))
    const added = new Set(more.map((row) => transformIds(row.type)?.notation(row.id)))
    const fromText = new Map([
      ['RFC 8247 §2.1', ['ENCR_AES_GCM_12', 'ENCR_AES_GCM_8']],
      ['RFC 8221 §6', ['AUTH_AES_192_GMAC']],
    ])
    expect([...added]).toEqual(fromText.get(table) ?? [])
  })
})

test('footnotes about key lengths are kept apart', () => {
  const levels = (use: AlgorithmUse, id: number): readonly string[] =>
    [128, 192, 256].map((keyLength) => algorithmStatus(use, { type: ENCR, id, keyLength }).level)
  expect(levels('IKE', 12)).toEqual(['MUST', 'MAY', 'MUST'])
  expect(levels('IKE', 20)).toEqual(['SHOULD', 'MAY', 'SHOULD'])
  expect(levels('IKE', 14)).toEqual(['unmentioned', 'MAY', 'MAY'])
  expect(levels('ESP', 12)).toEqual(['MUST', 'MAY', 'MUST'])
  expect(levels('ESP', 20)).toEqual(['MUST', 'MAY', 'MUST'])
  expect(levels('ESP', 14)).toEqual(['unmentioned', 'unmentioned', 'unmentioned'])
  // A length that is missing is none of those that a row is about.
  expect(algorithmStatus('ESP', { type: ENCR, id: 12, keyLength: undefined }).level).toBe('unmentioned')
})

test('what nothing rates is unmentioned, with the clause that says what that means', () => {
  const of = (use: AlgorithmUse, type: number, id: number, keyLength?: number) => {
    const { level, source } = algorithmStatus(use, { type, id, keyLength })
    return [level, source]
  }
  expect(of('IKE', KE, 31)).toEqual(['unmentioned', 'RFC 8247 §1.3'])
  expect(of('IKE', KE, 36)).toEqual(['unmentioned', 'RFC 8247 §1.3'])
  expect(of('ESP', ENCR, 23, 256)).toEqual(['unmentioned', 'RFC 9395 §1'])
  expect(of('ESP', INTEG, 13)).toEqual(['unmentioned', 'RFC 9395 §1'])
  expect(of('AH', ESN, 0)).toEqual(['unmentioned', 'RFC 9395 §1'])
})

test('an additional key exchange is rated as a key exchange (RFC 9370 §2.2.1)', () => {
  expect(algorithmStatus('IKE', { type: transformType.ADDKE3, id: 22, keyLength: undefined })).toMatchObject({
    level: 'MUST NOT',
    deprecatedBy: 'RFC 8247',
  })
})

test('what RFC 9395 §7 has as DEPRECATED is the same, in the same order', () => {
  const registries: readonly Registry[] = [encryptionIds, prfIds, integrityIds, keyExchangeIds]
  const rows = rowsOf('RFC 9395 §7').filter(([number]) => number !== 'Number')
  expect(
    deprecatedAlgorithms.map(({ type, id, by }) => [
      `${id}`,
      registries[type - 1]?.name(id),
      by === 'RFC 9395' ? 'DEPRECATED (RFC 9395)' : 'DEPRECATED [RFC8247]',
    ]),
  ).toEqual(rows)
})

test('compression has the table of RFC 8221 §7', () => {
  const rows = rowsOf('RFC 8221 §7').slice(1)
  expect(compressionRequirements.map(({ id, level }) => [ipcompTransforms.notation(id), level])).toEqual(rows.map((row) => row.slice(0, 2)))
})

const rfcs = join(import.meta.dirname, '../../../shared/rfc')
const present = existsSync(rfcs)

describe.skipIf(!present)(`the transcript of the tables${present ? '' : ' (SKIPPED: ../shared/rfc is not here)'}`, () => {
  test.each(Object.keys(requirementTables))('%s is what the RFC prints', (table) => {
    const text = readFileSync(join(rfcs, `rfc${/\d+/.exec(table)?.[0]}.txt`), 'utf8').replaceAll(/ +/g, ' ')
    const lines = (requirementTables[table] ?? '').trim().split('\n')
    expect(lines.filter((line) => !text.includes(line))).toEqual([])
  })
})

/** Cells, with the continuations of a row joined. */
function rowsOf(table: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  for (const line of (requirementTables[table] ?? '').trim().split('\n')) {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    const last = rows.at(-1)
    if (cells[0] !== '' || last === undefined) rows.push(cells)
    else cells.forEach((cell, i) => (last[i] = `${last[i]} ${cell}`.trim()))
  }
  return rows
}

function idOf(type: number, row: readonly string[]): number {
  if (type === KE) return Number(row[0])
  const entry = transformIds(type)?.entries.find(({ notation }) => notation === row[0] || `AUTH_${notation}` === row[0])
  if (entry === undefined) throw new Error(`no number for ${row[0]}`)
  return entry.number
}
