// What a verb writes, caught on the way out; a `CommandFailure` is what the command would say and exit with.
import { vi } from 'vitest'
import { type ExitCode, CommandFailure } from '../../src/cli/exit-codes.ts'

export interface Caught {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export async function caught(run: () => ExitCode | Promise<ExitCode>): Promise<Caught> {
  const texts = { stdout: '', stderr: '' }
  const keep =
    (stream: keyof typeof texts) =>
    (text: string | Uint8Array): boolean => {
      texts[stream] += typeof text === 'string' ? text : new TextDecoder().decode(text)
      return true
    }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(keep('stdout')),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep('stderr')),
  ]
  try {
    const code = await run()
    return { code, ...texts }
  } catch (thrown) {
    if (!(thrown instanceof CommandFailure)) throw thrown
    return { code: thrown.exitCode, stdout: texts.stdout, stderr: thrown.message }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
