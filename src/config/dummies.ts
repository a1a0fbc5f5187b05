// Dummy packets in the words of a file: dummies, dummy_size, and what they cannot be with. RFC 4303 §2.6.
import type { DummyTerms } from '../contract/install.ts'
import type { ProposalTemplate } from '../contract/transforms.ts'
import { whyNoDummies } from '../policy/dummies.ts'
import type { LifetimeFault } from './lifetimes.ts'
import { parseDummyRate, parseDummySize, parseTime } from './quantities.ts'
import type { ChildShape, ConnectionShape } from './shape.ts'

export function dummiesOf({ dummies, dummy_size }: ChildShape): DummyTerms | undefined {
  const interval = dummies === undefined ? undefined : parseDummyRate(dummies)
  const octets = dummy_size === undefined ? undefined : parseDummySize(dummy_size)
  if (interval?.ok !== true || interval.value === 'none') return undefined
  return { interval: interval.value, octets: octets?.ok === true ? octets.value : undefined }
}

/** `proposals` of the child; `undefined`: the usual ones, which encrypt. */
export function dummyFaults(
  child: ChildShape,
  proposals: readonly ProposalTemplate[] | undefined,
  connection: ConnectionShape,
): readonly LifetimeFault[] {
  if (dummiesOf(child) === undefined) {
    if (child.dummy_size === undefined) return []
    return [fault('warning', 'dummy_size', 'dummy_size has no effect without dummies: add dummies: 10/s, or leave it out')]
  }
  const why = whyNoDummies(proposals ?? [])
  if (why !== undefined) return [fault('error', 'dummies', `${why}; leave out dummies, or those proposals`)]
  const delay = parseTime(connection.dpd_delay ?? '0')
  if (!delay.ok || delay.value > 0) return []
  const message =
    'dummies go on to a peer that has gone: add dpd_delay: 30s to the connection, and it is asked whether it lives (RFC 7296 §2.4)'
  return [fault('warning', 'dummies', message)]
}

const fault = (severity: LifetimeFault['severity'], word: string, message: string): LifetimeFault => ({
  severity,
  code: 'wrong-value',
  word,
  message,
})
