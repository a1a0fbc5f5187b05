// Messages by number.
import { toHex } from '../../bytes/bytes.ts'
import type { Datagram } from '../../contract/machine.ts'

/** Octets that went from one host to the other: equal octets are one message. */
export class Post {
  readonly #numbers = new Map<string, number>()
  readonly #messages: Datagram[] = []

  number(datagram: Datagram): number {
    const key = `${datagram.channel} ${datagram.remote.address} ${datagram.remote.port} ${toHex(datagram.bytes)}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.#messages.length)
    this.#messages.push({ ...datagram, bytes: datagram.bytes.slice() })
    return this.#messages.length - 1
  }

  datagram(message: number): Datagram {
    const datagram = this.#messages[message]
    if (datagram === undefined) throw new RangeError(`there is no message ${message}`)
    return datagram
  }
}
