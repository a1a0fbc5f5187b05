// docs/rfc/*.json claim what is there, and docs/rfc/*.md are in step with them.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { citationsIn } from '../../scripts/rfc-citations.ts'
import { brokenClaims, type Reader, titlesIn } from '../../scripts/rfc-claims.ts'
import { rfcPage, standingOf } from '../../scripts/rfc-page.ts'
import { allRequirements, coveredRfcs, type Requirement, requirementsOf } from '../../scripts/rfc-requirements.ts'
import { sectionsOf } from './rfc-text.ts'

const root = join(import.meta.dirname, '../..')
const read: Reader = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined)
/** Which sections are gone through, and how many key words they have. */
const covered = [
  { rfc: 3948, within: /./, words: 22 },
  { rfc: 4106, within: /./, words: 16 },
  { rfc: 4301, within: /./, words: 98 },
  { rfc: 4302, within: /./, words: 44 },
  { rfc: 4303, within: /./, words: 66 },
  { rfc: 4543, within: /./, words: 18 },
  { rfc: 4868, within: /./, words: 4 },
  { rfc: 6040, within: /./, words: 23 },
  { rfc: 7296, within: /^[123](?:\.|$)/, words: 298 },
  { rfc: 7383, within: /./, words: 32 },
] as const

test('every RFC that has a page is looked at here', () => {
  expect(covered.map(({ rfc }) => rfc)).toEqual(coveredRfcs)
})

describe.each(covered)('RFC $rfc', ({ rfc, within, words: count }) => {
  const requirements = requirementsOf(rfc)

  test('the page is what `npm run coverage:rfc` writes', () => {
    expect(read(`docs/rfc/${rfc}.md`)).toBe(rfcPage(requirements))
  })

  test('every claim holds: the code cites the section, the test or the vector is there', () => {
    expect(brokenClaims(requirements, read)).toEqual([])
  })

  test('an id is the section and the number of its first key word, and says a dozen words at most', () => {
    for (const { section, requirements: some } of requirements.sections) {
      let next = 1
      for (const { id, words, says } of some) {
        expect(id).toBe(`${section}-${next}`)
        expect(says.split(' ').length, `${id}: ${says}`).toBeLessThanOrEqual(12)
        next += words.length
      }
    }
  })

  const text = join(root, `../shared/rfc/rfc${rfc}.txt`)
  const present = existsSync(text)

  describe.skipIf(!present)(`against its text${present ? '' : ' (SKIPPED: ../shared/rfc is not here)'}`, () => {
    const sections = present ? sectionsOf(readFileSync(text, 'utf8')).filter(({ number }) => within.test(number)) : []

    test('the key words of each section are those of its requirements, one by one', () => {
      const found = sections.filter(({ words }) => words.length > 0).map(({ number, words }) => [number, words])
      expect(requirements.sections.map(({ section, requirements: some }) => [section, some.flatMap(({ words }) => words)])).toEqual(found)
    })

    test(`there are ${count} of them`, () => {
      expect(sections.flatMap(({ words }) => words)).toHaveLength(count)
    })

    test('no requirement is in the words of the RFC', () => {
      const whole = sections.map(({ prose }) => prose.toLowerCase()).join(' ')
      const copied = allRequirements(requirements).filter(({ says }) => says.split(' ').length > 5 && whole.includes(says.toLowerCase()))
      expect(copied.map(({ id }) => id)).toEqual([])
    })
  })
})

describe('a claim is found out', () => {
  const files: Readonly<Record<string, string>> = {
    'src/a.ts': '// RFC 7296 §2.1 to §2.3, §2.5; RFC 4303 §3.4.',
    'test/a.test.ts': "  it('does it', () => {\n  it.skip('does that', () => {",
    'vectors/a.json': '{ "id": "case-12" }',
  }
  const claim = (more: Partial<Requirement>): readonly string[] => {
    const stated = { id: '1-1', words: ['MUST'], says: 'it is', code: [{ file: 'src/a.ts', cites: 'RFC 7296 §2.2' }], tests: [] }
    const sections = [{ section: '1', title: '', requirements: [{ ...stated, ...more } as Requirement] }]
    return brokenClaims({ document: 'RFC 7296', scope: 'all', sections }, (path) => files[path])
  }

  test('when all is there it holds', () => {
    const tests = [
      { file: 'test/a.test.ts', title: 'does it' },
      { file: 'vectors/a.json', title: 'case-12' },
    ]
    expect(claim({ tests })).toEqual([])
  })

  test.each([
    ['no code', { code: [] }],
    ['src/a.ts does not cite RFC 7296 §2.4', { code: [{ file: 'src/a.ts', cites: 'RFC 7296 §2.4' }] }],
    ['there is no src/b.ts', { code: [{ file: 'src/b.ts', cites: 'RFC 7296 §2.1' }] }],
    ['test/a.test.ts has no test "does that"', { tests: [{ file: 'test/a.test.ts', title: 'does that' }] }],
    ['vectors/a.json has no test "case-1"', { tests: [{ file: 'vectors/a.json', title: 'case-1' }] }],
    ['9-9 is no requirement that says it', { sameAs: '9-9' }],
    ['1-1 is no requirement that says it', { sameAs: '1-1' }],
  ])('%s', (says, more) => {
    expect(claim(more)).toEqual([`1-1: ${says}`])
  })

  test('what has code without a test is counted as such', () => {
    const all = allRequirements(requirementsOf(7296))
    const [claimed] = all.filter((each) => 'code' in each && each.tests.length === 0)
    expect(claimed === undefined ? undefined : standingOf(claimed)).toBe('no test')
  })
})

test('citations are read as we write them', () => {
  expect([...citationsIn('RFC 7296 §1.2, §2.14 to §2.16 and §3; RFC 4303 §2. See §9.')]).toEqual([
    'RFC 7296 §1.2',
    'RFC 7296 §2.14',
    'RFC 7296 §2.15',
    'RFC 7296 §2.16',
    'RFC 7296 §3',
    'RFC 4303 §2',
  ])
})

test('titles are read as we write them', () => {
  const source = ["  test('one', () => {", "it.each([1])('two %s', (n) => {", "  ])('three', (_, x) => {", "  expect('four', 4)"].join('\n')
  expect(titlesIn(source)).toEqual(['one', 'two %s', 'three'])
})
