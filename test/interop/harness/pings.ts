// Pings both ways, and where they were lost, if any were: by the counters of both ends. RFC 792.
import type { Ends } from './agreement.ts'
import { parseSas } from './charon-sas.ts'
import { type Machine, mustRun } from './machine.ts'

export interface Losses {
  /** What our host dropped, by reason; `socket` is what the kernel dropped before we read it. */
  readonly byUs: Readonly<Record<string, number>>
  /** Sealed by us, and never seen by the peer's ICMP. */
  readonly toPeer: number
  /** Those among them that none of the SAs that it still lists has seen. */
  readonly beforeItsSas: number
  /** Those among them that charon, where it seals itself, had no SA for. */
  readonly tooLate: number
  /** Sent by the peer's ICMP, and never opened by us. */
  readonly toUs: number
  /** Our echo requests without a reply. */
  readonly unanswered: number
}

export const noLosses: Losses = { byUs: {}, toPeer: 0, beforeItsSas: 0, tooLate: 0, toUs: 0, unanswered: 0 }
/** Where SAs have gone with their IKE SA, or are listed no more for other reasons, what they have seen is not known. */
export function inAll(losses: Losses): Losses {
  return { ...losses, beforeItsSas: 0 }
}

export interface Wire {
  readonly ourMachine: Machine
  readonly peerMachine: Machine
  /** Addresses for `ping`. */
  readonly from: string
  readonly to: string
}

/** 100 packets a second both ways while something happens; the peer sends `count`, and we until all is over. */
export async function pingBothWays(ends: Ends, wire: Wire, count: number, during: () => Promise<void> = nothing): Promise<Losses> {
  const before = await books(ends, wire)
  await ends.us.ask({ do: 'start-pings', interval: 10 })
  const theirs = mustRun(wire.peerMachine, `ping -q -c ${count} -i 0.01 -W 2 -I ${wire.from} ${wire.to} || [ $? -eq 1 ]`, 60_000)
  await during()
  await theirs
  const { count: unanswered } = await ends.us.ask({ do: 'stop-pings' })
  // `ping` does not wait for the last reply for longer than for the others.
  let losses: Losses = { ...noLosses, unanswered }
  for (let attempt = 0; attempt < 5; attempt++) {
    const after = await books(ends, wire)
    const since = (what: Exclude<keyof typeof after, 'dropped'>): number => after[what] - before[what]
    losses = {
      byUs: difference(after.dropped, before.dropped),
      toPeer: since('sealed') - since('echoesIn'),
      beforeItsSas: since('sealed') - since('received'),
      tooLate: since('late'),
      toUs: since('echoesOut') - since('opened'),
      unanswered,
    }
    if (losses.toPeer === losses.tooLate && losses.toUs === 0) break
  }
  return losses
}

async function nothing(): Promise<void> {}

async function books(ends: Ends, { ourMachine, peerMachine }: Wire) {
  const { sealed, opened, dropped } = await ends.us.ask({ do: 'status' })
  const children = parseSas(await ends.peer.sas()).flatMap((sa) => sa.children)
  const ours = await snmp(ourMachine, 'Udp')
  const theirs = await snmp(peerMachine, 'Icmp')
  return {
    sealed,
    opened,
    // Whether its queue was full, or whatever else.
    dropped: { ...dropped, socket: ours['InErrors'] ?? 0 },
    // Of those that it has deleted, and still lists, it does not know all that it has sent: so what its ICMP has sent is counted.
    received: children.reduce((sum, { packetsIn }) => sum + packetsIn, 0),
    late: await ends.peer.logged('inbound ESP packet does not belong to an installed SA'),
    echoesIn: (theirs['InEchos'] ?? 0) + (theirs['InEchoReps'] ?? 0),
    echoesOut: (theirs['OutEchos'] ?? 0) + (theirs['OutEchoReps'] ?? 0),
  }
}

/** What has grown. */
function difference(after: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const entries = Object.entries(after).map(([name, n]) => [name, n - (before[name] ?? 0)] as const)
  return Object.fromEntries(entries.filter(([, n]) => n !== 0))
}

/** Two lines for each protocol: names, and numbers. */
async function snmp(machine: Machine, protocol: string): Promise<Readonly<Record<string, number>>> {
  const [names = [], values = []] = (await mustRun(machine, `grep '^${protocol}:' /proc/net/snmp`))
    .split('\n')
    .map((line) => line.split(' '))
  return Object.fromEntries(names.map((name, i) => [name, Number(values[i])]))
}
