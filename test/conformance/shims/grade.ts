// Runs the shim that is wrong, bundled once, and says where it fails.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judge } from '../../../src/conformance/judge.ts'
import type { VectorFile } from '../../../src/conformance/vector.ts'
import { Shim } from '../../../src/runtime/shim.ts'
import { bundled } from '../../programs/bundled.ts'

export interface FailedCase {
  readonly id: string
  /** `suite kind` */
  readonly of: string
  /** Id, result and inputs, as JSON. */
  readonly json: string
}

export interface Grade {
  readonly asked: number
  readonly notApplicable: number
  readonly failures: readonly FailedCase[]
  /** How often it had to be started again. */
  readonly troubles: number
}

export class WrongShim {
  readonly #folder = mkdtempSync(join(tmpdir(), 'wrong-'))
  readonly #program = bundled(this.#folder, 'test/conformance/shims/wrong.ts').join('')

  /** Asks the quick cases of `files`; ends the process whatever happens. */
  async grade(error: string, files: readonly VectorFile[]): Promise<Grade> {
    const command = `exec "${process.execPath}" "${this.#program}" ${error}`
    const shim = await Shim.start({ command, patience: 30_000 })
    try {
      let asked = 0
      let notApplicable = 0
      const failures: FailedCase[] = []
      for (const file of files) {
        for (const vector of file.cases.filter(({ effort }) => effort === 'quick')) {
          asked++
          const reply = await shim.ask(file.kind, vector)
          const verdict = reply.kind === 'answer' ? judge(vector, reply.answer, shim.strictness) : reply
          if (verdict.kind === 'not-applicable') notApplicable++
          else if (verdict.kind !== 'passed') {
            const { id, result, inputs } = vector
            failures.push({ id, of: `${file.suite} ${file.kind}`, json: JSON.stringify({ id, result, inputs }) })
          }
        }
      }
      return { asked, notApplicable, failures, troubles: shim.troubles }
    } finally {
      await shim.close()
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }
}
