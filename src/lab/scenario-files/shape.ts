// The shape of a scenario file, and its JSON Schema for editors: `Scenario`, word for word, and what plays a failure again. What is not
// said of a word here is said in `scenario.ts` and `weather.ts`.
import * as z from 'zod'
import { failed, ok, type Result } from '../../bytes/result.ts'
import { namePattern, type ReadShape, readShape, schemaOf, worded } from '../../documents/shape.ts'
import { limits } from '../../ike/limits.ts'
import type { JsonObject } from '../../inspect/describe.ts'
import type { WordFault } from '../../policy/words.ts'
import type { Action, Expectation, Scenario, ScenarioHost, ScenarioLifetimes, ScenarioLink, ScenarioNat, Step } from '../scenario.ts'
import type { Mishap, Weather } from '../weather.ts'
import {
  asAddress,
  asEspProposals,
  asIdentity,
  asIkeProposals,
  asSubnet,
  countFrom,
  dropReasons,
  eventNames,
  parseDropReason,
  parseDuration,
  parseEventName,
  parsePeriod,
  parseProbability,
} from './words.ts'

/** What is in a file: a scenario, the seed of its world, and what befalls which datagram, where that is written down. */
export interface ScenarioShape extends Scenario {
  readonly seed?: number
  readonly mishaps?: readonly Mishap[]
}

/** A shape for each word of a type: a word that is added there is missed here by the compiler. */
type Words<T> = { readonly [K in keyof Required<T>]: z.ZodType }

const word = (description: string) => z.string().min(1).meta({ description })
const takes = (parse: (text: string) => Result<string, WordFault>, description: string) => worded(parse, { description })
const time = (description: string) =>
  worded(parseDuration, { description: `${description}. Milliseconds, or 90s, 30m, 4h`, type: ['number', 'string'] })
const period = (description: string) =>
  worded(parsePeriod, { description: `${description}. Milliseconds, or 90s, 30m, 4h`, type: ['number', 'string'] })
const count = (description: string, least: number, most?: number) =>
  worded(countFrom(least, most), {
    description,
    type: ['integer', 'string'],
    minimum: least,
    ...(most === undefined ? {} : { maximum: most }),
  })
const probability = (description: string) =>
  worded(parseProbability, { description: `${description}: 0 to 1`, type: ['number', 'string'], minimum: 0, maximum: 1 })
const name = worded(
  (text): Result<string, WordFault> => {
    const message = `"${text}" is no name: a name is 64 letters, digits, "_", "-", "." at most, a letter or a digit first`
    return namePattern.test(text) ? ok(text) : failed({ word: text, offset: 0, nearest: undefined, message })
  },
  { pattern: namePattern.source },
)
const host = name
const between = z.tuple([name, name]).meta({ description: 'Two hosts, or the NATs that hosts are behind' })
const hosts = z.tuple([name, name]).meta({ description: 'Two hosts' })

const weatherWords = {
  latency: time('How long every datagram takes').exactOptional(),
  jitter: time('Up to this much longer').exactOptional(),
  loss: probability('Of being lost').exactOptional(),
  duplication: probability('Of coming twice').exactOptional(),
  reordering: probability('Of being held back behind what follows').exactOptional(),
  mtu: count('In octets of the IP packet; larger ones are lost', 68, 65_535).exactOptional(),
  tooLong: z
    .enum(['lost', 'told'])
    .exactOptional()
    .meta({ description: 'Whether senders of bare ESP are told of larger ones, and IPv4 is fragmented' }),
} satisfies Words<Weather>
const weather = z.strictObject(weatherWords)

const lifetimes = z.strictObject({
  ike: period('When IKE SAs get new keys').exactOptional(),
  child: period('When Child SAs get new keys').exactOptional(),
  childPackets: count('After how many packets they do', 1).exactOptional(),
  reauthenticate: period('When IKE SAs are set up from scratch').exactOptional(),
} satisfies Words<ScenarioLifetimes>)

const hostShape = z.strictObject({
  name,
  address: takes(asAddress, 'Its address, inside of its NAT'),
  behind: name.exactOptional().meta({ description: 'The NAT that it is behind' }),
  identity: takes(asIdentity, 'Its name under .example, where it is left out').exactOptional(),
  key: word('What it has as the key that it shares with all others: no secret, only a scenario').exactOptional(),
  ike: takes(asIkeProposals, 'aes128gcm16-prfsha256-x25519, where it is left out').exactOptional(),
  esp: takes(asEspProposals, 'aes128gcm16-noesn, where it is left out').exactOptional(),
  mode: z.enum(['transport', 'tunnel']).exactOptional(),
  subnet: takes(asSubnet, 'What is behind it, in tunnel mode: 10.1.0.0/16').exactOptional(),
  encapsulation: z.enum(['force', 'when-needed']).exactOptional(),
  fragmentation: z.enum(['yes', 'accept', 'no']).exactOptional(),
  fragmentSize: count(
    'The largest IP datagram of an IKE message: 1280, where it is left out',
    limits.smallestFragment,
    limits.messageLength,
  ).exactOptional(),
  accepts: z.enum(['anyone']).exactOptional().meta({ description: 'Its peers may come from any address; it starts nothing then' }),
  livenessDelay: period('After how much silence it asks whether the peer lives').exactOptional(),
  lifetimes: lifetimes.exactOptional(),
  windowSize: count('How many requests it takes at once: 1, where it is left out', 1, limits.window).exactOptional(),
  operationTime: time('How long an authentication takes to compute').exactOptional(),
} satisfies Words<ScenarioHost>)

