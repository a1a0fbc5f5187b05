// Why there is no raw path on this machine, and what to do about it.

export type RawPathObstacle =
  /** Its sockets are those of Linux. */
  | 'not-linux'
  /** The optional dependency that calls the system is not installed, or has no build for this machine. */
  | 'no-koffi'
  /** Neither root nor CAP_NET_RAW. */
  | 'not-permitted'
  /** The system said something else: see `code`. */
  | 'refused'

export class RawPathUnavailable extends Error {
  override readonly name: string = 'RawPathUnavailable'
  readonly obstacle: RawPathObstacle
  /** The system's: EPERM, EAFNOSUPPORT…; or Node's, where there is no koffi. */
  readonly code: string | undefined

  constructor(obstacle: RawPathObstacle, code?: string) {
    super(`no bare ESP or AH: ${remedies[obstacle]}${code === undefined ? '' : ` (${code})`}`)
    this.obstacle = obstacle
    this.code = code
  }
}

const remedies: Readonly<Record<RawPathObstacle, string>> = {
  'not-linux': 'this works on Linux only; elsewhere ESP goes in UDP',
  'no-koffi': 'this needs the optional package koffi 3.3, which is not here: npm install koffi@3.3',
  'not-permitted': 'raw sockets need root, or CAP_NET_RAW',
  refused: 'the system does not give us its raw sockets',
}
