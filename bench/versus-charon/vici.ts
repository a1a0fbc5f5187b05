// As much of strongSwan's control protocol as it takes to start and end negotiations: commands with flat arguments, one at a time.
// https://github.com/strongswan/strongswan/blob/master/src/libcharon/plugins/vici/README.md
import { connect, type Socket } from 'node:net'

const packet = { commandRequest: 0, commandResponse: 1 } as const
const element = { keyValue: 3 } as const

export class Vici {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #answered: ((answer: Buffer) => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (octets: Buffer) => this.#receive(octets))
  }

  /** Connects to the socket of a charon; fails while there is none. */
  static async connect(path: string): Promise<Vici> {
    const socket = connect(path)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve())
      socket.once('error', reject)
    })
    return new Vici(socket)
  }

  /** Has a command carried out. Throws what charon says where it is anything but a success. */
  async command(name: string, words: Readonly<Record<string, string>>): Promise<void> {
    const body = Buffer.concat([
      Buffer.of(packet.commandRequest, name.length),
      Buffer.from(name),
      ...Object.entries(words).flatMap(([key, value]) => [
        Buffer.of(element.keyValue, key.length),
        Buffer.from(key),
        Buffer.of(value.length >>> 8, value.length),
        Buffer.from(value),
      ]),
    ])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    const answer = await new Promise<Buffer>((resolve) => {
      this.#answered = resolve
      this.#socket.write(Buffer.concat([length, body]))
    })
    // It begins with `success = yes`: nothing else is of interest here.
    if (answer[0] !== packet.commandResponse || !answer.includes('success\0\x03yes')) {
      throw new Error(`charon answers ${name}: ${answer.toString('latin1').replace(/[^\x20-\x7e]+/g, ' ')}`)
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(octets: Buffer): void {
    this.#received = Buffer.concat([this.#received, octets])
    if (this.#received.length < 4) return
    const end = 4 + this.#received.readUInt32BE()
    if (this.#received.length < end) return
    const answer = this.#received.subarray(4, end)
    this.#received = this.#received.subarray(end)
    this.#answered?.(answer)
  }
}
