// A flow in words: `out tcp 192.0.2.1:40000 192.0.2.2:443`, `in icmp/8/0 192.0.2.2 192.0.2.1`, `out mh/5 ADDR ADDR`, `out udp [2001:db8::1]:500 [2001:db8::2]:500`.
import { concat } from '../bytes/bytes.ts'
import { failed, ok, type Result } from '../bytes/result.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { type Address, addressBytes, addressVersion, parseAddress } from '../net/address.ts'
import { emptyFlow, type Flow } from '../net/flow.ts'
import { hasPorts } from '../net/transport.ts'
import { protocolNamed, protocolNames } from './selector-words.ts'
import { type Direction, isOneField } from './selector-match.ts'
import { nearestWord, type WordFault } from './words.ts'

export interface WrittenFlow {
  readonly direction: Direction
  readonly source: Address
  readonly destination: Address
  /** As selectors read it from a packet: `bytes` is the two addresses, and no packet. */
  readonly flow: Flow
  readonly bytes: Uint8Array
}

/** Protocols that have ports may come without, as a later fragment does; those that have none may have no port. */
export function parseFlow(text: string): Result<WrittenFlow, WordFault> {
  const words = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({ word, offset: index }))
  const [direction, protocol, source, destination, more] = words
  const end = { word: '', offset: text.length }
  if (direction?.word !== 'out' && direction?.word !== 'in') return wrong(direction ?? end, 'out or in', ['out', 'in'])
  const layer = parseLayer(protocol ?? end)
  if (!layer.ok) return layer
  const from = parseEnd(source ?? end, 'the source', layer.value)
  if (!from.ok) return from
  const to = parseEnd(destination ?? end, 'the destination', layer.value)
  if (!to.ok) return to
  if (more !== undefined) return wrong(more, 'nothing')
  if (addressVersion(from.value.address) !== addressVersion(to.value.address)) {
    return wrong(destination ?? end, `an address of IPv${addressVersion(from.value.address)}, as the source is one`)
  }
  if ((from.value.port === undefined) !== (to.value.port === undefined)) {
    const without = from.value.port === undefined ? (source ?? end) : (destination ?? end)
    return wrong(without, 'a port, as the other end has one')
  }
  return ok(flowOf(direction.word, layer.value, from.value, to.value))
}

interface PlacedText {
  readonly word: string
  readonly offset: number
}
interface Layer {
  readonly protocol: number
  /** Type × 256 + code, or MH type × 256. */
  readonly type: number | undefined
}
interface End {
  readonly address: Address
  readonly port: number | undefined
}

function flowOf(direction: Direction, { protocol, type }: Layer, from: End, to: End): WrittenFlow {
  const version = addressVersion(from.address)
  const known = type !== undefined || from.port !== undefined
  const flow: Flow = {
    ...emptyFlow(),
    version,
    protocol,
    source: 0,
    destination: version === 4 ? 4 : 16,
    fragmentation: known || !hasPorts(protocol) ? 'whole' : 'later',
    ports: known ? 'known' : 'none',
    sourcePort: type ?? from.port ?? 0,
    destinationPort: type ?? to.port ?? 0,
  }
  const bytes = concat(addressBytes(from.address), addressBytes(to.address))
  return { direction, source: from.address, destination: to.address, flow, bytes }
}

function parseLayer(placed: PlacedText): Result<Layer, WordFault> {
  const [name = '', type, code, more] = placed.word.split('/')
  const protocol = name === '' ? undefined : protocolNamed(name)
  const expected = 'a protocol such as tcp, udp, icmp/8/0 or 47'
  if (protocol === undefined || protocol === 0) {
    const nearest = nearestWord(
      name,
      protocolNames().filter((each) => each !== 'any'),
    )
    return wrong(placed, expected, nearest === undefined ? [] : [nearest])
  }
  if (protocol === ipProtocol.MOBILITY) {
    const number = octet(type)
    return number === undefined || code !== undefined
      ? wrong(placed, `${name}/TYPE, such as ${name}/5`)
      : ok({ protocol, type: number * 256 })
  }
  if (!isOneField(protocol)) return type === undefined ? ok({ protocol, type: undefined }) : wrong(placed, `${name} alone: it has no types`)
  const [typeNumber, codeNumber] = [octet(type), octet(code)]
  if (typeNumber === undefined || codeNumber === undefined || more !== undefined) {
    return wrong(placed, `${name}/TYPE/CODE, such as ${name}/${protocol === ipProtocol.ICMP ? 8 : 128}/0`)
  }
  return ok({ protocol, type: typeNumber * 256 + codeNumber })
}

function parseEnd(placed: PlacedText, what: string, { protocol }: Layer): Result<End, WordFault> {
  const alone = parseAddress(placed.word) ?? parseAddress(/^\[(.*)\]$/.exec(placed.word)?.[1] ?? '')
  if (alone !== undefined) return ok({ address: alone, port: undefined })
  const parts = /^(?:\[([^\]]*)\]|([^:]*)):(.*)$/.exec(placed.word)
  const address = parseAddress(parts?.[1] ?? parts?.[2] ?? '')
  if (address === undefined) return wrong(placed, `${what}: ADDR or ADDR:PORT, with brackets around an IPv6 address that has a port`)
  if (!hasPorts(protocol)) return wrong(placed, `${what} without a port: this protocol has none`)
  const text = parts?.[3] ?? ''
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536
  return port > 65_535 ? wrong(placed, `${what} with a port from 0 to 65535`) : ok({ address, port })
}

const octet = (text: string | undefined): number | undefined =>
  /^\d{1,3}$/.test(text ?? '') && Number(text) < 256 ? Number(text) : undefined

function wrong({ word, offset }: PlacedText, expected: string, valid: readonly string[] = []): Result<never, WordFault> {
  const nearest = word === '' ? undefined : nearestWord(word, valid)
  const found = word === '' ? 'the end of the flow' : `"${word}"`
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`
  return failed({ word, offset, nearest, message: `${found} is where ${expected} is expected${hint}` })
}
