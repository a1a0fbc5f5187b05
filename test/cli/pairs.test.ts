// Pairs of connection files are rehearsed, and then run with `ping` and `respond` over real sockets: the same outcome, the same suite, the same
// reason. All of them at once, since a refusal that anybody could have sent is believed after three seconds only.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rehearse } from '../../src/cli/rehearse.ts'
import { caught } from './caught.ts'
import { interruptAll, start, together } from './live.ts'
import { pairsOfFiles, type PairOfFiles } from './pairs.ts'

const folder = mkdtempSync(join(tmpdir(), 'pairs-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Failure {
  readonly code: string
  readonly reason: string
  readonly refusal: { readonly kind: string; readonly reason?: string } | null
}
interface Seen {
  readonly established: boolean
  readonly agreed: unknown
  /** As Alice and Bob tell it; of the first rekey of the Child SA where that is what was refused. */
  readonly failures: readonly [alice: Failure | null, bob: Failure | null]
  /** What Alice does about a rekey that is refused. */
  readonly next: string | null
}
interface Sas {
  readonly established: boolean
  readonly ikeSa: Readonly<Record<string, unknown>> | null
  readonly childSa: Readonly<Record<string, unknown>> | null
}
interface Rehearsed {
  readonly agree: boolean
  readonly starts: readonly (Sas & {
    readonly failures: { readonly a: Failure | null; readonly b: Failure | null } | null
    readonly renewals: readonly {
      readonly of: string
      readonly by: string
      readonly result: string
      readonly next: string | null
      readonly consequence: string | null
      readonly failures: { readonly a: Failure | null; readonly b: Failure | null } | null
    }[]
  })[]
}
interface Pinged extends Sas {
  readonly received: number
  readonly failure: Failure | null
  readonly rekeyFailures: readonly (Failure & { readonly sa: string; readonly next: string })[]
}

function agreedOn({ ikeSa, childSa }: Sas): unknown {
  if (ikeSa === null || childSa === null) return null
  const { localIdentity, remoteIdentity, suite } = ikeSa
  const { mode, localSelectors, remoteSelectors, encapsulation } = childSa
  return { localIdentity, remoteIdentity, suite, child: { mode, suite: childSa['suite'], localSelectors, remoteSelectors, encapsulation } }
}

const told = (failure: Failure | null | undefined): Failure | null =>
  failure === null || failure === undefined ? null : { code: failure.code, reason: failure.reason, refusal: failure.refusal }
const reasonOf = (failure: Failure | null): string =>
  failure === null ? '-' : [failure.refusal?.kind ?? failure.code, failure.refusal?.reason ?? ''].join(' ').trim()

/** `ping`'s JSON and the like: what its documentation says of it. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters -- checked by what is expected of it
const as = <T>(value: unknown): T => value as T

const live = new Map<string, Seen>()
const files = ({ title }: PairOfFiles): readonly [string, string] => {
  const at = pairsOfFiles.findIndex((pair) => pair.title === title)
  return [join(folder, `${at}-alice.yaml`), join(folder, `${at}-bob.yaml`)]
}

async function run(pair: PairOfFiles): Promise<void> {
  const [alice, bob] = files(pair)
  writeFileSync(alice, pair.alice, { mode: 0o600 })
  writeFileSync(bob, pair.bob, { mode: 0o600 })
  const [host] = /local_addrs: "(.*)"/.exec(pair.bob)?.slice(1) ?? []
  const responder = start('respond', '--config', bob, '--json', '--local', host === '::1' ? '[::1]:0:0' : `${host}:0:0`)
  const { endpoints } = as<{ readonly endpoints: readonly string[] }>(
    await responder.says((said) => 'event' in said && said.event === 'listening'),
  )
  const [port = '', natPort = ''] = endpoints.map((endpoint) => /\d+$/.exec(endpoint)?.[0] ?? '')
  const count = pair.lasts === 'a-moment' ? ['-c', '1'] : ['-c', '40', '-i', '0.05']
  const pinger = start('ping', '--config', alice, '--json', '--port', port, '--nat-port', natPort, ...count)
  const code = await pinger.ended
  const pinged = as<Pinged>(pinger.said.at(-1))
  const names = ['ike-sa-failed', 'child-sa-failed', 'request-refused', 'rekey-failed']
  const failed = responder.said.find((said) => 'event' in said && names.includes(String(said.event)))
  const failure = pinged.failure ?? pinged.rekeyFailures[0]
  // That a first key exchange is in vain is a refusal to Bob, and none to Alice.
  const ofBob = failure === undefined ? undefined : as<{ readonly failure: Failure } | undefined>(failed)?.failure
  expect([pair.title, code]).toEqual([pair.title, pinged.received > 0 ? 0 : 1])
  live.set(pair.title, {
    established: pinged.established,
    agreed: agreedOn(pinged),
    failures: [told(failure), told(ofBob)],
    next: pinged.rekeyFailures[0]?.next ?? null,
  })
}

beforeAll(async () => {
  await together(async () => {
    await Promise.all(pairsOfFiles.map(run))
    interruptAll()
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
  })
}, 60_000)

describe.each(pairsOfFiles)('$title', (pair) => {
  test('is in life as it was rehearsed', async () => {
    const [alice, bob] = files(pair)
    const { code, stdout } = await caught(() => rehearse({ files: [alice, bob], names: [undefined, undefined], output: 'json' }))
    const { agree, starts } = as<Rehearsed>(JSON.parse(stdout))
    const [first] = starts
    if (first === undefined) throw new Error('nobody has started')
    const refusedRekey = first.renewals.find(({ of, by, result }) => of === 'child-sa' && by === 'a' && result === 'refused')
    const failures = first.failures ?? refusedRekey?.failures
    const rehearsed: Seen = {
      established: first.established,
      agreed: agreedOn(first),
      failures: [told(failures?.a), told(failures?.b)],
      next: refusedRekey?.next ?? null,
    }
    expect(live.get(pair.title)).toEqual(rehearsed)
    expect([agree, code]).toEqual(pair.expect === 'agree' ? [true, 0] : [false, 1])
    expect(rehearsed.established).toBe(pair.expect !== 'refused')
    expect(refusedRekey?.consequence).toBe(pair.expect === 'at-rekey' ? 'set-up-anew' : undefined)
    expect(rehearsed.failures.map(reasonOf)).toEqual(pair.reasons ?? ['-', '-'])
  })
})

test('twenty of them and more, half of them broken', () => {
  const broken = pairsOfFiles.filter(({ expect: outcome }) => outcome !== 'agree')
  expect(pairsOfFiles.length).toBeGreaterThanOrEqual(20)
  expect(broken.length).toBeGreaterThanOrEqual(10)
  expect(broken.filter(({ expect: outcome }) => outcome === 'at-rekey').length).toBeGreaterThanOrEqual(2)
  expect(new Set(pairsOfFiles.map(({ title }) => title)).size).toBe(pairsOfFiles.length)
})
