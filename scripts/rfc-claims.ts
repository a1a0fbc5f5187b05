// Whether what docs/rfc/*.json claims is there: the citation in the code, the title in the test, the case in the vectors.
import { citationsIn } from './rfc-citations.ts'
import { allRequirements, type Requirements } from './rfc-requirements.ts'

/** The text of a file of the repository; `undefined` where there is none. */
export type Reader = (path: string) => string | undefined

/** One line for each claim that does not hold. */
export function brokenClaims(requirements: Requirements, read: Reader): readonly string[] {
  const all = allRequirements(requirements)
  const ids = new Map(all.map((each) => [each.id, each]))
  return all.flatMap((each) => {
    if ('sameAs' in each) {
      const other = ids.get(each.sameAs)
      return other === undefined || 'sameAs' in other ? [`${each.id}: ${each.sameAs} is no requirement that says it`] : []
    }
    if (!('code' in each)) return []
    const missing: string[] = each.code.length === 0 ? [`${each.id}: no code`] : []
    for (const { file, cites } of each.code) {
      const text = read(file)
      if (text === undefined) missing.push(`${each.id}: there is no ${file}`)
      else if (!citationsIn(text).has(cites)) missing.push(`${each.id}: ${file} does not cite ${cites}`)
    }
    for (const { file, title } of each.tests) {
      const text = read(file)
      if (text === undefined) missing.push(`${each.id}: there is no ${file}`)
      else if (!hasTest(file, text, title)) missing.push(`${each.id}: ${file} has no test "${title}"`)
    }
    return missing
  })
}

function hasTest(file: string, text: string, title: string): boolean {
  if (file.endsWith('.json')) return text.includes(`"id": "${title}"`)
  return titlesIn(text).some((each) => each.includes(title))
}

/** The titles of the tests and groups of a test file, as they are written; not of those that are skipped whatever happens. */
export function titlesIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    if (!/^\s*(?:it|test|describe|\](?: as const)?\)|\}\))/.test(line) || /\.(?:skip|todo)\(/.test(line)) return []
    const title = /\((['"`])((?:\\.|(?!\1).)*)\1,/.exec(line)?.[2]
    return title === undefined ? [] : [title]
  })
}
