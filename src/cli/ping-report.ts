// What `ping --json` prints: one object. Pure.
import { childSaJson, ikeSaJson, type JsonObject } from '../inspect/describe.ts'
import { reorderingJson } from '../inspect/reordering-words.ts'
import { failureJson } from '../inspect/refusal-json.ts'
import { type Address, addressVersion } from '../net/address.ts'
import type { Reordering } from '../ipsec/reordering.ts'
import type { EchoRun } from './echo-run.ts'
import type { Outcome, RekeyFailure } from './negotiation.ts'

export interface PingReport {
  readonly peer: Address
  readonly outcome: Outcome
  /** `undefined` when no echo request was sent. */
  readonly run: EchoRun | undefined
  readonly dropped: Readonly<Record<string, number>>
  readonly reordering: Reordering
  readonly rekeyFailures: readonly RekeyFailure[]
}

export function pingJson({ peer, outcome, run, dropped, reordering, rekeyFailures }: PingReport): JsonObject {
  const established = outcome.kind === 'established' ? outcome : undefined
  const times = run?.summary.roundTrip
  return {
    established: established !== undefined,
    peer,
    ipVersion: addressVersion(peer),
    ikeSa: established?.ikeSa === undefined ? null : ikeSaJson(established.ikeSa),
    childSa: established === undefined ? null : childSaJson(established.childSa),
    from: run?.addresses.local ?? null,
    to: run?.addresses.remote ?? null,
    transmitted: run?.summary.transmitted ?? 0,
    received: run?.summary.received ?? 0,
    duplicates: run?.summary.duplicates ?? 0,
    lossPercent: micro(run?.summary.loss ?? 0),
    roundTripMs:
      times === undefined
        ? null
        : { min: micro(times.min), avg: micro(times.average), max: micro(times.max), mdev: micro(times.deviation) },
    replies: (run?.replies ?? []).map(({ sequence, octets, ttl, roundTrip }) => ({ sequence, octets, ttl, timeMs: micro(roundTrip) })),
    dropped: { ...dropped },
    reordering: reorderingJson(reordering),
    failure: outcomeJson(outcome),
    rekeyFailures: rekeyFailures.map(({ child, fault, refusal, next }) => ({
      sa: child === undefined ? 'ike-sa' : 'child-sa',
      next,
      ...failureJson(fault, refusal),
    })),
  }
}

function outcomeJson(outcome: Outcome): JsonObject | null {
  if (outcome.kind === 'established') return null
  if (outcome.kind === 'failed') return failureJson(outcome.fault, outcome.refusal)
  return outcome.kind === 'interrupted'
    ? { code: 'INTERRUPTED', reason: 'stopped before there was an answer' }
    : { code: 'NOT_SENT', reason: 'this machine refuses to send to the peer' }
}

/** Three digits behind the point. */
const micro = (value: number): number => Math.round(value * 1000) / 1000
