// A run as one JSON value, for programs. Its members: docs/command.md.
import type { JsonObject } from '../../inspect/describe.ts'
import type { VectorFault } from '../read.ts'
import type { Row, Tally } from '../tally.ts'

export function runJson(tally: Tally, faults: readonly VectorFault[]): JsonObject {
  return {
    summary: { ...tally.summary },
    suites: tally.suites.map((suite) => ({ ...suite })),
    failures: tally.rows.flatMap(failureJson),
    omissions: tally.omissions.map((omission) => ({ ...omission })),
    faults: faults.map((fault) => ({ ...fault })),
  }
}

function failureJson({ provider, file, vector, verdict }: Row): readonly JsonObject[] {
  if (verdict.kind !== 'failed') return []
  const { layer, field, expected, got, firstDifference } = verdict
  return [
    {
      id: vector.id,
      file: file.name,
      provider,
      layer: layer ?? null,
      field,
      expected,
      got,
      firstDifference: firstDifference ?? null,
      inputs: vector.inputs,
    },
  ]
}
