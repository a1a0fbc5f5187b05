// A run as TAP version 14 (testanything.org): one line for each case.
/* oxlint-disable consistent-return -- TypeScript sees that the switch is exhaustive */
import { escapeText } from '../../inspect/escape.ts'
import type { VectorFault } from '../read.ts'
import type { Row, Tally } from '../tally.ts'

export function runTap(tally: Tally, faults: readonly VectorFault[]): string {
  const { rows } = tally
  const lines = ['TAP version 14', `1..${rows.length + faults.length}`, ...rows.flatMap((row, index) => point(row, index + 1))]
  for (const [index, { file, path, says }] of faults.entries())
    lines.push(`not ok ${rows.length + index + 1} - ${words(`${file}#${path}: ${says}`)}`)
  return `${lines.join('\n')}\n`
}

function point({ provider, vector, verdict }: Row, number: number): readonly string[] {
  const name = `${number} - ${words(`${vector.id} (${provider})`)}`
  switch (verdict.kind) {
    case 'passed':
      return [`ok ${name}`]
    case 'skipped':
      return [`ok ${name} # SKIP ${words(verdict.says)}`]
    case 'not-applicable':
      return [`ok ${name} # SKIP not applicable: ${words(verdict.says)}`]
    case 'failed': {
      const { layer, field, expected, got, firstDifference } = verdict
      const details = { layer, field, expected, got, firstDifference }
      // A YAML block whose values are JSON strings, which YAML reads as they are.
      const block = Object.entries(details).flatMap(([key, value]) =>
        value === undefined ? [] : [`  ${key}: ${typeof value === 'string' ? JSON.stringify(escapeText(value)) : value}`],
      )
      return [`not ok ${name}`, '  ---', ...block, '  ...']
    }
  }
}

/** A `#` starts a directive unless it is escaped. */
const words = (text: string): string => escapeText(text).replaceAll('#', '\\#')
