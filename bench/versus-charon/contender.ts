// Two processes in two network namespaces that negotiate with each other over a cable, and the CPU time that they take for it.
import { readFileSync } from 'node:fs'
import { cable, type Lab, type Namespace } from '../../test/interop/harness/lab.ts'
import { initiator, responder } from './suite.ts'

export interface Contender {
  readonly name: string
  /** Of the processes at the two ends. */
  readonly pids: readonly [initiator: number, responder: number]
  /** So many negotiations, one after another. */
  negotiate(count: number): Promise<void>
  stop(): Promise<void>
}

/** A cable of its own, with an end in each of two namespaces. */
export async function cabled(lab: Lab, name: string): Promise<readonly [initiator: Namespace, responder: Namespace]> {
  const ends = [await lab.namespace(`${name}-i`), await lab.namespace(`${name}-r`)] as const
  await cable(ends[0], 'cable0', ends[1], 'cable0')
  for (const [namespace, { outer, inner }] of [[ends[0], initiator] as const, [ends[1], responder] as const]) {
    await namespace.address('cable0', `${outer}/24`)
    await namespace.address('lo', `${inner}/32`)
  }
  return ends
}

/** CPU time of a process so far, all its threads, user and system: ms. Linux counts it exactly and tells it in steps of 10 ms. */
export function cpuTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // proc(5): the name of the program, in parentheses, may have anything in it; utime and stime are the 12th and 13th fields behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * millisecondsPerTick
}
const millisecondsPerTick = 10
