// The text of docs/rfc/*.md: how much of an RFC is obeyed, requirement by requirement.
import { allRequirements, type Requirement, type Requirements, type Section } from './rfc-requirements.ts'

/** What the page counts, in this order. */
export type Standing = 'tested' | 'no test' | 'not yet' | 'does not apply' | 'said elsewhere'

export function standingOf(requirement: Requirement): Standing {
  if ('sameAs' in requirement) return 'said elsewhere'
  if ('notYet' in requirement) return 'not yet'
  if ('notOurs' in requirement) return 'does not apply'
  return requirement.tests.length === 0 ? 'no test' : 'tested'
}

export function rfcPage(requirements: Requirements): string {
  const { document, scope, sections } = requirements
  const all = allRequirements(requirements)
  const words = all.reduce((sum, each) => sum + each.words.length, 0)
  const count = (standing: Standing): number => all.filter((each) => standingOf(each) === standing).length
  const features = tally(all.flatMap((each) => ('notYet' in each ? [each.notYet] : [])))
  return `# ${document}, requirement by requirement

Written by \`npm run coverage:rfc\` from \`docs/rfc/${document.slice(4)}.json\`. A row is what one sentence of ${scope} requires by MUST, MUST NOT, SHALL, SHALL NOT or
REQUIRED, in our words: read the RFC for its own. The id is the section, and which of its key words is the first of the sentence. A claim is
checked as far as this: the file of the code cites the section named, and the test has that title, or the vectors that case.

${all.length} requirements, by ${words} key words.

| standing | requirements | |
|---|---|---|
| tested | ${count('tested')} | code and tests are named |
| no test | ${count('no test')} | code is named, and no test is known that would fail without it |
| not yet | ${count('not yet')} | ${features.map(([feature, times]) => `${feature} (${times})`).join(', ')} |
| does not apply | ${count('does not apply')} | the reason is given |
| said elsewhere | ${count('said elsewhere')} | another row says the same |
${sections.map((each) => sectionText(document, each)).join('')}`
}

function sectionText(document: string, { section, title, requirements }: Section): string {
  const rows = requirements.map(
    (each) => `| ${each.id} | ${wordsOf(each)} | ${each.says} | ${codeCell(document, each)} | ${testsCell(each)} |`,
  )
  return `\n## §${section} ${title}\n| id | | requirement | code | tests |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
}

/** Each key word once. */
const wordsOf = ({ words }: Requirement): string => [...new Set(words)].join(', ')

function codeCell(document: string, requirement: Requirement): string {
  if ('sameAs' in requirement) return `see ${requirement.sameAs}`
  if ('notYet' in requirement) return `**not yet**: ${requirement.notYet}`
  if ('notOurs' in requirement) return `does not apply: ${requirement.notOurs}`
  return requirement.code.map(({ file, cites }) => `${link(file)} ${cites.replace(`${document} `, '')}`).join('<br>')
}

function testsCell(requirement: Requirement): string {
  const note = requirement.note === undefined ? [] : [requirement.note]
  if (!('code' in requirement)) return note.join('')
  const tests = requirement.tests.map(({ file, title }) => `${link(file)} ${title}`)
  return [...(tests.length === 0 ? ['**no test**'] : tests), ...note].join('<br>').replaceAll('|', '\\|')
}

/** A file of the repository, seen from docs/rfc/. */
const link = (file: string): string => `[\`${file.replace(/^(?:src|test)\//, '')}\`](../../${file})`

function tally(names: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}
