// What the demonstration tells, as text and as JSON. Pure.
import type { ChildSaEstablished, IkeSaEstablished } from '../contract/events.ts'
import type { Fault } from '../contract/faults.ts'
import type { Refusal } from '../contract/refusal.ts'
import { childSuiteJson, describeChildSa, describeIkeSa, ikeSuiteJson, type JsonObject } from '../inspect/describe.ts'
import { formatLadder, type LadderRow } from '../inspect/ladder.ts'
import { formatFailure } from '../inspect/refusal.ts'
import { failureJson } from '../inspect/refusal-json.ts'

export interface DemoReport {
  readonly rows: readonly LadderRow[]
  readonly ikeSa: IkeSaEstablished | undefined
  readonly childSa: ChildSaEstablished | undefined
  readonly failure: { readonly fault: Fault; readonly refusal: Refusal | undefined } | undefined
  /** Totals of both directions. */
  readonly sent: number
  readonly opened: number
  readonly dropped: Readonly<Record<string, number>>
  /** From the first packet to the last, in milliseconds. */
  readonly exchangeElapsed: number
  /** From the first message to the last. */
  readonly elapsed: number
}

export function demoText(report: DemoReport, width: number): readonly string[] {
  const lines = [formatLadder(report.rows, { width, localName: 'alice.example', remoteName: 'bob.example' }), '']
  if (report.failure !== undefined) return [...lines, ...formatFailure(report.failure.fault, report.failure.refusal)]
  if (report.ikeSa !== undefined) lines.push(...describeIkeSa(report.ikeSa))
  if (report.childSa !== undefined) lines.push(...describeChildSa(report.childSa))
  const rate = report.exchangeElapsed === 0 ? 0 : Math.round((report.sent / report.exchangeElapsed) * 1000)
  const dropped = Object.entries(report.dropped).map(([reason, packets]) => `${packets} ${reason}`)
  lines.push(
    '',
    `packets: ${report.sent} sent, ${report.opened} opened, ${report.sent - report.opened} lost; dropped: ${dropped.length === 0 ? 'none' : dropped.join(', ')}`,
    `rate: ${rate} packets a second, sealed and opened in one process; everything took ${report.elapsed.toFixed(0)} ms`,
  )
  return lines
}

/** `{ established, sent, opened, lost, dropped, suite: { ike, esp }, elapsedMs }`, and `failure` when there was one. */
export function demoJson(report: DemoReport): JsonObject {
  const { ikeSa, childSa, failure } = report
  return {
    established: ikeSa !== undefined && childSa !== undefined,
    sent: report.sent,
    opened: report.opened,
    lost: report.sent - report.opened,
    dropped: { ...report.dropped },
    suite: {
      ike: ikeSa === undefined ? null : ikeSuiteJson(ikeSa.suite),
      esp: childSa === undefined ? null : childSuiteJson(childSa.suite),
    },
    elapsedMs: Math.round(report.elapsed * 10) / 10,
    ...(failure === undefined ? {} : { failure: failureJson(failure.fault, failure.refusal) }),
  }
}