const nat = z.strictObject({
  name,
  outside: takes(asAddress, 'Its address outside'),
  behind: name.exactOptional().meta({ description: 'The NAT before this one that it is behind' }),
  mapping: z.enum(['endpoint-independent', 'address-dependent', 'address-and-port-dependent']).exactOptional(),
  timeout: period('How long a mapping lasts without a packet from inside: for ever, where it is left out').exactOptional(),
  exposes: host.exactOptional().meta({ description: 'The inside host that gets what nobody asked for' }),
} satisfies Words<ScenarioNat>)

const link = z.strictObject({ ...weatherWords, between } satisfies Words<ScenarioLink>)

const at = time('When')
const step = z.discriminatedUnion('do', [
  z.strictObject({ at, do: z.literal('initiate'), host, peer: host } satisfies Words<Doing<'initiate'>>),
  z.strictObject({
    at,
    do: z.literal('send'),
    host,
    peer: host,
    packets: count('1, where it is left out', 1, 100_000).exactOptional(),
  } satisfies Words<Doing<'send'>>),
  z.strictObject({ at, do: z.literal(['close', 'close-child', 'check-liveness', 'crash', 'crowd']), host } satisfies Words<Doing<'close'>>),
  z.strictObject({ at, do: z.literal(['rekey-child', 'rekey-ike', 'reauthenticate']), host } satisfies Words<Doing<'rekey-child'>>),
  z.strictObject({ at, do: z.literal('leap'), host, by: time('By how much') } satisfies Words<Doing<'leap'>>),
  z.strictObject({ at, do: z.literal('cut'), between } satisfies Words<Doing<'cut'>>),
  z.strictObject({ at, do: z.literal('heal') } satisfies Words<Doing<'heal'>>),
  z.strictObject({ at, do: z.literal('weather'), weather } satisfies Words<Doing<'weather'>>),
  z.strictObject({ at, do: z.literal('rebind'), nat: name } satisfies Words<Doing<'rebind'>>),
])
type Doing<D extends Action['do']> = Step & { readonly do: D }

const times = count('How many times', 0)
const expectation = z.discriminatedUnion('that', [
  z.strictObject({ that: z.literal(['agreed', 'agreed-or-none']), between: hosts } satisfies Words<Expecting<'agreed'>>),
  z.strictObject({ that: z.literal('none'), hosts: z.array(host).min(1) } satisfies Words<Expecting<'none'>>),
  z.strictObject({
    that: z.literal('event'),
    host,
    name: worded(parseEventName, { enum: [...eventNames] }),
    times: times.exactOptional(),
    before: time('Those later do not count').exactOptional(),
  } satisfies Words<Expecting<'event'>>),
  z.strictObject({ that: z.literal('delivered'), host, times } satisfies Words<Expecting<'delivered'>>),
  z.strictObject({
    that: z.literal('dropped'),
    host,
    reason: worded(parseDropReason, { enum: [...dropReasons] }),
    atMost: times,
  } satisfies Words<Expecting<'dropped'>>),
  z.strictObject({ that: z.literal('one-key-for-each-spi'), host } satisfies Words<Expecting<'one-key-for-each-spi'>>),
])
type Expecting<T extends Expectation['that']> = Expectation & { readonly that: T }

const which = { link: word('alice → bob: from where to where'), number: count('Which datagram on it, from 0', 0) }
const mishap = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lost'), ...which } satisfies Words<Mishap & { kind: 'lost' }>),
  z.strictObject({
    kind: z.literal(['delayed', 'duplicated']),
    ...which,
    by: time('How much later than the latency'),
  } satisfies Words<Mishap & { kind: 'delayed' }>),
])

const file = z.strictObject({
  name: word('What it shows'),
  seed: count('Of all chance: 1, where it is left out', 0).exactOptional(),
  hosts: z.array(hostShape).meta({ description: 'Each is a peer of every other', minItems: 2 }),
  nats: z.array(nat).exactOptional(),
  weather: weather.exactOptional().meta({ description: 'Calm, where nothing else is said' }),
  links: z.array(link).exactOptional().meta({ description: 'Other weather between two places' }),
  steps: z.array(step).meta({ description: 'What is done, and when' }),
  mishaps: z.array(mishap).exactOptional().meta({ description: 'What befalls which datagram; nothing is left to chance then' }),
  expect: z.array(expectation).meta({ description: 'What has to come of it' }),
  within: period('When all has to be decided: an hour, where it is left out').exactOptional(),
} satisfies Words<ScenarioShape>)

export const readScenarioShape = (value: unknown): ReadShape<ScenarioShape> => readShape<ScenarioShape>(file, value)

/** JSON Schema 2020-12 of scenario files. */
export const scenarioSchema = (): JsonObject => schemaOf(file, 'Scenarios of Ikebana', 'inline')

/** The words at the top of a file. */
export const scenarioWords: readonly string[] = Object.keys(file.shape)
