// How the command ends. Scripts rely on these numbers: they do not change.
import { escapeText } from '../inspect/escape.ts'

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5

export type ExitReason = 'done' | 'failed' | 'usage' | 'configuration' | 'agentNotReached' | 'vectorsFailed'

/** What each number means. */
export const exitCodes: Readonly<Record<ExitReason, ExitCode>> = {
  done: 0,
  /** The protocol or the peer said no, or nothing came back. */
  failed: 1,
  /** Wrong options or arguments. */
  usage: 2,
  /** Options are right, what they name is not: key files, addresses, ports, permissions. */
  configuration: 3,
  agentNotReached: 4,
  vectorsFailed: 5,
}

/** Ends the command with one line on stderr; what is not fit to print in it is escaped. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string) {
    super(escapeText(message))
    this.exitCode = exitCode
  }
}

export const usageFailure = (message: string): CommandFailure => new CommandFailure(exitCodes.usage, message)
export const configurationFailure = (message: string): CommandFailure => new CommandFailure(exitCodes.configuration, message)
