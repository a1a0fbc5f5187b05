// Bare ESP and AH with a Linux kernel, by the raw path: SAs that were put in by hand on both sides, so that each suite, mode and IP version is seen
// alone. Both ping.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { must } from './harness/command.ts'
import { bootGuest } from './harness/guest.ts'
import { type Inside, type KernelWords, kernelScript } from './harness/kernel-sas.ts'
import { ahSha256, ahSuites, cbc, chacha, espSuites, extended, gcm, gmac, type KernelSuite, nullSha256 } from './harness/kernel-suites.ts'
import { Lab, type Namespace } from './harness/lab.ts'
import { type Machine, mustRun } from './harness/machine.ts'
import { type ManualAnswer, type ManualPair, ManualPeer, type ManualSa } from './harness/manual.ts'

const ours = { IPv4: '10.99.0.1', IPv6: 'fd99::1' } as const
const theirs = { IPv4: '10.99.0.2', IPv6: 'fd99::2' } as const
const tunnels = { IPv4: ['172.31.1.1', '172.31.2.1'], IPv6: ['fd31:1::1', 'fd31:2::1'] } as const
type Family = keyof typeof ours
const families = ['IPv4', 'IPv6'] as const

const lab = new Lab()
let host: Namespace
let guest: Machine
let us: ManualPeer

beforeAll(async () => {
  host = await lab.namespace('host')
  guest = await bootGuest(lab, host, { addresses: [`${theirs.IPv4}/24`, `${theirs.IPv6}/64`] })
  await host.address('tap0', `${ours.IPv4}/24`, `${ours.IPv6}/64`)
  const inner = families.map((family) => {
    const [inside, outside] = tunnels[family]
    return `ip address add ${outside} dev lo; ip route add ${inside} via ${ours[family]} src ${outside}`
  })
  await mustRun(guest, `set -e\n${inner.join('\n')}`)
  us = new ManualPeer(host, Object.values(ours))
  await us.ready()
})
afterAll(() => lab.close())

// ---- one pair of SAs after the other -----------------------------------------------------------------------------------

let used = 0

/** Octets that look like nothing, and are others each time. */
function key(octets: number): string {
  used++
  return toHex(Uint8Array.from({ length: octets }, (_, i) => (i * 73 + used * 41 + 11) & 0xff))
}

const keys = (suite: KernelSuite): ManualSa => ({
  spi: 0x1000 + used,
  encryptionKey: key(suite.encryption),
  integrityKey: key(suite.integrity),
})

function pairOf(suite: KernelSuite, family: Family, mode: 'transport' | 'tunnel', more: Partial<ManualPair> = {}): ManualPair {
  const both = { protocol: suite.protocol, proposal: suite.proposal, mode, local: ours[family], remote: theirs[family] } as const
  return { ...both, inbound: keys(suite), outbound: keys(suite), ...more }
}

interface Ends {
  readonly pair: ManualPair
  readonly inside: Inside
}

async function install(pair: ManualPair, words: KernelWords, inside?: Inside, by: 'sas' | 'host' = 'sas'): Promise<Ends> {
  const ends = { pair, inside: inside ?? ([pair.local, pair.remote] as const) }
  await us.ask({ do: 'use', pair, by })
  await mustRun(guest, kernelScript(pair, words, ends.inside))
  return ends
}

/** Both ping, with so many octets of data; nothing is dropped by either. */
async function expectPings(ends: Ends, sizes: readonly number[], mtu: number = 1500): Promise<ManualAnswer> {
  const [from, to] = ends.inside
  for (const octets of sizes) {
    const asked = await us.ask({ do: 'ping', from, to, count: 2, octets, mtu })
    if (asked.replies < 2) throw new Error(`${asked.replies} replies to ${octets} octets\n${await everything()}`)
  }
  // One at a time: with a reply in hand, ping waits for the next no longer than twice as long as that took.
  const pings = sizes.map((octets) => `ping -q -c 1 -W 10 -s ${octets} -I ${to} ${from}`)
  const pinged = await guest.run(`${pings.join('\n')}\n${kernelDrops}`)
  const status = await us.ask({ do: 'status' })
  const told = async (): Promise<string> => `${pinged.stdout}${pinged.stderr}\n${await everything()}`
  if (pinged.stdout.match(/ 0% packet loss/g)?.length !== sizes.length) throw new Error(await told())
  expect(status).toMatchObject({ dropped: {}, failures: [] })
  expect(pinged.stdout.split('\n').filter((line) => line.startsWith('Xfrm'))).toEqual([])
  return status
}

/** What the kernel has dropped of IPsec since it was started, and why: without a program, since to start one takes a guest a while. */
const kernelDrops = 'while read name number; do [ $number = 0 ] || echo $name $number; done </proc/net/xfrm_stat'

/** For whoever reads why it failed. */
async function everything(): Promise<string> {
  return `${JSON.stringify(await us.ask({ do: 'status' }))}\n${await mustRun(guest, `${kernelDrops}\nip -s xfrm state`)}`
}

