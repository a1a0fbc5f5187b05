// A run as JUnit's XML, which build servers show: one test suite for each suite and provider.
/* oxlint-disable consistent-return -- TypeScript sees that the switch is exhaustive */
import { escapeHtml } from '../../inspect/html.ts'
import type { VectorFault } from '../read.ts'
import type { Row, Tally } from '../tally.ts'

export function runJunit(tally: Tally, faults: readonly VectorFault[]): string {
  const { summary, suites, rows } = tally
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'ikebana vectors', tests: summary.total + faults.length, failures: summary.failed, errors: faults.length })}>`,
  ]
  for (const { suite, provider, total, failed, skipped, notApplicable } of suites) {
    const own = rows.filter((row) => row.file.suite === suite && row.provider === provider)
    lines.push(
      `<testsuite${attributes({ name: `${suite} (${provider})`, tests: total, failures: failed, errors: 0, skipped: skipped + notApplicable })}>`,
      ...own.map(testCase),
      '</testsuite>',
    )
  }
  if (faults.length > 0) {
    const errors = faults.map(
      ({ file, path, says }) =>
        `<testcase${attributes({ name: `${file}#${path}`, classname: 'files' })}><error${attributes({ message: says })}/></testcase>`,
    )
    lines.push(
      `<testsuite${attributes({ name: 'files', tests: faults.length, failures: 0, errors: faults.length })}>`,
      ...errors,
      '</testsuite>',
    )
  }
  lines.push('</testsuites>')
  return `${lines.join('\n')}\n`
}

function testCase({ provider, file, vector, verdict }: Row): string {
  const open = `<testcase${attributes({ name: vector.id, classname: `${provider}.${file.name.replace(/\.json$/, '').replaceAll('/', '.')}` })}`
  switch (verdict.kind) {
    case 'passed':
      return `${open}/>`
    case 'skipped':
      return `${open}><skipped${attributes({ message: verdict.says })}/></testcase>`
    case 'not-applicable':
      return `${open}><skipped${attributes({ message: `not applicable: ${verdict.says}` })}/></testcase>`
    case 'failed': {
      const { field, expected, got, firstDifference } = verdict
      const where = firstDifference === undefined ? '' : `, octet ${firstDifference}`
      return `${open}><failure${attributes({ message: `${field}${where}` })}>expected ${escapeHtml(expected)}\ngot ${escapeHtml(got)}</failure></testcase>`
    }
  }
}

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeHtml(String(value))}"`)
    .join('')
