// What words of a scenario file say of each other: hosts, NATs and places that are named have to be there.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import type { Misfit } from '../../documents/shape.ts'
import { type Address, addressVersion, parseAddress } from '../../net/address.ts'
import { unknownWord } from '../../policy/words.ts'
import type { Action, Expectation, ScenarioHost } from '../scenario.ts'
import type { Mishap } from '../weather.ts'
import type { ScenarioShape } from './shape.ts'

type Path = readonly PropertyKey[]

/** None, where the stage can be set and every step be carried out. */
export function looseEnds(file: ScenarioShape): readonly Misfit[] {
  const { hosts, nats = [], links = [], steps, mishaps = [], expect } = file
  const known: Known = {
    hosts,
    hostNames: hosts.map(({ name }) => name),
    natNames: nats.map(({ name }) => name),
    places: [...hosts, ...nats].map(({ name }) => name),
  }
  return [
    ...(hosts.length < 2
      ? [wrong(['hosts'], `${hosts.length === 0 ? 'no hosts are' : 'one host is'} here: two at least are expected`)]
      : []),
    ...[...hosts.map((_, i) => ['hosts', i]), ...nats.map((_, i) => ['nats', i])].flatMap((path, i) => [
      ...unique([...path, 'name'], known.places[i] ?? '', known.places.slice(0, i)),
    ]),
    ...hosts.flatMap((host, i) => [
      ...named(['hosts', i, 'behind'], host.behind, 'NAT', known.natNames),
      ...sameVersion(['hosts', i, 'address'], host.address, hosts[0]?.address),
    ]),
    ...nats.flatMap(({ behind, exposes, outside }, i) => [
      ...named(['nats', i, 'behind'], behind, 'NAT before this one', known.natNames.slice(0, i)),
      ...named(['nats', i, 'exposes'], exposes, 'host', known.hostNames),
      ...sameVersion(['nats', i, 'outside'], outside, hosts[0]?.address),
    ]),
    ...links.flatMap(({ between }, i) => pair(['links', i, 'between'], between, 'host or NAT', known.places)),
    ...steps.flatMap((step, i) => ofAction(['steps', i], step, known)),
    ...expect.flatMap((expectation, i) => ofExpectation(['expect', i], expectation, known)),
    ...mishaps.flatMap((mishap, i) => ofMishap(['mishaps', i, 'link'], mishap, known)),
  ]
}

interface Known {
  readonly hosts: readonly ScenarioHost[]
  readonly hostNames: readonly string[]
  readonly natNames: readonly string[]
  /** Where links begin and end. */
  readonly places: readonly string[]
}

function ofAction(path: Path, action: Action, { hosts, hostNames, natNames, places }: Known): readonly Misfit[] {
  switch (action.do) {
    case 'initiate':
    case 'send': {
      const { host, peer } = action
      const ends = [...named([...path, 'host'], host, 'host', hostNames), ...named([...path, 'peer'], peer, 'host', hostNames)]
      return host === peer ? [...ends, wrongWord([...path, 'peer'], peer, `"${peer}" is the host itself: another one is expected`)] : ends
    }
    case 'crowd': {
      const { host } = action
      const closed = hosts.some(({ name, accepts }) => name === host && accepts !== 'anyone')
      const refused = wrongWord([...path, 'host'], host, `"${host}" cannot be crowded: it has no "accepts: anyone"`)
      return [...named([...path, 'host'], host, 'host', hostNames), ...(closed ? [refused] : [])]
    }
    case 'close':
    case 'close-child':
    case 'check-liveness':
    case 'rekey-child':
    case 'rekey-ike':
    case 'reauthenticate':
    case 'crash':
    case 'leap':
      return named([...path, 'host'], action.host, 'host', hostNames)
    case 'cut':
      return pair([...path, 'between'], action.between, 'host or NAT', places)
    case 'rebind':
      return named([...path, 'nat'], action.nat, 'NAT', natNames)
    case 'heal':
    case 'weather':
      return []
  }
}

function ofExpectation(path: Path, expectation: Expectation, { hostNames }: Known): readonly Misfit[] {
  switch (expectation.that) {
    case 'agreed':
    case 'agreed-or-none':
      return pair([...path, 'between'], expectation.between, 'host', hostNames)
    case 'none':
      return expectation.hosts.flatMap((host, i) => named([...path, 'hosts', i], host, 'host', hostNames))
    case 'event':
    case 'delivered':
    case 'dropped':
    case 'one-key-for-each-spi':
      return named([...path, 'host'], expectation.host, 'host', hostNames)
  }
}

const arrow = ' → '

/** `elsewhere` and `nowhere` are what the network calls a sender, and an address, that nobody has. */
function ofMishap(path: Path, { link }: Mishap, { places }: Known): readonly Misfit[] {
  const [from = '', to, ...more] = link.split(arrow)
  if (to === undefined || more.length > 0)
    return [wrongWord(path, link, `"${link}" is no link: write one such as "${places.slice(0, 2).join(arrow)}"`)]
  const fault = (name: string, offset: number, all: readonly string[]): readonly Misfit[] =>
    all.includes(name) ? [] : [{ kind: 'wrong-word', path, fault: unknownWord('there is no host or NAT', name, offset, all) }]
  return [...fault(from, 0, [...places, 'elsewhere']), ...fault(to, from.length + arrow.length, [...places, 'nowhere'])]
}

function pair(path: Path, [a, b]: readonly [string, string], what: string, all: readonly string[]): readonly Misfit[] {
  const ends = [...named([...path, 0], a, what, all), ...named([...path, 1], b, what, all)]
  return a === b ? [...ends, wrongWord([...path, 1], b, `"${b}" is here twice: two that differ are expected`)] : ends
}

function named(path: Path, name: string | undefined, what: string, all: readonly string[]): readonly Misfit[] {
  if (name === undefined || all.includes(name)) return []
  const fault = unknownWord(`there is no ${what}`, name, 0, all)
  const there = all.length === 0 ? '; there is none at all' : `; there is ${all.slice(0, 20).join(', ')}`
  return [{ kind: 'wrong-word', path, fault: fault.nearest === undefined ? { ...fault, message: fault.message + there } : fault }]
}

const unique = (path: Path, name: string, before: readonly string[]): readonly Misfit[] =>
  before.includes(name) ? [wrongWord(path, name, `"${name}" is the name of another host or NAT, too`)] : []

/** There is nothing between IPv4 and IPv6 that translates. */
function sameVersion(path: Path, text: string, first: string | undefined): readonly Misfit[] {
  const [one, other] = [parseAddress(text), parseAddress(first ?? text)]
  if (one === undefined || other === undefined || addressVersion(one) === addressVersion(other)) return []
  return [wrongWord(path, text, `"${text}" is ${versionOf(one)}, and that of the first host ${versionOf(other)}`)]
}

const versionOf = (address: Address): string => `an IPv${addressVersion(address)} address`

const wrong = (path: Path, message: string): Misfit => wrongWord(path, '', message)
const wrongWord = (path: Path, word: string, message: string): Misfit => ({
  kind: 'wrong-word',
  path,
  fault: { word, offset: 0, nearest: undefined, message },
})