/** IPv4: 576 octets is what every host can reassemble; IPv6: 1,280 is what every link carries. */
const smallMtu = { IPv4: 576, IPv6: 1280 } as const

describe.each(families)('%s', (family) => {
  describe.each([...espSuites, ...ahSuites])('$protocol $proposal', (suite) => {
    test('transport mode', async () => {
      await expectPings(await install(pairOf(suite, family, 'transport'), suite.kernel), [56, 1301])
    })
  })

  describe.each([gcm, cbc, nullSha256, gmac, ahSha256])('$protocol $proposal', (suite) => {
    test('tunnel mode', async () => {
      await expectPings(await install(pairOf(suite, family, 'tunnel'), suite.kernel, tunnels[family]), [1301])
    })

    test.each(['transport', 'tunnel'] as const)('fragments, %s mode', async (mode) => {
      const ends = await install(pairOf(suite, family, mode), suite.kernel, mode === 'tunnel' ? tunnels[family] : undefined)
      const { fragments } = await expectPings(ends, [3000])
      // Two replies and a request came in three each, whether cut before the tunnel or behind it.
      expect(fragments).toBeGreaterThanOrEqual(9)
    })
  })

  describe.each([gcm, cbc, ahSha256])('$protocol $proposal, by a host with dangerManualSas', (suite) => {
    test.each(['transport', 'tunnel'] as const)('%s mode, whole and in fragments', async (mode) => {
      const ends = await install(pairOf(suite, family, mode), suite.kernel, mode === 'tunnel' ? tunnels[family] : undefined, 'host')
      const { received } = await expectPings(ends, [56, 1301, 3000])
      // Of each size two replies and a request, of which the longest came in three each.
      expect(received).toBeGreaterThanOrEqual(15)
    })
  })

  test.each([gcm, nullSha256, ahSha256])('a small MTU, $protocol $proposal', async (suite) => {
    const mtu = smallMtu[family]
    const ends = await install(pairOf(suite, family, 'transport'), suite.kernel)
    // Of the route: an interface with less than 1,280 has no IPv6.
    await mustRun(guest, `ip route add ${ours[family]} dev vec0 mtu lock ${mtu}`)
    try {
      const { fragments, lengths } = await expectPings(ends, [1400, 3000], mtu)
      expect(fragments).toBeGreaterThanOrEqual(9)
      expect(Math.max(...lengths)).toBeLessThanOrEqual(mtu)
    } finally {
      await mustRun(guest, `ip route delete ${ours[family]} dev vec0`)
    }
  })

  // The high half is in the middle of what an AEAD authenticates, and at the end of what a MAC does: RFC 4106 §5, RFC 4303 §2.2.1.
  describe.each([gcm, chacha, cbc, nullSha256, gmac, ahSha256].map(extended))('$protocol $proposal', (suite) => {
    test('the high half of the sequence number goes on, unsent', async () => {
      const lastSequence = { high: 6, low: 0xffff_fffd }
      await expectPings(await install(pairOf(suite, family, 'transport', { lastSequence }), suite.kernel), [56, 600])
    })
  })

  test.each([gcm, cbc])('TFC padding makes packets of tunnel mode equally long, $proposal', async (suite) => {
    const ends = await install(pairOf(suite, family, 'tunnel'), { ...suite.kernel, outbound: 'tfcpad 1000' }, tunnels[family])
    const { lengths } = await expectPings(ends, [8, 56, 700])
    expect(new Set(lengths).size).toBe(1)
    expect(Math.min(...lengths)).toBeGreaterThan(1000)
  })
})

test('AH over IPv4 with options that change on the way: record route, timestamps (RFC 4302 appendix A1)', async () => {
  const ends = await install(pairOf(ahSha256, 'IPv4', 'transport'), ahSha256.kernel)
  const [from, to] = ends.inside
  for (const option of ['-R', '-T tsonly']) {
    const pinged = await guest.run(`ping -q ${option} -c 1 -W 10 -I ${to} ${from}`)
    if (!pinged.stdout.includes(' 0% packet loss')) throw new Error(`${option}: ${pinged.stdout}\n${await everything()}`)
  }
  expect(await us.ask({ do: 'status' })).toMatchObject({ dropped: {}, failures: [], answered: 2 })
})

test('the kernel of our side has answered nothing of its own, and nothing is open when we have gone', async () => {
  const sockets = async (): Promise<number> => {
    const tables = await must(host.command('cat', '/proc/net/raw', '/proc/net/raw6', '/proc/net/packet'))
    return tables.split('\n').filter((line) => /^ *[0-9a-f]/.test(line)).length
  }
  const nstat = await must(host.command('nstat', '-asz', 'IcmpOutDestUnreachs', 'Icmp6OutDestUnreachs', 'Icmp6OutParmProblems'))
  expect(nstat.match(/^Icmp.* 0 /gm), nstat).toHaveLength(3)
  expect(await sockets()).toBe(8)
  expect(await us.close()).toBe(0)
  expect(await sockets()).toBe(0)
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
