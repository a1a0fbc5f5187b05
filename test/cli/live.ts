// `ping` and `respond` as commands in this process, many at once: what each writes is told apart by where it was asked for.
import { AsyncLocalStorage } from 'node:async_hooks'
import { vi } from 'vitest'
import { parseCommandLine } from '../../src/cli/command-line.ts'
import { configuredConnection } from '../../src/cli/connection-config.ts'
import { ping } from '../../src/cli/ping.ts'
import { respond } from '../../src/cli/respond.ts'

export interface Running {
  /** Objects of stdout, in their order. */
  readonly said: readonly object[]
  /** The first object that is like this, as soon as there is one. */
  says(like: (said: object) => boolean): Promise<object>
  readonly ended: Promise<number>
}

/** Only within `together`. */
export function start(...words: readonly string[]): Running {
  const said: object[] = []
  let heard: () => void = () => {}
  const write = (text: string): void => {
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const value: unknown = JSON.parse(line)
      if (typeof value === 'object' && value !== null) said.push(value)
    }
    heard()
  }
  const ended = outputs.run(write, () => perform(words))
  return {
    said,
    ended,
    says: (like) =>
      new Promise((resolve, reject) => {
        heard = () => {
          const found = said.find(like)
          if (found !== undefined) resolve(found)
        }
        void ended.then((code) => reject(new Error(`${words.join(' ')} ended with ${code}`)), reject)
        heard()
      }),
  }
}

/** Ctrl-C for all that is running. Once: a second one would end this process. */
export const interruptAll = (): boolean => process.emit('SIGINT')

export async function together(run: () => Promise<void>): Promise<void> {
  const before = signals.map((signal) => process.listeners(signal))
  const limit = process.getMaxListeners()
  process.setMaxListeners(200)
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      outputs.getStore()?.(typeof text === 'string' ? text : new TextDecoder().decode(text))
      return true
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true),
  ]
  try {
    await run()
  } finally {
    for (const spy of spies) spy.mockRestore()
    for (const [i, signal] of signals.entries()) {
      for (const listener of process.listeners(signal)) if (before[i]?.includes(listener) !== true) process.removeListener(signal, listener)
    }
    process.setMaxListeners(limit)
  }
}

const outputs = new AsyncLocalStorage<(text: string) => void>()
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

async function perform(words: readonly string[]): Promise<number> {
  const asked = parseCommandLine(words)
  const request = asked.verb === 'configured' ? asked.complete(configuredConnection(asked.file, asked.name)) : asked
  if (request.verb === 'ping') return await ping(request.host, request.options)
  if (request.verb === 'respond') return await respond(request.options)
  throw new Error(request.verb)
}
