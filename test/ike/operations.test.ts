// Operations that nobody answers: the IKE SA that waits fails in time, both sides come to know, and nothing stays behind. RFC 7296 §2.21.2.
import { describe, expect, it } from 'vitest'
import type { Input, Output } from '../../src/contract/machine.ts'
import { Bug } from '../../src/contract/faults.ts'
import { instant } from '../../src/contract/units.ts'
import { timers } from '../../src/ike/timers.ts'
import { formatFailure } from '../../src/inspect/refusal.ts'
import { failureJson } from '../../src/inspect/refusal-json.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { udpPacket } from '../fuzz/worlds.ts'
import { alice, bob, bringUp, type Pair, pair } from '../host/two-hosts.ts'

const tooLate = timers.operationPatience + 70_000
const hour = 3_600_000

/** The n-th operation of the host takes longer than anybody waits for; all others take no time. */
function stall(host: LabHost, call: number): void {
  const { mac } = host
  let calls = 0
  Object.defineProperty(host, 'mac', { value: (request: Parameters<typeof mac>[0]) => (calls++, mac(request)) })
  // Read after each computation.
  Object.defineProperty(host, 'operationTime', { get: () => (calls - 1 === call ? tooLate : 0) })
}

const outputsOf = <K extends Output['kind']>(host: LabHost, kind: K): readonly Extract<Output, { kind: K }>[] =>
  host.inputs.flatMap(({ outputs }) => outputs.filter((output): output is Extract<Output, { kind: K }> => output.kind === kind))

const inputsOf = (host: LabHost, kind: Input['kind']) => host.inputs.filter(({ input }) => input.kind === kind)

function stalled(end: 'a' | 'b', call: number): Pair {
  const both = pair()
  stall(both[end], call)
  bringUp(both, 1_000)
  both.network.run(hour)
  return both
}

const phases = [
  { phase: 'auth-signing', end: 'a', call: 0, heard: [] },
  { phase: 'auth-verifying', end: 'a', call: 1, heard: ['SK', 'N(AUTHENTICATION_FAILED)'] },
  { phase: 'peer-verifying', end: 'b', call: 0, heard: ['SK', 'N(AUTHENTICATION_FAILED)'] },
  { phase: 'own-signing', end: 'b', call: 1, heard: ['SK', 'N(AUTHENTICATION_FAILED)'] },
] as const

describe.each(phases)('an operation that nobody answers in $phase', ({ end, call, heard }) => {
  const other = end === 'a' ? 'b' : 'a'

  it('fails the IKE SA, and says which operation it was and for how long it was waited for', () => {
    const host = stalled(end, call)[end]
    const [failure, ...more] = host.named('ike-sa-failed')
    expect(more).toEqual([])
    expect(failure?.fault).toMatchObject({
      family: 'operation',
      code: 'OPERATION_UNANSWERED',
      operation: 'shared-key-mac',
      elapsed: timers.operationPatience,
    })
    expect(host.named('ike-sa-closed')).toMatchObject([{ by: 'failure' }])
  })

  it('is cancelled; its completion, when it comes at last, is counted and changes nothing', () => {
    const host = stalled(end, call)[end]
    expect(outputsOf(host, 'cancel').map(({ id }) => id)).toEqual([outputsOf(host, 'operation')[call]?.operation.id])
    expect(inputsOf(host, 'completion').at(-1)?.outputs).toEqual([])
    expect(host.host.counters.lateCompletions).toBe(1)
  })

  it('is told to the peer as far as RFC 7296 §2.21.2 has it: AUTHENTICATION_FAILED', () => {
    const both = stalled(end, call)
    const protectedOnes = both[other].named('message').filter(({ direction, payloads }) => direction === 'received' && payloads[0] === 'SK')
    expect(protectedOnes.at(-1)?.payloads ?? []).toEqual(heard)
  })

  it('leaves no IKE SA, no Child SA and no timer behind, on either side', () => {
    for (const { host, named } of [stalled(end, call)].flatMap(({ a, b }) => [a, b].map((each) => ({ host: each.host, named: each })))) {
      expect(host.view).toEqual({ ikeSas: [], over: [], inbound: [], outbound: [] })
      expect(host.deadline).toBeUndefined()
      expect(named.named('child-sa-closed')).toHaveLength(named.named('child-sa-established').length)
    }
  })
})

describe('an initiator whose operation nobody answers', () => {
  it.each([0, 1])('drops the packets that waited, and begins anew with the next one (operation %i)', (call) => {
    const both = pair()
    stall(both.a, call)
    const send = (): void => both.network.feed(both.a, { kind: 'packet', bytes: udpPacket(alice.address, bob.address) })
    send()
    // The first packet has waited too long by itself; the second one comes just before the IKE SA fails.
    both.network.run(timers.operationPatience + 5)
    send()
    expect(both.a.host.counters.waiting).toBe(1)
    both.network.run(tooLate)
    expect(both.a.host.counters.waiting).toBe(0)
    expect(both.a.host.counters.dropped).toMatchObject({ 'waited-too-long': 1, 'negotiation-failed': 1 })
    expect(both.b.delivered).toEqual([])
    send()
    both.network.run(10_000)
    expect(both.b.delivered).toHaveLength(1)
  })
})

describe('an operation that is answered just in time', () => {
  it('is used', () => {
    const both = pair()
    Object.defineProperty(both.b, 'operationTime', { value: timers.operationPatience - 1 })
    bringUp(both)
    expect(both.b.named('child-sa-established')).toHaveLength(1)
    expect(both.b.host.counters.lateCompletions).toBe(0)
  })

  it('twice is used once', () => {
    const both = pair()
    bringUp(both)
    const [first] = inputsOf(both.b, 'completion')
    if (first === undefined) throw new Error('no completion')
    expect(both.b.handle(both.network.now, first.input)).toEqual([])
    expect(both.b.host.counters.lateCompletions).toBe(1)
  })
})

describe('the failure', () => {
  it('is told as text and as JSON', () => {
    const [failure] = stalled('b', 0).b.named('ike-sa-failed')
    if (failure === undefined) throw new Error('no failure')
    const text = 'nobody answered the operation shared-key-mac for 30000 ms [OPERATION_UNANSWERED]'
    expect(formatFailure(failure.fault, failure.refusal)).toEqual([text])
    expect(failureJson(failure.fault, failure.refusal)).toMatchObject({ code: 'OPERATION_UNANSWERED', reason: text, rfc: null })
  })
})

describe('a tick', () => {
  it('that cannot move the deadline on is a bug that is told, and not a loop without end', () => {
    const both = pair({}, {}, { loss: 1 })
    bringUp(both, 1)
    // So late that 500 ms after it is the same number.
    expect(() => both.a.host.handle(instant(1e300), { kind: 'tick' })).toThrow(Bug)
  })
})
