// `ikebana check`: the linter of proposals, in words or as JSON. docs/command.md describes both.
import type { Json } from '../inspect/describe.ts'
import { escapeText } from '../inspect/escape.ts'
import { isGrave, type LintFinding, type LintReport } from '../policy/lint-findings.ts'
import { lintProposal } from '../policy/lint-proposal.ts'
import type { CheckOptions, WrittenProposal } from './check-options.ts'
import { type Accent, accented, print, printJson } from './console.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'

interface Checked extends WrittenProposal {
  readonly report: LintReport
}

/** Exit code 3 when something is refused or weak. */
export function check({ proposals, output }: CheckOptions): ExitCode {
  const checked = proposals.map((written) => ({ ...written, report: lintProposal(written.text, written.use) }))
  if (output === 'json') printJson(checkJson(checked))
  else for (const line of checked.flatMap(checkLines)) print(line)
  return checked.some(({ report }) => report.findings.some(isGrave)) ? exitCodes.configuration : exitCodes.done
}

export function checkJson(checked: readonly Checked[]): Json {
  return {
    ok: !checked.some(({ report }) => report.findings.some(isGrave)),
    proposals: checked.map(({ use, option, text, report }) => ({
      use,
      option,
      text,
      findings: report.findings.map(findingJson),
      suggestion: report.suggestion ?? null,
    })),
  }
}

function findingJson({ severity, code, word, offset, line, column, message, rfc, instead }: LintFinding): Json {
  return { severity, code, word, offset, line, column, message, rfc: rfc ?? null, instead: instead ?? null }
}

/** The text, and under it each finding with a caret under its word. */
export function checkLines({ use, option, text, report }: Checked): readonly string[] {
  const { findings, suggestion } = report
  const verdict = findings.some(isGrave) ? [] : [accented('good', findings.length === 0 ? 'good' : 'can be used')]
  const advice = suggestion === undefined ? [] : [`  suggestion: ${option} ${escapeText(suggestion)}`]
  const head = [`${use}:`, ...verdict].join(' ')
  return [
    head,
    ...(findings.length === 0 ? [`  ${escapeText(text)}`] : findings.flatMap((finding) => findingLines(text, finding))),
    ...advice,
  ]
}

function findingLines(text: string, finding: LintFinding): readonly string[] {
  const { severity, message, rfc, instead, word } = finding
  const line = text.split('\n')[finding.line - 1] ?? ''
  // Escaped as the line above is, so that the caret stays under its word.
  const margin = ' '.repeat(escapeText(line.slice(0, finding.column - 1)).length)
  const caret = '^'.repeat(Math.max(1, escapeText(word).length))
  const advice = instead === undefined ? '' : `; ${word === '' ? 'add' : 'write'} ${instead}`
  const clause = rfc === undefined ? '' : ` (${rfc})`
  return [
    `  ${escapeText(line)}`,
    `  ${margin}${accented(accents[severity], caret)}`,
    `  ${accented(accents[severity], severity)}: ${escapeText(message)}${clause}${advice}`,
  ]
}

const accents: Readonly<Record<LintFinding['severity'], Accent>> = { refused: 'bad', weak: 'careful', unusual: 'faint' }
