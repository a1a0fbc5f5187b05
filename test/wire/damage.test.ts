// Damaged samples: every truncation is a fault that names field and offset; every length, size or count that is one too large or too
// small is a fault, or a message that is encoded to the same octets: which of the two is written in length-changes.txt, case by case.
import { describe, expect, test } from 'vitest'
import { putU16, putU32, toHex, u16, u32 } from '../../src/bytes/bytes.ts'
import type { Result } from '../../src/bytes/result.ts'
import type { WireFault } from '../../src/contract/faults.ts'
import { decodeMessage, decodePayloads, encodeMessage, encodePayloads } from '../../src/wire/codec.ts'
import type { Payload } from '../../src/wire/message.ts'
import { chain, innerSamples, isEnvelope, type LengthField, messageSamples, payloadSamples } from './samples.ts'

/** A sample in whatever form it is decoded. */
interface Subject {
  readonly name: string
  readonly bytes: Uint8Array
  readonly lengths: readonly LengthField[]
  /** Accepted octets, encoded again. */
  readonly reencode: (bytes: Uint8Array) => Result<Uint8Array, WireFault>
}

const subjects: readonly Subject[] = [
  ...payloadSamples
    .filter(({ payload }) => !isEnvelope(payload))
    .map(({ name, type, bytes, lengths }) => ({ name, bytes, lengths, reencode: throughPayloads(type) })),
  ...innerSamples.map(({ name, samples }) => ({
    name: `inside ${name}`,
    ...chain(samples),
    reencode: throughPayloads(samples[0]?.type ?? 0),
  })),
  ...messageSamples.map(({ name, bytes, lengths }) => ({ name, bytes, lengths, reencode: throughMessage })),
]

describe.each(subjects)('$name', ({ bytes, reencode, lengths }) => {
  test('every truncation is a fault within what is left', () => {
    for (let length = 0; length < bytes.length; length++) {
      const outcome = reencode(bytes.slice(0, length))
      if (outcome.ok) expect.unreachable(`accepted ${length} of ${bytes.length} octets`)
      expect(outcome.fault.field).not.toBe('')
      expect(outcome.fault.rfc).toMatch(/^RFC \d+ §[\d.]+$/)
      expect(outcome.fault.offset).toBeLessThanOrEqual(length)
    }
  })

  test('every truncation with an outer length that agrees is a fault, or comes back the same', () => {
    const outer = lengths[0]
    if (outer === undefined) expect.unreachable()
    for (let length = outer.offset + outer.octets; length < bytes.length; length++) {
      const cut = bytes.slice(0, length)
      write(cut, outer, length)
      expectFaultOrSame(cut, reencode(cut))
    }
  })

  test('every octet that is one too large or too small gives a fault, or comes back the same', () => {
    for (let at = 0; at < bytes.length; at++)
      for (const change of [-1, 1]) {
        const changed = bytes.slice()
        changed[at] = (bytes[at] ?? 0) + change
        expectFaultOrSame(changed, reencode(changed))
      }
  })
})

test('every length that is changed by one has the outcome that is written down', async () => {
  const lines = subjects.flatMap((subject) => [subject.name, ...subject.lengths.flatMap((field) => changes(subject, field)), ''])
  await expect(lines.join('\n')).toMatchFileSnapshot('./length-changes.txt')
})

function changes({ bytes, reencode }: Subject, field: LengthField): readonly string[] {
  const before = read(bytes, field)
  return [-1, 1]
    .filter((change) => before + change >= 0)
    .map((change) => {
      const changed = bytes.slice()
      write(changed, field, before + change)
      const outcome = reencode(changed)
      expectFaultOrSame(changed, outcome)
      const result = outcome.ok ? 'accepted' : `${outcome.fault.code} at ${outcome.fault.offset}, ${outcome.fault.field}`
      return `  at ${field.offset}: ${before} to ${before + change}: ${result}`
    })
}

function expectFaultOrSame(bytes: Uint8Array, outcome: Result<Uint8Array, WireFault>): void {
  if (outcome.ok) expect(toHex(outcome.value)).toBe(toHex(bytes))
  else expect(outcome.fault).toMatchObject({ family: 'wire', code: expect.stringMatching(/^WIRE_/), field: expect.stringMatching(/./) })
}

function throughPayloads(type: number): Subject['reencode'] {
  return (bytes) => {
    const decoded: Result<readonly Payload[], WireFault> = decodePayloads(type, bytes)
    return decoded.ok ? { ok: true, value: encodePayloads(decoded.value).bytes } : decoded
  }
}

function throughMessage(bytes: Uint8Array): Result<Uint8Array, WireFault> {
  const decoded = decodeMessage(bytes)
  return decoded.ok ? { ok: true, value: encodeMessage(decoded.value) } : decoded
}

function read(bytes: Uint8Array, { offset, octets }: LengthField): number {
  if (octets === 4) return u32(bytes, offset)
  return octets === 2 ? u16(bytes, offset) : (bytes[offset] ?? 0)
}

function write(bytes: Uint8Array, { offset, octets }: LengthField, value: number): void {
  if (octets === 4) putU32(bytes, offset, value)
  else if (octets === 2) putU16(bytes, offset, value)
  else bytes[offset] = value
}
