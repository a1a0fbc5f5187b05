// A host without a packet path: what IKE decides can be read from its outputs, whatever our packet processor knows of the suite.
import type { Instant } from '../../src/contract/units.ts'
import type { Input, Output } from '../../src/contract/machine.ts'
import { createHost, type Host, type HostOptions } from '../../src/host/host.ts'
import { IkeEndpoint } from '../../src/ike/endpoint/endpoint.ts'
import { childOf } from '../../src/policy/connection.ts'

export function ikeAlone(options: HostOptions): Host {
  const ike = new IkeEndpoint(options)
  const packets = createHost({ ...options, connections: [], policies: [] })
  return {
    get deadline(): Instant | undefined {
      return ike.deadline
    },
    get ikeSaCount(): number {
      return ike.ikeSas.length
    },
    get view(): Host['view'] {
      return { ikeSas: ike.view, inbound: [], outbound: [] }
    },
    handle: (now, input) => {
      const out: Output[] = []
      tell(ike, options, now, input, out)
      return out
    },
    effectiveMtu: () => undefined,
    drain: () => [],
    counters: packets.counters,
    seal: (now, batch, routes) => packets.seal(now, batch, routes),
    open: (now, batch, from, children) => packets.open(now, batch, from, children),
  }
}

function tell(ike: IkeEndpoint, { connections }: HostOptions, now: Instant, input: Input, out: Output[]): void {
  if (input.kind === 'datagram') {
    const { datagram } = input
    const marker = datagram.channel === 'nat-t' ? 4 : 0
    // A keepalive has a single octet.
    if (datagram.bytes.length > 4) ike.receive(now, out, { ...datagram, bytes: datagram.bytes.subarray(marker) })
  } else if (input.kind === 'tick') ike.tick(now, out)
  else if (input.kind === 'completion') ike.complete(now, out, input.completion)
  else if (input.kind === 'command' && input.command.kind !== 'initiate') ike.command(now, out, input.command)
  else if (input.kind === 'command' && input.command.kind === 'initiate') {
    const { connection, child = '', path } = input.command
    const found = childOf(connections, connection, child)
    if (found !== undefined) ike.initiate(now, out, { ...found, path, trigger: undefined })
  }
}
