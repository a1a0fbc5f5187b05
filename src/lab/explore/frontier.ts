// States that wait for their turn, nine numbers each: millions of them would not fit otherwise.
import type { HostGraph } from './host-graph.ts'
import { GrowingList } from './state-set.ts'
import type { PacketOnTheWay, World } from './world.ts'

export class Frontier {
  readonly #graphs: readonly [HostGraph, HostGraph]
  readonly #messages = new Lists<number>((list) => list.join())
  readonly #packets = new Lists<PacketOnTheWay>((list) => list.map(({ packet, age }) => `${packet.spi} ${packet.key} ${age}`).join())
  readonly #names = new Lists<string>((list) => list.join())
  #rows = new GrowingList()
  #read = 0

  constructor(graphs: readonly [HostGraph, HostGraph]) {
    this.#graphs = graphs
  }

  get size(): number {
    return (this.#rows.length - this.#read) / rowLength
  }

  push(world: World, state: number): void {
    const { hosts, onTheWay, packets } = world
    for (const { id } of hosts) this.#rows.push(id)
    for (const list of onTheWay) this.#rows.push(this.#messages.number(list))
    for (const list of packets) this.#rows.push(this.#packets.number(list))
    this.#rows.push(this.#names.number(world.outworn))
    this.#rows.push(packCounts(world))
    this.#rows.push(state)
  }

  /** The one that has waited longest. */
  shift(): { readonly world: World; readonly state: number } {
    const at = (i: number): number => this.#rows.at(this.#read + i)
    const world: World = {
      hosts: [this.#graphs[0].state(at(0)), this.#graphs[1].state(at(1))],
      onTheWay: [this.#messages.list(at(2)), this.#messages.list(at(3))],
      packets: [this.#packets.list(at(4)), this.#packets.list(at(5))],
      outworn: this.#names.list(at(6)),
      ...unpackCounts(at(7)),
    }
    const state = at(8)
    this.#read += rowLength
    if (this.#read * 2 > this.#rows.length && this.#read > 2 ** 20) this.#forgetRead()
    return { world, state }
  }

  #forgetRead(): void {
    const rest = new GrowingList()
    for (let i = this.#read; i < this.#rows.length; i++) rest.push(this.#rows.at(i))
    this.#rows = rest
    this.#read = 0
  }
}

const rowLength = 9

type Counts = Pick<World, 'startsLeft' | 'lossesLeft' | 'duplicatesLeft' | 'hasteLeft' | 'wish'>

/** Four bits for each: more than that nobody could explore. */
export function packCounts({ startsLeft: [left, right], lossesLeft, duplicatesLeft, hasteLeft, wish }: Counts): number {
  return left | (right << 4) | (lossesLeft << 8) | (duplicatesLeft << 12) | (hasteLeft << 16) | (wish === 'wanted' ? 0 : 1 << 20)
}

function unpackCounts(packed: number): Counts {
  const bits = (from: number): number => (packed >>> from) & 15
  return {
    startsLeft: [bits(0), bits(4)],
    lossesLeft: bits(8),
    duplicatesLeft: bits(12),
    hasteLeft: bits(16),
    wish: bits(20) === 0 ? 'wanted' : 'unwanted',
  }
}

/** Lists by number: there are far fewer of them than states. */
class Lists<T> {
  readonly #keyOf: (list: readonly T[]) => string
  readonly #lists: (readonly T[])[] = []
  readonly #numbers = new Map<string, number>()

  constructor(keyOf: (list: readonly T[]) => string) {
    this.#keyOf = keyOf
  }

  number(list: readonly T[]): number {
    const key = this.#keyOf(list)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.#lists.length)
    this.#lists.push(list)
    return this.#lists.length - 1
  }

  list(number: number): readonly T[] {
    return this.#lists[number] ?? []
  }
}
