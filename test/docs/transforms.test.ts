// docs/transforms.md is in step with the catalogue, the words of proposals and the providers. Its times are not judged.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  aeadShapes,
  cipherShapes,
  gmacShapes,
  integrityShapes,
  kemShapes,
  prfShapes,
  scarceCipherShapes,
} from '../../src/crypto/catalogue.ts'
import { ecpGroups } from '../../src/crypto/ecp.ts'
import { modpGroups } from '../../src/crypto/modp.ts'
import type { CryptoProvider } from '../../src/crypto/provider.ts'
import { encryption, transformType } from '../../src/iana/transforms.ts'
import { algorithmWords } from '../../src/policy/algorithm-words.ts'
import { costCells, type Measured } from '../../scripts/transforms-costs.ts'
import { fixedCells, type PageRow, pageTables, transformsPage } from '../../scripts/transforms-page.ts'
import { node, portable, transform } from '../crypto/support.ts'

const docs = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const measured: Measured = JSON.parse(docs('transforms-measured.json'))
const rows = pageTables.flatMap((table) => table.rows)
const { ENCR, PRF, INTEG, KE, ESN } = transformType

test('the page is what `npm run transforms` writes', () => {
  expect(docs('transforms.md')).toBe(transformsPage(measured))
})

test('every word of a proposal has its row, but for those of sequence numbers', () => {
  const expected = algorithmWords.filter(({ choice }) => choice.type !== ESN)
  expect(rows.map(({ words: [word] }) => word).sort()).toEqual(expected.map(({ words: [word] }) => word).sort())
})

test('everything in the catalogue has its row', () => {
  const named = (type: number) =>
    rows.filter(({ choice }) => choice.type === type).map(({ choice }) => `${choice.id}/${choice.keyLength ?? '-'}`)
  const ciphers = [...aeadShapes, ...cipherShapes, ...scarceCipherShapes].map(({ id, keyBits }) => `${id}/${keyBits ?? '-'}`)
  const ids = (shapes: readonly { readonly id: number }[]) => shapes.map(({ id }) => `${id}/-`)
  expect(named(ENCR).sort()).toEqual([...ciphers, `${encryption.ENCR_NULL}/-`].sort())
  expect(named(PRF).sort()).toEqual(ids(prfShapes).sort())
  expect(named(INTEG).sort()).toEqual(ids([...integrityShapes, ...gmacShapes]).sort())
  const montgomery = [{ id: 31 }, { id: 32 }]
  expect(named(KE).sort()).toEqual(ids([...modpGroups, ...ecpGroups, ...montgomery, ...kemShapes]).sort())
})

describe('what a row says is what the providers do', () => {
  test.each(rows.map((row) => [row.words[0], row] as const))('%s', (_, row) => {
    expect(usesWith(node, row)).toEqual(row.of.uses)
    expect(usesWith(portable, row)).toEqual(row.of.providers === '`node`' ? [] : row.of.uses)
    expect(lengthsWith(node, row)).toEqual(row.of.cells)
  })
})

/** Where a provider lets a transform be used. */
function usesWith(provider: CryptoProvider, { choice }: PageRow): readonly string[] {
  const { type, id, keyLength } = choice
  if (type === KE) return provider.keyExchange(id) === undefined ? [] : ['IKE']
  if (type === PRF) return provider.prf(id) === undefined ? [] : ['IKE']
  const [cipher, mac] = type === ENCR ? [choice, undefined] : [transform(1, 12, 128), choice]
  const inEsp = [mac, transform(3, 12)].some(
    (integrity) =>
      (type !== INTEG || integrity === mac) &&
      provider.packetKeyLengths({ protocol: 3, encryption: cipher, integrity, extendedSequence: 'no-esn' }) !== undefined,
  )
  const inIke = type === ENCR ? provider.encryption(id, keyLength) : provider.integrity(id)
  const inAh = type === INTEG && provider.packetMac(id) !== undefined
  return [...(inIke === undefined ? [] : ['IKE']), ...(inEsp ? ['ESP'] : []), ...(inAh ? ['AH'] : [])]
}

/** The lengths that a provider works with, as cells of the page. */
function lengthsWith(provider: CryptoProvider, { choice, of }: PageRow): unknown {
  const { type, id, keyLength } = choice
  const cells = { ...of.cells }
  const keymat = (octets: number | undefined): void => {
    if (octets === undefined) return
    cells.key = String(octets - Number(of.cells.salt ?? 0))
  }
  if (type === ENCR) {
    const suite = { protocol: 3, encryption: choice, integrity: undefined, extendedSequence: 'no-esn' } as const
    const found = provider.encryption(id, keyLength)
    keymat(provider.packetKeyLengths(suite)?.encryption ?? found?.keyLength)
    if (found !== undefined) cells.IV = String(found.ivLength)
    if (found?.kind === 'aead') Object.assign(cells, { ICV: String(found.icvLength), salt: String(found.saltLength) })
    if (found?.kind === 'cipher' && found.blockLength > 1) cells.block = String(found.blockLength)
  } else if (type === PRF) {
    const found = provider.prf(id)
    Object.assign(cells, { key: String(found?.keyLength), output: String(found?.outputLength) })
    cells.nonce = found?.nonceLength === undefined ? 'all' : `the first ${found.nonceLength}`
  } else if (type === INTEG) {
    const found = provider.packetMac(id)
    keymat(found?.keyLength)
    cells.ICV = String(found?.icvLength)
    if (found !== undefined && found.ivLength > 0) cells.IV = String(found.ivLength)
  } else {
    const kem = provider.kem(id)
    const octets = provider.keyExchange(id)?.publicLength
    cells.initiator = String(kem?.publicLength ?? octets)
    cells.responder = String(kem?.ciphertextLength ?? octets)
  }
  return cells
}

describe('times', () => {
  const row = (provider: string, ns: number) => ({ transform: 'x', provider, op: 'mac', size: 64, ns }) as const
  const cells = (...times: ReturnType<typeof row>[]) => costCells({ machine: '', rows: times }, 'x', [['mac', 64]])

  test('that are over 20 times as much with the portable provider are pointed out', () => {
    expect(cells(row('node', 1000), row('portable', 20_000))).toEqual(['1.0', '20', '20 ×'])
    expect(cells(row('node', 1000), row('portable', 21_400))).toEqual(['1.0', '21', '**21 ×: over 20**'])
  })

  test('are left out where a provider has none, or nobody has measured', () => {
    expect(cells(row('node', 1234_567))).toEqual(['1,235', '–', ''])
    expect(cells()).toEqual(['–', '–', ''])
  })
})

test('a status is that of RFC 8247 for IKE and of RFC 8221 for ESP', () => {
  const [table] = pageTables
  const found = table?.rows.find(({ words: [word] }) => word === '3des')
  if (table === undefined || found === undefined) throw new Error('there is such a row')
  const cells = fixedCells(found, table.lengths)
  expect(cells.at(-1)).toBe('IKE MAY, ESP SHOULD NOT')
})
