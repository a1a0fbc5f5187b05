// A failure as HTML: a summary that names the cause, and the comparison behind it. No scripts, nothing to load. A page is `htmlStart`,
// `failureSection` as often as something failed, `htmlEnd` (`html.ts`).
import type { Fault } from '../contract/faults.ts'
import type { Refusal } from '../contract/refusal.ts'
import { escapeHtml } from './html.ts'
import { formatFailure } from './refusal.ts'

/** One `<details>` element, open; all text from the wire is escaped. */
export function failureHtml(fault: Fault, refusal: Refusal | undefined): string {
  const [cause = '', ...comparison] = formatFailure(fault, refusal)
  const mark = refusal?.kind === 'proposal' ? markVerdict : (line: string): string => line
  const body = comparison.length === 0 ? '' : `<pre>${comparison.map((line) => mark(escapeHtml(line))).join('\n')}</pre>`
  return `<details class="failure" open><summary>${escapeHtml(cause)}</summary>${body}</details>`
}

export interface FailureSection {
  /** What failed, for whom: `IKE SA failed`. Like the remarks it went through `escapeText` where a peer has a say in it. */
  readonly heading: string
  readonly remarks: readonly string[]
  readonly fault: Fault
  readonly refusal: Refusal | undefined
}

/** For a page that `htmlStart` began. */
export function failureSection({ heading, remarks, fault, refusal }: FailureSection): string {
  return [
    '<section>',
    `<h2>${escapeHtml(heading)}</h2>`,
    ...remarks.map((remark) => `<p>${escapeHtml(remark)}</p>`),
    failureHtml(fault, refusal),
    '</section>',
    '',
  ].join('\n')
}

/** The verdict of a row of a comparison, where it is not that both agree. */
const markVerdict = (line: string): string => line.replace(/^( {4}\S.*? {2})(differs|not offered|not configured)(?= )/, '$1<mark>$2</mark>')
