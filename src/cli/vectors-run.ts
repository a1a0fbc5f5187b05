// `ikebana vectors run`: asks each implementation each case, and tells what came of it.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { styleText } from 'node:util'
import { runJson } from '../conformance/forms/json.ts'
import { runJunit } from '../conformance/forms/junit.ts'
import { runTap } from '../conformance/forms/tap.ts'
import { runText, summaryLine } from '../conformance/forms/text.ts'
import { judge, type Verdict } from '../conformance/judge.ts'
import type { VectorFault } from '../conformance/read.ts'
import { select } from '../conformance/select.ts'
import { ourselves, type Subject } from '../conformance/subject.ts'
import { Tally } from '../conformance/tally.ts'
import type { VectorCase, VectorFile } from '../conformance/vector.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { nodeProvider } from '../crypto/providers/node.ts'
import { portableProvider } from '../crypto/providers/portable.ts'
import { systemRandom } from '../runtime/system-random.ts'
import { talk } from './console.ts'
import { type ExitCode, exitCodes, usageFailure } from './exit-codes.ts'
import { Progress } from './progress.ts'
import { readFolder } from './vectors-files.ts'
import type { ProviderName, RunForm, RunOptions } from './vectors-options.ts'

export function runVectors(options: RunOptions): ExitCode {
  const { files, faults } = readFolder(options.folder)
  const chosen = select(files, options.selection)
  if (chosen.length === 0 && faults.length === 0)
    throw usageFailure(`no vector is like that; there are the suites ${[...new Set(files.map(({ suite }) => suite))].join(', ')}`)
  const tally = new Tally()
  const progress = new Progress()
  const subjects = options.providers.map((name) => ourselves(providerOf(name)))
  const total = subjects.length * chosen.reduce((sum, { cases }) => sum + cases.length, 0)
  for (const file of chosen)
    for (const subject of subjects)
      for (const vector of file.cases) {
        tally.add({ provider: subject.name, file, vector, verdict: verdictOf(subject, file, vector, options.effort) })
        progress.at(() => `${tally.rows.length} of ${total} cases: ${file.name}`)
      }
  progress.done()
  process.stdout.write(inForm(options.form, tally, faults))
  if (options.form !== 'text') talk(summaryLine(tally.summary, faults.length), tally.summary.failed + faults.length > 0 ? 'bad' : 'faint')
  return tally.summary.failed + faults.length > 0 ? exitCodes.vectorsFailed : exitCodes.done
}

function verdictOf(subject: Subject, file: VectorFile, vector: VectorCase, effort: RunOptions['effort']): Verdict {
  if (vector.effort === 'slow' && effort === 'quick') return { kind: 'skipped', says: 'slow (--slow runs it)' }
  return judge(vector, subject.answer(file.kind, vector), subject.strictness)
}

function providerOf(name: ProviderName): CryptoProvider {
  return name === 'node' ? nodeProvider({ random: systemRandom }) : portableProvider({ random: systemRandom })
}

function inForm(form: RunForm, tally: Tally, faults: readonly VectorFault[]): string {
  switch (form) {
    case 'text': {
      const isColoured = styleText('red', 'x', { stream: process.stdout }) !== 'x'
      return runText(tally, faults, isColoured ? (format, text) => styleText(format, text, { validateStream: false }) : undefined)
    }
    case 'json':
      return `${JSON.stringify(runJson(tally, faults))}\n`
    case 'junit':
      return runJunit(tally, faults)
    case 'tap':
      return runTap(tally, faults)
  }
}
