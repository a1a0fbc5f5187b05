// What a host keeps of all that was done to it, when the time for it is over: nothing.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Episode } from './episode.ts'
import { Fuzzer } from './fuzzer.ts'
import type { StateName } from './states.ts'

export interface Growth {
  /** Octets of heap for each input of the second half. */
  readonly perInput: number
  readonly wrong: string | undefined
}

/** Milliseconds after which IKE SAs without a peer are forgotten. */
const forgetting = 600_000

export function siege(seed: number, state: StateName, inputs: number): Growth {
  const heaps: number[] = []
  const wrong = new Fuzzer({ seed }).siege(state, inputs, (episode) => heaps.push(heapAfter(episode)))
  const middle = heaps[Math.floor(heaps.length / 2) - 1] ?? 0
  return { perInput: ((heaps.at(-1) ?? 0) - middle) / (inputs / 2), wrong }
}

function heapAfter({ stage, given }: Episode): number {
  stage.wait(forgetting)
  stage.forgetRecords()
  given.length = 0
  collect()
  return process.memoryUsage().heapUsed
}

let collector: (() => void) | undefined

function collect(): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
  }
  collector()
}
