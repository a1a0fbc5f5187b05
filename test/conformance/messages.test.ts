// The vectors of IKE messages: they are what their makers make, and ours writes every message that it reads with the same octets, whatever is
// reserved, ignored or unknown in it. RFC 7296 §3.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/inspect/describe.ts'
import { fromHex } from '../../src/bytes/bytes.ts'
import { answerTo, published } from './makers/messages/draft.ts'
import { messageFiles } from './makers/messages/files.ts'
import { ownVectors } from './support.ts'

const vectors = new URL('../../vectors/', import.meta.url)
const stored = (name: string): JsonObject => JSON.parse(readFileSync(new URL(name, vectors), 'utf8'))
const messageOf = ({ message }: JsonObject): string => (typeof message === 'string' ? message : '')
const messages = ownVectors().filter(({ suite }) => suite === 'messages')

test.each(messageFiles().map((file) => [file.name, file] as const))('%s is what its maker makes', (name, file) => {
  const confirmers = new Map(
    messages.flatMap(({ cases }) => cases).map(({ id, source }) => [id, 'confirmedBy' in source ? source.confirmedBy : []]),
  )
  expect(stored(name)).toEqual(published(file, (id) => confirmers.get(id) ?? []))
})

describe.each(messages.map((file) => [file.name, file] as const))('%s', (_, { cases }) => {
  test('what is read is written with the same octets', () => {
    for (const { id, inputs } of cases) {
      const message = messageOf(inputs)
      const answer = answerTo(fromHex(message) ?? new Uint8Array(0))
      if (answer.kind === 'outputs') expect({ id, message: answer.outputs['encoded'] }).toEqual({ id, message })
    }
  })

  test('no message is there twice', () => {
    const seen = new Map<string, string>()
    for (const { id, inputs } of cases) {
      const message = messageOf(inputs)
      expect({ id, same: seen.get(message) }).toEqual({ id, same: undefined })
      seen.set(message, id)
    }
  })
})
