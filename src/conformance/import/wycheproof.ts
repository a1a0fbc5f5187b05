// Project Wycheproof's files (testvectors_v1) as cases of our kinds. What is about something that IKE and ESP do not have is left out by name.
import * as z from 'zod'
import { Import, type Imported } from './imported.ts'
import { type Mapped, mappers, type Values } from './wycheproof-tests.ts'

const hexOrEmpty = z.string().regex(/^(?:[0-9a-f]{2})*$/)
const test = z.looseObject({
  tcId: z.int(),
  comment: z.string().optional(),
  result: z.enum(['valid', 'invalid', 'acceptable']),
})
const group = z.looseObject({ type: z.string(), tests: z.array(test) })
const file = z.looseObject({ algorithm: z.string(), testGroups: z.array(group) })

/** `name`: of the file, without its folder. */
export function readWycheproof(name: string, text: string): Imported {
  const into = new Import('wycheproof', name, 'Wycheproof')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (thrown) {
    into.fault('', `not JSON: ${thrown instanceof Error ? thrown.message.slice(0, 200) : 'unreadable'}`)
    return into.result
  }
  const read = file.safeParse(parsed)
  if (!read.success) {
    for (const { path, message } of read.error.issues) into.fault(path.map((key) => `/${String(key)}`).join(''), message)
    return into.result
  }
  const { algorithm, testGroups } = read.data
  for (const { tests, ...rest } of testGroups) {
    const map = mappers[rest.type]
    for (const each of tests) {
      const mapped: Mapped = map === undefined ? `${algorithm} (${rest.type})` : map(algorithm, plain(rest), plain(each))
      if (typeof mapped === 'string') into.leaveOut(mapped)
      else for (const found of mapped) into.add(each.tcId, found, titleOf(each.comment))
    }
  }
  return into.result
}

/** Texts and numbers only: nothing else is looked at. Octets that are none read as empty. `publicKey.curve` is a member of a member. */
function plain(values: Readonly<Record<string, unknown>>): Values {
  const member = (path: string): unknown => {
    const [name = '', inner] = path.split('.')
    const value = values[name]
    return inner === undefined ? value : isRecord(value) ? value[inner] : undefined
  }
  const text = (path: string): string => {
    const value = member(path)
    return typeof value === 'string' ? value : ''
  }
  return {
    text,
    octets: (path) => (hexOrEmpty.safeParse(text(path)).success ? text(path) : ''),
    number: (path) => Number(member(path) ?? Number.NaN),
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

const titleOf = (comment: string | undefined): string | undefined =>
  comment === undefined || comment === '' ? undefined : comment.slice(0, 200)
