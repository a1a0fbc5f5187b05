#!/usr/bin/env node
// The command. Exit codes: exit-codes.ts. Each verb is loaded when it is asked for.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { parseCommandLine, type Request } from './command-line.ts'
import { talk, toleratePipes } from './console.ts'
import { RawPathUnavailable } from '../runtime/raw/unavailable.ts'
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts'
import { explainRawPath, explainSocketError, systemError } from './system-errors.ts'

toleratePipes()
process.exitCode = await run(process.argv.slice(2))

async function run(words: readonly string[]): Promise<ExitCode> {
  try {
    return await perform(parseCommandLine(words))
  } catch (thrown) {
    const failure = thrown instanceof CommandFailure ? thrown : socketFailure(thrown)
    if (failure === undefined) throw thrown
    talk(`ikebana: ${failure.message}`, 'bad')
    return failure.exitCode
  }
}

async function perform(request: Request): Promise<ExitCode> {
  switch (request.verb) {
    case 'help':
      process.stdout.write(request.text)
      return exitCodes.done
    case 'version':
      return (await import('./version.ts')).version(request.output)
    case 'check':
      return (await import('./check.ts')).check(request.options)
    case 'check-file':
      return (await import('./check-file.ts')).checkFile(request.file, request.output)
    case 'schema':
      return (await import('./check-file.ts')).printSchema(request.kind)
    case 'configured': {
      const { configuredConnection } = await import('./connection-config.ts')
      return perform(request.complete(configuredConnection(request.file, request.name)))
    }
    case 'rehearse':
      return (await import('./rehearse.ts')).rehearse(request.options)
    case 'explain':
      return (await import('./explain.ts')).explain(request.options)
    case 'demo':
      return (await import('./demo.ts')).demo(request.options)
    case 'ping':
      return (await import('./ping.ts')).ping(request.host, request.options)
    case 'decode':
      return (await import('./decode.ts')).decode(request.what, request.options)
    case 'vectors':
      return (await import('./vectors.ts')).vectors(request.request)
    case 'respond':
      return (await import('./respond.ts')).respond(request.options)
  }
}

function socketFailure(thrown: unknown): CommandFailure | undefined {
  if (thrown instanceof RawPathUnavailable) return explainRawPath(thrown)
  const error = systemError(thrown)
  return error === undefined ? undefined : explainSocketError(error)
}
