// What `rehearse --json` prints: one object. Pure.
import { childSaJson, identityJson, ikeSaJson, type Json, type JsonObject } from '../inspect/describe.ts'
import { failureJson } from '../inspect/refusal-json.ts'
import { protocolName } from '../iana/protocols.ts'
import type { Caution, Span } from '../lab/forecast.ts'
import type { Rehearsal, Start } from '../lab/rehearsal.ts'
import type { Failure, Failures, Side } from '../lab/rehearsal-stage.ts'
import type { Due, Renewal } from '../lab/renewal.ts'
import { type Cast, remarksOf } from './rehearsal-report.ts'

export function rehearsalJson({ verdict, starts, forecast, cautions }: Rehearsal, cast: Cast): JsonObject {
  const sideJson = (side: Side): JsonObject => {
    const { file, party } = cast[side]
    const { connection, address, starts: whether } = party
    return { file, connection: connection.name, address, identity: identityJson(connection.localIdentity), starts: whether === 'by-itself' }
  }
  return {
    agree: verdict === 'agree',
    a: sideJson('a'),
    b: sideJson('b'),
    starts: starts.map(startJson),
    childSas: forecast.childSas.map((span) => ({ child: span.child, ...spanJson(span) })),
    ikeSa: spanJson(forecast.ikeSa),
    cautions: cautions.map(cautionJson),
    remarks: remarksOf(cautions, cast),
  }
}

function cautionJson(caution: Caution): JsonObject {
  const child = 'child' in caution ? { sa: caution.child === undefined ? 'ike-sa' : 'child-sa', child: caution.child ?? null } : {}
  const bare = caution.kind === 'not-in-udp' ? { protocol: protocolName(caution.protocol) } : {}
  const whose = caution.kind === 'dead-peer-unnoticed' ? caution.sides : caution.kind === 'ends-before-rekey' ? [caution.side] : []
  return { kind: caution.kind, ...child, ...bare, sides: whose, ...(caution.kind === 'ends-before-rekey' ? { endMs: caution.hard } : {}) }
}

function startJson({ by, child, outcome }: Start): Json {
  const isEstablished = outcome.kind === 'established'
  return {
    by,
    child,
    established: isEstablished,
    ikeSa: isEstablished ? ikeSaJson(outcome.ikeSa) : null,
    childSa: isEstablished ? childSaJson(outcome.childSa) : null,
    linkMtu: isEstablished ? outcome.linkMtu : null,
    mtu: isEstablished ? outcome.mtu : null,
    retries: outcome.retries,
    failures: isEstablished ? null : failuresJson(outcome.failures),
    renewals: isEstablished ? outcome.renewals.map(renewalJson) : [],
  }
}

function renewalJson({ of, by, due, result }: Renewal): Json {
  return {
    of,
    by,
    due: dueJson(due),
    result: result.kind,
    keyExchange: result.kind === 'renewed' ? result.keyExchange : null,
    retries: result.kind === 'renewed' ? result.retries : 0,
    failures: result.kind === 'refused' ? failuresJson(result.failures) : null,
    next: result.kind === 'refused' ? result.next : null,
    consequence: result.kind === 'refused' ? result.consequence : null,
  }
}

function failuresJson({ a, b }: Failures): JsonObject {
  const json = (failure: Failure | undefined): Json => (failure === undefined ? null : failureJson(failure.fault, failure.refusal))
  return { a: json(a), b: json(b) }
}

function dueJson(due: Due): JsonObject {
  if (due.kind === 'time') return { kind: due.kind, earliestMs: due.earliest, latestMs: due.latest }
  return due.kind === 'never' ? { kind: due.kind } : { kind: due.kind, octets: due.bytes ?? null, packets: due.packets ?? null }
}

const spanJson = ({ rekey, hard, first }: Span): JsonObject => ({
  rekey: { a: dueJson(rekey.a), b: dueJson(rekey.b) },
  endMs: { a: hard.a ?? null, b: hard.b ?? null },
  first,
})
