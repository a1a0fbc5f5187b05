// The TCP of these tests, against itself: what it reports about IPsec can be believed only if it works.
import { expect, test } from 'vitest'
import { equal } from '../../src/bytes/bytes.ts'
import { type Endpoint, parseAddress } from '../../src/net/address.ts'
import { type TcpConnection, TinyTcp } from './harness/tiny-tcp.ts'

const client = endpoint('192.0.2.1', 40_000)
const server = endpoint('192.0.2.2', 7)

function endpoint(text: string, port: number): Endpoint {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(text)
  return { address, port }
}

/** Two ends; `pass` says of the n-th packet whether and how it arrives. */
function pair(pass: (packet: Uint8Array, n: number) => Uint8Array | undefined): { readonly left: TinyTcp; readonly right: TinyTcp } {
  let n = 0
  const carry = (to: () => TinyTcp) => (packet: Uint8Array) => {
    const arrived = pass(packet, n++)
    if (arrived !== undefined) setImmediate(() => to().receive(arrived))
  }
  const left: TinyTcp = new TinyTcp({ transmit: carry(() => right), random: () => 0xffff_fff0 })
  const right: TinyTcp = new TinyTcp({ transmit: carry(() => left), random: () => 1 })
  right.listen(server.port, echo)
  return { left, right }
}

function echo(connection: TcpConnection): void {
  connection.onData = (data) => connection.send(data)
  connection.onEnd = () => connection.end()
}

async function roundTrip(tcp: TinyTcp, data: Uint8Array): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  const connection = tcp.connect(client, server)
  connection.onData = (piece) => pieces.push(piece)
  connection.send(data)
  connection.end()
  const fault = await new Promise<string | undefined>((resolve) => {
    connection.onClose = resolve
  })
  expect(fault).toBeUndefined()
  return new Uint8Array(Buffer.concat(pieces))
}

const data = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7) & 255)

test('an echo brings all data back', async () => {
  expect(equal(await roundTrip(pair((packet) => packet).left, data), data)).toBe(true)
})

test('lost packets are sent again', async () => {
  const { left } = pair((packet, n) => (n % 9 === 4 ? undefined : packet))
  expect(equal(await roundTrip(left, data.subarray(0, 20_000)), data.subarray(0, 20_000))).toBe(true)
})

test('a wrong checksum is noticed, and made good by sending again', async () => {
  const { left, right } = pair((packet, n) => (n === 5 ? packet.with(packet.length - 1, (packet.at(-1) ?? 0) ^ 1) : packet))
  expect(equal(await roundTrip(left, data), data)).toBe(true)
  expect(left.badChecksums + right.badChecksums).toBe(1)
})
