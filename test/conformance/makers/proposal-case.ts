// One case of a choice among proposals: whether it is one of right and wrong or of preference. RFC 7296 §2.7, §3.3.5.
import { proposalChoice } from '../../../src/conformance/kinds/proposal-choice.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import type { JsonObject } from '../../../src/inspect/describe.ts'
import { expectedOf, type MadeCase } from './files.ts'
import { type Offer, type Protocol, type Template } from './transforms.ts'
import type { CryptoProvider } from '../../../src/crypto/provider.ts'

export const provider: CryptoProvider = nodeProvider()
export const source = (section: string): MadeCase['source'] => ({
  made: 'RFC 7296',
  section,
  confirmedBy: ['twin written from RFC 7296 §2.7 and §3.3, RFC 5282 §8 and RFC 8221 §6'],
})

export interface ChoiceOptions {
  readonly keyExchange?: string
  /** What those choose who take longer keys. */
  readonly longerKey?: JsonObject
  /** `yes`: nothing is left to choose, though it is not seen by looking at words. */
  readonly only?: 'yes'
  readonly section?: string
}

export function choose(
  name: string,
  title: string | undefined,
  protocol: Protocol,
  offered: readonly Offer[],
  configured: readonly Template[],
  options: ChoiceOptions = {},
): MadeCase {
  const id = `proposals-${name}`
  const { keyExchange, longerKey, section = '2.7' } = options
  const inputs: JsonObject = { operation: 'choose', protocol, offered, configured, ...(keyExchange === undefined ? {} : { keyExchange }) }
  const common = { id, ...(title === undefined ? {} : { title }), source: source(section) }
  if (longerKey !== undefined) return { ...common, result: 'acceptable', flags: ['LongerKey'], inputs, expected: longerKey }
  const answer = proposalChoice.answer(provider, inputs)
  if (answer.kind === 'invalid') return { ...common, result: 'invalid', inputs, expected: expectedOf(id, 'invalid', answer) }
  const expected = expectedOf(id, 'valid', answer)
  return options.only === 'yes' || isOnlyChoice(inputs, offered, configured, expected)
    ? { ...common, result: 'valid', inputs, expected }
    : { ...common, result: 'acceptable', flags: ['OurChoice'], inputs, expected }
}

/** Without any one of what makes up the choice nothing is left to choose; nor is there a longer key on offer. */
function isOnlyChoice(inputs: JsonObject, offered: readonly Offer[], configured: readonly Template[], expected: JsonObject): boolean {
  const key = (transform: unknown): string => JSON.stringify(transform)
  const list = expected['transforms']
  const chosen: ReadonlySet<string> = new Set(Array.isArray(list) ? list.map(key) : [])
  const asked = (some: readonly Offer[]): boolean =>
    some.length > 0 && proposalChoice.answer(provider, { ...inputs, offered: some }).kind === 'outputs'
  const number = expected['number']
  if (asked(offered.filter((each) => each.number !== number))) return false
  const mine = offered.filter((each) => each.number === number)
  const without = [...chosen].some((word) =>
    asked(
      mine
        .map((each) => ({ ...each, transforms: each.transforms.filter((t) => key(t) !== word) }))
        .filter((each) => hasAllTypes(each, mine)),
    ),
  )
  return !without && !hasLongerKey(mine, configured, key)
}

/** A type that is left out altogether is another offer. */
const hasAllTypes = (left: Offer, from: readonly Offer[]): boolean => {
  const typesOf = (each: Offer): ReadonlySet<string> => new Set(each.transforms.map((t) => Object.keys(t)[0] ?? ''))
  return from.some((each) => typesOf(each).size === typesOf(left).size)
}

function hasLongerKey(offered: readonly Offer[], configured: readonly Template[], key: (transform: unknown) => string): boolean {
  const ours = configured.flatMap(({ transforms }) => transforms)
  const known = new Set(ours.map(key))
  return offered
    .flatMap(({ transforms }) => transforms)
    .some(
      (t) =>
        !known.has(key(t)) &&
        ours.some(
          (mine) =>
            mine['encryption'] === t['encryption'] &&
            Number(mine['keyLength'] ?? 0) < Number(t['keyLength'] ?? 0) &&
            mine['keyLength'] !== undefined,
        ),
    )
}
