// A run as one page that needs nothing else: implementations side by side, suite by suite, file by file; then each failure with its octets.
// No script; the policy allows only the style below, by its hash.
import type { Json } from '../../inspect/describe.ts'
import { escapeHtml, htmlHead } from '../../inspect/html.ts'
import type { Failure } from '../judge.ts'
import { formatVectorFault, type VectorFault } from '../read.ts'
import type { Row, Tally } from '../tally.ts'
import { documentOf, type VectorCase } from '../vector.ts'
import { summaryLine } from './text.ts'

/** A page with more failures than this is of no use in a browser. */
const mostFailures = 1000

// What the policy hashes: a test compares.
export const reportStyle: string = `
:root{color-scheme:light dark}
body{font:15px/1.45 system-ui,sans-serif;margin:1.5rem auto;padding:0 1rem;max-width:90rem}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
table{border-collapse:collapse}th,td{text-align:left;padding:.15rem 1rem .15rem 0;vertical-align:top}
thead th{border-bottom:1px solid #8886}td.n{font-variant-numeric:tabular-nums}
tr.suite>*{font-weight:600;padding-top:.6rem}tr.file>th{font-weight:400;padding-left:1.2rem}
.bad{color:#c22;font-weight:600}.faint{opacity:.6}
article{border-top:1px solid #8886;padding:.6rem 0}article h3{font-size:1rem;margin:0}
code,pre{font:13px/1.5 ui-monospace,monospace}code{overflow-wrap:anywhere}pre{margin:.3rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
mark{background:#fd06;color:inherit;outline:1px solid #b80;outline-offset:-1px}
`
/** Base64 of its SHA-256. */
export const reportHash: string = '9CgT5pX76k8psH8C7ZT1RQe/beQpAqIgcIETUUzHVnU='

const policy = `default-src 'none'; style-src 'sha256-${reportHash}'; base-uri 'none'; form-action 'none'`

export function runHtml(tally: Tally, faults: readonly VectorFault[]): string {
  const providers = [...new Set(tally.rows.map(({ provider }) => provider))]
  const failures = tally.rows.flatMap((row) => (row.verdict.kind === 'failed' ? [failureHtml(row, row.verdict)] : []))
  const omitted = tally.omissions.map(
    ({ providers, kind, says, count }) => `<tr>${cells(providers.join(', '), `${count}`, kind.replace('-', ' '), says)}</tr>`,
  )
  return [
    htmlHead('Vectors', policy, reportStyle),
    `<p>${escapeHtml(summaryLine(tally.summary, faults.length))}</p>`,
    ...faults.map((fault) => `<p class="bad">${escapeHtml(formatVectorFault(fault))}</p>`),
    suiteTable(tally.rows, providers),
    ...(failures.length === 0 ? [] : [`<h2>Failures</h2>`, ...failures.slice(0, mostFailures)]),
    ...(failures.length > mostFailures ? [`<p>… and ${failures.length - mostFailures} more.</p>`] : []),
    ...(omitted.length === 0 ? [] : [`<h2>Not asked, or not applicable</h2><table>${omitted.join('')}</table>`]),
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

const cells = (...texts: readonly string[]): string => texts.map((text) => `<td>${escapeHtml(text)}</td>`).join('')

// ---- the table -------------------------------------------------------------------------------------------------------------

function suiteTable(rows: readonly Row[], providers: readonly string[]): string {
  const lines = [...groups(rows, ({ file }) => file.suite)].flatMap(([suite, ofSuite]) => [
    line('suite', suite, ofSuite, providers),
    ...[...groups(ofSuite, ({ file }) => file.name)].map(([name, ofFile]) =>
      line('file', `${ofFile[0]?.file.title ?? ''} (${name})`, ofFile, providers),
    ),
  ])
  const head = providers.map((provider) => `<th>${escapeHtml(provider)}</th>`).join('')
  return `<table><thead><tr><th></th>${head}</tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table>`
}

function line(kind: 'suite' | 'file', title: string, rows: readonly Row[], providers: readonly string[]): string {
  const counts = providers.map((provider) => `<td class="n">${countsHtml(rows.filter((row) => row.provider === provider))}</td>`)
  return `<tr class="${kind}"><th>${escapeHtml(title)}</th>${counts.join('')}</tr>`
}

function countsHtml(rows: readonly Row[]): string {
  const count = (kind: Row['verdict']['kind']): number => rows.filter(({ verdict }) => verdict.kind === kind).length
  const [passed, failed, skipped, notApplicable] = [count('passed'), count('failed'), count('skipped'), count('not-applicable')]
  return [
    ...(passed > 0 ? [`${passed} passed`] : []),
    ...(failed > 0 ? [`<span class="bad">${failed} failed</span>`] : []),
    ...(skipped > 0 ? [`<span class="faint">${skipped} skipped</span>`] : []),
    ...(notApplicable > 0 ? [`<span class="faint">${notApplicable} not applicable</span>`] : []),
  ].join(', ')
}

function groups(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const found = new Map<string, Row[]>()
  for (const row of rows) {
    const group = found.get(keyOf(row))
    if (group === undefined) found.set(keyOf(row), [row])
    else group.push(row)
  }
  return found
}

// ---- a failure -------------------------------------------------------------------------------------------------------------

function failureHtml({ provider, file, vector }: Row, failure: Failure): string {
  const { layer, field, expected, got, firstDifference } = failure
  const where = `${layer === undefined ? '' : `${layer} `}${field}${firstDifference === undefined ? '' : `, from octet ${firstDifference}`}`
  return [
    `<article><h3>${escapeHtml(vector.id)} <span class="bad">${escapeHtml(provider)}</span></h3>`,
    `<p class="faint">${escapeHtml(sourceText(file.name, vector))}</p>`,
    `<table>`,
    `<tr><th>where</th><td>${escapeHtml(where)}</td></tr>`,
    `<tr><th>expected</th><td>${valueHtml(expected, firstDifference)}</td></tr>`,
    `<tr><th>got</th><td>${valueHtml(got, firstDifference)}</td></tr>`,
    ...Object.entries(vector.inputs).map(
      ([name, value]) => `<tr><th class="faint">${escapeHtml(name)}</th><td>${valueHtml(inputText(value), undefined)}</td></tr>`,
    ),
    '</table></article>',
  ].join('\n')
}

function sourceText(file: string, { source, title }: VectorCase): string {
  const section = 'section' in source ? ` §${source.section}` : ''
  return `${file}, ${documentOf(source)}${section}${title === undefined ? '' : `: ${title}`}`
}

const inputText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value, undefined, 1))

/** From the first octet that differs on, it is marked. */
function valueHtml(text: string, firstDifference: number | undefined): string {
  if (firstDifference === undefined) return `<pre>${escapeHtml(text)}</pre>`
  const octets = text.match(/../g) ?? []
  const [same, other] = [octets.slice(0, firstDifference).join(' '), octets.slice(firstDifference).join(' ')]
  return `<pre>${escapeHtml(same)} <mark>${escapeHtml(other)}</mark></pre>`
}
