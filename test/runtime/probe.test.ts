// What the network says about a UDP port, on loopback.
import { createSocket } from 'node:dgram'
import { expect, it } from 'vitest'
import { isPortRefused } from '../../src/runtime/probe.ts'
import { address } from '../host/two-hosts.ts'

const loopback = address('127.0.0.1')

it('a port with a socket is not refused, and one that was closed is', async () => {
  const socket = createSocket('udp4')
  const port = await new Promise<number>((resolve) => socket.bind({ address: loopback }, () => resolve(socket.address().port)))
  const open = isPortRefused(loopback, { address: loopback, port }, 20)
  expect(await open).toBe(false)
  await new Promise<void>((resolve) => void socket.close(() => resolve()))
  expect(await isPortRefused(loopback, { address: loopback, port })).toBe(true)
})
