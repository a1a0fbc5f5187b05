// States of both hosts that are the same but for what was drawn at random: they have one hash.
import { packCounts } from './frontier.ts'
import { type Lexicon, type Reading, spiName } from './lexicon.ts'
import type { StateHash } from './state-set.ts'
import { type PacketOnTheWay, sides, type World } from './world.ts'

/** Renames what is random in the order in which it appears, and makes one hash of it all. */
export class Canon {
  readonly #lexicon: Lexicon
  readonly #readings: (message: number) => Reading
  #names = new Int32Array(2 ** 12)
  #stamps = new Int32Array(2 ** 12)
  #stamp = 0
  #named = 0
  readonly #nonces: number[] = []

  constructor(lexicon: Lexicon, readings: (message: number) => Reading) {
    this.#lexicon = lexicon
    this.#readings = readings
  }

  hash(world: World, hash: StateHash): void {
    this.#begin()
    hash.start()
    hash.add(packCounts(world))
    for (const { reading } of world.hosts) this.#add(hash, reading)
    for (const side of sides) {
      const messages = world.onTheWay[side].map(this.#readings)
      if (messages.length > 1) messages.sort((a, b) => a.skeleton - b.skeleton)
      hash.add(messages.length)
      for (const message of messages) this.#add(hash, message)
    }
    for (const side of sides) this.#addPackets(hash, world.packets[side])
    this.#addNames(
      hash,
      world.outworn.map((name) => this.#name(this.#lexicon.atom(name))),
    )
    this.#addOrder(hash)
    hash.finish()
  }

  #begin(): void {
    this.#stamp++
    this.#named = 0
    this.#nonces.length = 0
    const count = this.#lexicon.atomCount
    if (count <= this.#names.length) return
    this.#names = new Int32Array(2 * count)
    this.#stamps = new Int32Array(2 * count)
  }

  #add(hash: StateHash, { skeleton, atoms }: Reading): void {
    hash.add(skeleton)
    for (const atom of atoms) hash.add(this.#name(atom))
  }

  #name(atom: number): number {
    if (this.#stamps[atom] === this.#stamp) return this.#names[atom] ?? 0
    this.#stamps[atom] = this.#stamp
    this.#names[atom] = this.#named
    const order = this.#lexicon.orderOf(atom)
    if (order !== 0) this.#nonces.push(order)
    return this.#named++
  }

  #addPackets(hash: StateHash, packets: readonly PacketOnTheWay[]): void {
    const names = packets.map(({ packet, age }) => this.#name(this.#lexicon.atom(spiName(packet.spi))) * 2 + (age === 'old' ? 1 : 0))
    this.#addNames(hash, names)
  }

  #addNames(hash: StateHash, names: number[]): void {
    hash.add(names.length)
    for (const name of names.sort((a, b) => a - b)) hash.add(name)
  }

  /** Which of the nonces, in the order in which they appeared, is below which. */
  #addOrder(hash: StateHash): void {
    const sorted = [...this.#nonces].sort((a, b) => a - b)
    for (const nonce of this.#nonces) hash.add(sorted.indexOf(nonce))
  }
}
