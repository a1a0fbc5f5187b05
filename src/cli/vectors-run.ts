// `ikebana vectors run`: asks each implementation each case, and tells what came of it.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { styleText } from 'node:util'
import { runHtml } from '../conformance/forms/html.ts'
import { runJson } from '../conformance/forms/json.ts'
import { runJunit } from '../conformance/forms/junit.ts'
import { runTap } from '../conformance/forms/tap.ts'
import { runText, summaryLine } from '../conformance/forms/text.ts'
import type { Imported } from '../conformance/import/imported.ts'
import { judge, type Verdict } from '../conformance/judge.ts'
import type { VectorFault } from '../conformance/read.ts'
import { select } from '../conformance/select.ts'
import { ourselves, type Subject } from '../conformance/subject.ts'
import { Tally } from '../conformance/tally.ts'
import type { VectorCase, VectorFile } from '../conformance/vector.ts'
import { escapeText } from '../inspect/escape.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { nodeProvider } from '../crypto/providers/node.ts'
import { portableProvider } from '../crypto/providers/portable.ts'
import { systemRandom } from '../runtime/system-random.ts'
import { Shim } from '../runtime/shim.ts'
import { jsonText, talk } from './console.ts'
import { configurationFailure, type ExitCode, exitCodes, usageFailure } from './exit-codes.ts'
import { Progress } from './progress.ts'
import { readFolder, readImports, writeReport } from './vectors-files.ts'
import type { ProviderName, RunForm, RunOptions } from './vectors-options.ts'

export async function runVectors(options: RunOptions): Promise<ExitCode> {
  const { files, outside, faults } = readAll(options)
  const chosen = select(files, options.selection)
  if (chosen.length + outside.length + faults.length === 0)
    throw usageFailure(`no vector is like that; there are the suites ${[...new Set(files.map(({ suite }) => suite))].join(', ')}`)
  const shims = await startShims(options)
  try {
    const tally = await ask([...options.providers.map((name) => ourAnswers(ourselves(providerOf(name)))), ...shims], chosen, options.effort)
    for (const each of outside)
      for (const provider of [...options.providers, ...shims.map(({ name }) => name)]) tally.leaveOut({ ...each, provider })
    for (const shim of shims)
      if (shim.troubles() > 0) talk(`${escapeText(shim.name)} failed to answer ${shim.troubles()} times, and was started again`, 'careful')
    if (options.report !== undefined) writeReport(options.report, runHtml(tally, faults))
    process.stdout.write(inForm(options.form, tally, faults))
    if (options.form !== 'text') talk(summaryLine(tally.summary, faults.length), tally.summary.failed + faults.length > 0 ? 'bad' : 'faint')
    return tally.summary.failed + faults.length > 0 ? exitCodes.vectorsFailed : exitCodes.done
  } finally {
    await Promise.all(shims.map((shim) => shim.close()))
  }
}

function readAll({ imports, folder, selection }: RunOptions): Imported {
  if (imports === undefined) return { ...readFolder(folder), outside: [] }
  const read = imports.paths.map((path) => readImports(imports.format, path))
  // What is outside has no ids and is in no suite of ours.
  const isWhole = selection.match === undefined && selection.documents.length === 0
  return {
    files: read.flatMap(({ files }) => files),
    outside: isWhole ? read.flatMap(({ outside }) => outside) : [],
    faults: read.flatMap(({ faults }) => faults),
  }
}

/** An implementation, ours or not. */
interface Asked {
  readonly name: string
  verdict(kind: string, vector: VectorCase): Verdict | Promise<Verdict>
}

async function ask(asked: readonly Asked[], files: readonly VectorFile[], effort: RunOptions['effort']): Promise<Tally> {
  const tally = new Tally()
  const progress = new Progress()
  const total = asked.length * files.reduce((sum, { cases }) => sum + cases.length, 0)
  for (const file of files)
    for (const each of asked)
      for (const vector of file.cases) {
        const isSkipped = vector.effort === 'slow' && effort === 'quick'
        const verdict: Verdict = isSkipped ? { kind: 'skipped', says: 'slow (--slow runs it)' } : await each.verdict(file.kind, vector)
        tally.add({ provider: each.name, file, vector, verdict })
        progress.at(() => `${tally.rows.length} of ${total} cases: ${file.name}`)
      }
  progress.done()
  return tally
}

const ourAnswers = (subject: Subject): Asked => ({
  name: subject.name,
  verdict: (kind, vector) => judge(vector, subject.answer(kind, vector), subject.strictness),
})

interface AskedShim extends Asked {
  troubles(): number
  close(): Promise<void>
}

async function startShims({ shims, patience }: RunOptions): Promise<readonly AskedShim[]> {
  const started: AskedShim[] = []
  for (const command of shims) {
    try {
      started.push(shimAnswers(await Shim.start({ command, patience })))
    } catch (thrown) {
      await Promise.all(started.map((shim) => shim.close()))
      throw configurationFailure(`--shim ${command}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    }
  }
  return started
}

const shimAnswers = (shim: Shim): AskedShim => ({
  name: `${shim.hello.name} ${shim.hello.version}`.trim(),
  troubles: () => shim.troubles,
  close: () => shim.close(),
  async verdict(kind, vector) {
    const reply = await shim.ask(kind, vector)
    switch (reply.kind) {
      case 'answer':
        return judge(vector, reply.answer, shim.strictness)
      case 'trouble':
        return { kind: 'failed', layer: undefined, field: 'shim', expected: 'an answer', got: reply.says, firstDifference: undefined }
      case 'given-up':
        return { kind: 'skipped', says: reply.says }
    }
  },
})

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
      return `${jsonText(runJson(tally, faults))}\n`
    case 'junit':
      return runJunit(tally, faults)
    case 'tap':
      return runTap(tally, faults)
  }
}
