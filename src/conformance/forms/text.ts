// A run as text for people: a table of suites, then each failure with its octets.
import type { Json } from '../../inspect/describe.ts'
import { escapeText } from '../../inspect/escape.ts'
import { plainTree, type TreeStyle } from '../../inspect/tree-text.ts'
import type { Failure } from '../judge.ts'
import { formatVectorFault, type VectorFault } from '../read.ts'
import type { Counts, Row, Tally } from '../tally.ts'
import { documentOf } from '../vector.ts'

/** More failures than this are counted only. */
const mostFailures = 50

export function runText(tally: Tally, faults: readonly VectorFault[], style: TreeStyle = plainTree): string {
  const failures = tally.rows.flatMap((row) => (row.verdict.kind === 'failed' ? [formatFailure(row, row.verdict, style)] : []))
  const shown = failures.slice(0, mostFailures)
  if (failures.length > shown.length) shown.push(`… and ${failures.length - shown.length} more failures (--format json has them all)`)
  const blocks = [
    ...faults.map((fault) => style('red', `FAULT ${formatVectorFault(fault)}`)),
    ...shown,
    suiteTable(tally),
    ...omissionLines(tally),
    summaryLine(tally.summary, faults.length, style),
  ]
  return `${blocks.join('\n\n')}\n`
}

function suiteTable(tally: Tally): string {
  const head = ['suite', 'provider', 'passed', 'failed', 'skipped', 'not applicable', 'acceptable']
  const rows = tally.suites.map((each) => [
    each.suite,
    escapeText(each.provider),
    `${each.passed}`,
    `${each.failed}`,
    `${each.skipped}`,
    `${each.notApplicable}`,
    each.acceptable === 0 ? '' : `${each.acceptable} (${each.acceptableRefused} refused)`,
  ])
  return columns([head, ...rows])
}

/** Words to the left, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)))
  const padded = (cell: string, index: number): string =>
    index < 2 || index > 5 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n')
}

function omissionLines(tally: Tally): readonly string[] {
  const lines = tally.omissions.map(
    ({ providers, kind, says, count }) =>
      `${count} ${kind === 'skipped' ? 'skipped' : 'not applicable'} (${escapeText(providers.join(', '))}): ${escapeText(says)}`,
  )
  return lines.length === 0 ? [] : [lines.join('\n')]
}

/** `1830 passed, 0 failed, 12 skipped, 30 not applicable` */
export function summaryLine({ passed, failed, skipped, notApplicable }: Counts, faults: number, style: TreeStyle = plainTree): string {
  const line = `${passed} passed, ${failed} failed, ${skipped} skipped, ${notApplicable} not applicable${faults === 0 ? '' : `, ${faults} faults in files`}`
  return failed + faults > 0 ? style('red', line) : style('bold', line)
}

// ---- one failure -----------------------------------------------------------------------------------------------------------

function formatFailure({ provider, file, vector }: Row, failure: Failure, style: TreeStyle): string {
  const { source, title, inputs } = vector
  const section = 'section' in source ? ` §${source.section}` : ''
  return [
    style('red', `FAILED ${vector.id} (${escapeText(provider)})`),
    style('gray', `  ${escapeText(`${file.name}, ${documentOf(source)}${section}${title === undefined ? '' : `: ${title}`}`)}`),
    `  ${failure.layer === undefined ? '' : `${failure.layer} `}${escapeText(failure.field)}`,
    ...differenceLines(failure),
    '  inputs',
    ...Object.entries(inputs).map(([name, value]) => `    ${escapeText(name)}  ${inputText(value)}`),
  ].join('\n')
}

function differenceLines({ expected, got, firstDifference }: Failure): readonly string[] {
  if (firstDifference === undefined)
    return [`    expected ${escapeText(shortened(expected))}`, `    got      ${escapeText(shortened(got))}`]
  // A window of octets around the first that differs.
  const from = Math.max(0, firstDifference - 8)
  const window = (text: string): string => {
    const octets = text.slice(2 * from, 2 * (from + octetsShown)).match(/../g) ?? []
    return `${from > 0 ? '… ' : ''}${octets.join(' ')}${text.length > 2 * (from + octetsShown) ? ' …' : ''}`
  }
  const caret = ' '.repeat((from > 0 ? 2 : 0) + 3 * (firstDifference - from))
  return [`    expected ${window(expected)}`, `    got      ${window(got)}`, `             ${caret}^^ octet ${firstDifference}`]
}

const octetsShown = 24
const longestInput = 160

const inputText = (value: Json): string => escapeText(shortened(typeof value === 'string' ? value : JSON.stringify(value)))
const shortened = (text: string): string =>
  text.length <= longestInput ? text : `${text.slice(0, longestInput)}… (${text.length} characters)`
