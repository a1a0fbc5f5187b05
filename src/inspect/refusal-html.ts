// A failure as HTML: a summary that names the cause, and the comparison behind it. No scripts, nothing to load.
import type { Fault } from '../contract/faults.ts'
import type { Refusal } from '../contract/refusal.ts'
import { escapeHtml } from './html.ts'
import { formatFailure } from './refusal.ts'

/** One `<details>` element, open; all text from the wire is escaped. */
export function failureHtml(fault: Fault, refusal: Refusal | undefined): string {
  const [cause = '', ...comparison] = formatFailure(fault, refusal)
  const body = comparison.length === 0 ? '' : `<pre>${comparison.map(escapeHtml).join('\n')}</pre>`
  return `<details class="failure" open><summary>${escapeHtml(cause)}</summary>${body}</details>`
}
