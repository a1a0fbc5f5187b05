// When the driver comes back to a host: at its deadline, wherever that has moved to meanwhile.
import { reorderingOf } from '../../src/ipsec/reordering.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Instant, instant } from '../../src/contract/units.ts'
import type { Host } from '../../src/host/host.ts'
import { type Runtime, startRuntime } from '../../src/runtime/runtime.ts'
import { alice, bob, makeHost } from '../host/two-hosts.ts'

let ticks: number[]
let deadline: Instant | undefined
let runtime: Runtime

/** A host that does nothing but wait. */
const sleeper: Host = {
  get deadline() {
    return deadline
  },
  handle(now, input) {
    if (input.kind === 'tick') {
      ticks.push(now)
      deadline = undefined
    }
    return []
  },
  counters: makeHost(alice, bob.address, 1).host.counters,
  ikeSaCount: 0,
  reordering: reorderingOf(undefined, undefined),
  view: { ikeSas: [], over: [], inbound: [], outbound: [] },
  seal() {},
  open() {},
  effectiveMtu: () => undefined,
  replacePolicies: () => [],
  drain: () => [],
}

beforeEach(async () => {
  ticks = []
  deadline = undefined
  runtime = await startRuntime({
    bind: [{ address: '127.0.0.1', ikePort: 0, natPort: undefined }],
    makeHost: () => sleeper,
    sharedKeyMac: () => new Uint8Array(0),
  })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await runtime.close(0)
})

/** Something happens, and the deadline is another one after that. */
function step(next: number | undefined): void {
  deadline = next === undefined ? undefined : instant(performance.now() + next)
  runtime.send(new Uint8Array(0))
}

it('comes at a deadline, and not before', () => {
  step(500)
  vi.advanceTimersByTime(499)
  expect(ticks).toEqual([])
  vi.advanceTimersByTime(2)
  expect(ticks).toHaveLength(1)
})

it('comes earlier when the deadline does', () => {
  step(500)
  step(100)
  vi.advanceTimersByTime(101)
  expect(ticks).toHaveLength(1)
})

it('comes later when the deadline does, and not at all when there is none', () => {
  step(100)
  step(500)
  vi.advanceTimersByTime(450)
  expect(ticks).toEqual([])
  vi.advanceTimersByTime(51)
  expect(ticks).toHaveLength(1)
  step(100)
  step(undefined)
  vi.advanceTimersByTime(10_000)
  expect(ticks).toHaveLength(1)
  step(100)
  vi.advanceTimersByTime(101)
  expect(ticks).toHaveLength(2)
})
