// A case of the kind ike-message as its maker writes it down. What is expected is our own answer, which the twin, tshark and scapy confirm.
import { toHex } from '../../../../src/bytes/bytes.ts'
import { ikeMessage } from '../../../../src/conformance/kinds/ike-message.ts'
import type { Json, JsonObject } from '../../../../src/inspect/describe.ts'
import { portableProvider } from '../../../../src/crypto/providers/portable.ts'
import { seededRandom } from '../../../../src/lab/random.ts'

export interface Draft {
  readonly id: string
  readonly title: string
  readonly document: string
  readonly section: string
  readonly octets: Uint8Array
  readonly result: 'valid' | 'invalid' | 'acceptable'
  /** `as-sent`: these are the octets that a sender has to write. `read-only`: a sender has to write others, so that no encoding is expected. */
  readonly encoding: 'as-sent' | 'read-only'
  readonly flags: readonly string[]
  /** What an acceptable message is read as, where ours refuses it. */
  readonly reading: JsonObject | undefined
}

export interface DraftFile {
  /** `messages/payloads.json` */
  readonly name: string
  readonly title: string
  readonly flags: Readonly<Record<string, string>>
  readonly drafts: readonly Draft[]
}

type Basics = Pick<Draft, 'id' | 'title' | 'section' | 'octets'> & { readonly document?: string; readonly flags?: readonly string[] }

export const valid = (basics: Basics): Draft => draft(basics, 'valid', 'as-sent')
/** What a recipient has to ignore, or nobody may send. */
export const ignored = (basics: Basics): Draft => draft(basics, 'valid', 'read-only')
export const malformed = (basics: Basics): Draft => draft(basics, 'invalid', 'read-only')
export const acceptable = (basics: Basics, reading?: JsonObject): Draft => ({ ...draft(basics, 'acceptable', 'read-only'), reading })

function draft(basics: Basics, result: Draft['result'], encoding: Draft['encoding']): Draft {
  return { document: 'RFC 7296', flags: [], reading: undefined, ...basics, result, encoding }
}

const provider = portableProvider({ random: seededRandom(1, 'provider') })
export const answerTo = (octets: Uint8Array): ReturnType<typeof ikeMessage.answer> =>
  ikeMessage.answer(provider, { message: toHex(octets) })

/** What is read of a message that ours accepts, without its encoding. */
export function readingOf(octets: Uint8Array): JsonObject {
  const answer = answerTo(octets)
  if (answer.kind !== 'outputs') throw new Error(`${toHex(octets)} is refused: ${JSON.stringify(answer)}`)
  const { encoded: _, ...reading } = answer.outputs
  return reading
}

/** The file as it is published. `confirmedBy`: who agrees to a case of this id. Throws where ours does not answer what the draft says. */
export function published({ name, title, flags, drafts }: DraftFile, confirmedBy: (id: string) => readonly string[]): JsonObject {
  return {
    $schema: '../schema/ike-message.schema.json',
    title,
    kind: 'ike-message',
    ...(Object.keys(flags).length === 0 ? {} : { flags }),
    cases: drafts.map((each) => caseOf(name, each, confirmedBy)),
  }
}

function caseOf(name: string, each: Draft, confirmedBy: (id: string) => readonly string[]): Json {
  const suite = name.replace(/\.json$/, '').replace('/', '-')
  const id = `${suite}-${each.id}`
  return {
    id,
    title: each.title,
    source: { made: each.document, section: each.section, confirmedBy: confirmedBy(id) },
    result: each.result,
    ...(each.flags.length === 0 ? {} : { flags: each.flags }),
    inputs: { message: toHex(each.octets) },
    expected: expectedOf(id, each),
  }
}

function expectedOf(id: string, { octets, result, encoding, reading }: Draft): JsonObject {
  const answer = answerTo(octets)
  if (result === 'invalid') {
    if (answer.kind === 'invalid' && answer.at !== undefined) return { ...answer.at }
  } else if (result === 'acceptable' && reading !== undefined) {
    if (answer.kind === 'invalid') return reading
  } else if (answer.kind === 'outputs') {
    return encoding === 'as-sent' ? answer.outputs : readingOf(octets)
  }
  throw new Error(`${id} is drafted as ${result}, but ours answers ${JSON.stringify(answer).slice(0, 300)}`)
}
