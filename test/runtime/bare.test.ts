// How the driver and a raw path live together: one gets what is on channel `ip`, both are opened and closed together.
import { reorderingOf } from '../../src/ipsec/reordering.ts'
import { createSocket } from 'node:dgram'
import { expect, it } from 'vitest'
import type { Datagram, Input, Output } from '../../src/contract/machine.ts'
import type { Host } from '../../src/host/host.ts'
import type { RawPath, RawPathOptions } from '../../src/runtime/raw/raw-path.ts'
import { RawPathUnavailable } from '../../src/runtime/raw/unavailable.ts'
import { type Runtime, type RuntimeOptions, startRuntime } from '../../src/runtime/runtime.ts'
import type { SendFailure } from '../../src/runtime/sockets.ts'
import { alice, bob, makeHost } from '../host/two-hosts.ts'
import { endpoint } from '../inspect/samples.ts'

const local = endpoint('127.0.0.1', 0)
const remote = endpoint('127.0.0.2', 0)
const datagram = (channel: Datagram['channel']): Datagram => ({ channel, local, remote, bytes: Uint8Array.of(1, 2, 3) })

/** A host that keeps what comes, and sends one datagram of each kind for each packet. */
function echo(heard: Input[]): Host {
  return {
    deadline: undefined,
    handle(_now, input): readonly Output[] {
      heard.push(input)
      if (input.kind !== 'packet') return []
      return (['ip', 'esp'] as const).map((channel) => ({ kind: 'send', datagram: datagram(channel) }))
    },
    counters: makeHost(alice, bob.address, 1).host.counters,
    ikeSaCount: 0,
    reordering: reorderingOf(undefined, undefined),
    view: { ikeSas: [], over: [], inbound: [], outbound: [] },
    seal() {},
    open() {},
    effectiveMtu: () => undefined,
    replacePolicies: () => [],
    drain: () => [],
  }
}

function start(heard: Input[], more: Partial<RuntimeOptions>): Promise<Runtime> {
  return startRuntime({
    bind: [{ address: '127.0.0.1', ikePort: 0, natPort: undefined }],
    makeHost: () => echo(heard),
    sharedKeyMac: () => new Uint8Array(0),
    ...more,
  })
}

it('what is on channel ip goes by the raw path, and what comes there is heard', async () => {
  const heard: Input[] = []
  const sent: Datagram[] = []
  const failures: SendFailure[] = []
  let asked: RawPathOptions | undefined
  let closed = 0
  const runtime = await start(heard, {
    bare: (options) => {
      asked = options
      const path: RawPath = { send: (each) => sent.push(each), close: () => closed++ }
      return Promise.resolve(path)
    },
    onSendFailure: (failure) => failures.push(failure),
  })
  expect(asked?.local).toEqual(['127.0.0.1'])
  runtime.send(new Uint8Array(0))
  expect(sent).toEqual([datagram('ip')])
  expect(failures).toEqual([{ code: 'NO_RAW_SOCKET', datagram: datagram('esp') }])

  heard.length = 0
  asked?.onDatagram(datagram('ip'))
  expect(heard).toEqual([{ kind: 'datagram', datagram: datagram('ip') }])
  // What could not be sent, and is not the peer's doing, is told to whoever watches, and to nobody else.
  asked?.onSendFailure({ code: 'EMSGSIZE', datagram: datagram('ip') })
  expect(failures).toHaveLength(2)
  expect(heard).toHaveLength(1)
  asked?.onSendFailure({ code: 'ENETUNREACH', datagram: datagram('ip') })
  expect(heard[1]).toEqual({ kind: 'path', change: { kind: 'unreachable', remote, reason: 'network' } })

  await runtime.close(0)
  expect(closed).toBe(1)
})

it('without one nothing goes there', async () => {
  const failures: SendFailure[] = []
  const runtime = await start([], { onSendFailure: (failure) => failures.push(failure) })
  runtime.send(new Uint8Array(0))
  expect(failures.map(({ code }) => code)).toEqual(['NO_RAW_SOCKET', 'NO_RAW_SOCKET'])
  await runtime.close(0)
})

it('where there is none to be had, nothing stays open', async () => {
  const probe = createSocket('udp4')
  await new Promise<void>((resolve) => void probe.bind(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise<void>((resolve) => void probe.close(resolve))
  const bind = [{ address: '127.0.0.1', ikePort: port, natPort: undefined }]
  const refused = start([], { bind, bare: () => Promise.reject(new RawPathUnavailable('not-permitted', 'EPERM')) })
  await expect(refused).rejects.toThrow('no bare ESP or AH: raw sockets need root, or CAP_NET_RAW (EPERM)')
  const again = await start([], { bind })
  await again.close(0)
})
