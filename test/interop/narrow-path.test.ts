// A path that takes less than its ends do: real routers, which say so by ICMP. `ping` and `respond` learn it over the raw path, and the packets get
// through; over UDP the kernel below learns it. RFC 1191, RFC 8201, RFC 4301 §8.2.1. And a firewall that says no (§6.1.1).
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { must, report, run } from './harness/command.ts'
import { ikebana, type Responder, respond } from './harness/ikebana.ts'
import { cable, Lab, type Namespace } from './harness/lab.ts'

const families = ['IPv4', 'IPv6'] as const
type Family = (typeof families)[number]
type Pairs = Readonly<Record<Family, string>>

const us: Pairs = { IPv4: '10.71.0.1', IPv6: 'fd71::1' }
const near: Pairs = { IPv4: '10.71.0.2', IPv6: 'fd71::2' }
const middle = { left: { IPv4: '10.72.0.1', IPv6: 'fd72::1' }, right: { IPv4: '10.72.0.2', IPv6: 'fd72::2' } } as const
const far: Pairs = { IPv4: '10.73.0.1', IPv6: 'fd73::1' }
const peer: Pairs = { IPv4: '10.73.0.2', IPv6: 'fd73::2' }
/** Inside of tunnels; they exist in our userspace only. */
const inside = { us: { IPv4: '172.31.1.1', IPv6: 'fd31:1::1' }, peer: { IPv4: '172.31.2.1', IPv6: 'fd31:2::1' } } as const
/** Of the link between the two routers; all others take 1500. */
const narrow = 1400

const lab = new Lab()
let host: Namespace
let left: Namespace
let right: Namespace
let there: Namespace
let responder: Responder | undefined

beforeAll(async () => {
  host = await lab.namespace('us')
  left = await lab.namespace('left')
  right = await lab.namespace('right')
  there = await lab.namespace('peer')
  await link(host, us, left, 'in0', near)
  await link(left, middle.left, right, 'in0', middle.right)
  await link(right, far, there, 'in0', peer)
  for (const [namespace, device] of [
    [left, 'out0'],
    [right, 'in0'],
  ] as const)
    await namespace.ip('link', 'set', device, 'mtu', String(narrow))
  for (const router of [left, right]) {
    await must(router.command('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'))
    // Errors about each packet, however many there are.
    await must(router.command('sysctl', '-q', '-w', 'net.ipv4.icmp_ratelimit=0', 'net.ipv6.icmp.ratelimit=0'))
  }
  for (const family of families) {
    await host.ip('route', 'add', 'default', 'via', near[family])
    await left.ip('route', 'add', 'default', 'via', middle.right[family])
    await right.ip('route', 'add', 'default', 'via', middle.left[family])
    await there.ip('route', 'add', 'default', 'via', far[family])
  }
})
afterEach(async () => {
  await responder?.interrupt()
  responder = undefined
  // What a kernel has learnt of a path is not for the next test.
  for (const namespace of [host, there]) {
    await run(['ip', '-n', namespace.name, 'route', 'flush', 'cache'])
    await run(['ip', '-n', namespace.name, '-6', 'route', 'flush', 'cache'])
  }
})
afterAll(() => lab.close())

/** From `out0` of one to `device` of the other. */
async function link(from: Namespace, at: Pairs, to: Namespace, device: string, thereAt: Pairs): Promise<void> {
  await cable(from, 'out0', to, device)
  await from.address('out0', `${at.IPv4}/24`, `${at.IPv6}/64`)
  await to.address(device, `${thereAt.IPv4}/24`, `${thereAt.IPv6}/64`)
}

interface Pinged {
  readonly transmitted: number
  readonly replies: readonly number[]
  readonly dropped: Readonly<Record<string, number>>
  readonly told: string
}

async function ping(family: Family, options: readonly string[], more: readonly string[]): Promise<Pinged> {
  responder = await respond(lab, there, ['--local', peer[family], ...swapped(options)])
  const pinged = await ikebana(lab, host, ['ping', peer[family], ...options, '-i', '0.3', '--json', ...more])
  expect(pinged.code, `${report(pinged)}\n${responder.said()}`).toBe(0)
  const { transmitted, replies, dropped }: { transmitted: number; replies: { sequence: number }[]; dropped: Record<string, number> } =
    JSON.parse(pinged.stdout)
  return { transmitted, replies: replies.map(({ sequence }) => sequence), dropped, told: pinged.stderr }
}

/** As the peer says it. */
const swapped = (options: readonly string[]): readonly string[] =>
  options.map((word) => (word === '--ts-local' ? '--ts-remote' : word === '--ts-remote' ? '--ts-local' : word))

const tunnel = (family: Family): readonly string[] =>
  `--mode tunnel --ts-local ${inside.us[family]} --ts-remote ${inside.peer[family]}`.split(' ')

describe.each(families)('%s', (family) => {
  test.each([
    ['ESP, transport mode', ['--bare', '--esp', 'aes128gcm16']],
    ['AH, transport mode', ['--ah', 'sha256']],
    ['ESP in a tunnel', ['--bare', '--esp', 'aes128gcm16', ...tunnel(family)]],
    ['AH in a tunnel', ['--ah', 'sha256', ...tunnel(family)]],
  ])('%s: both learn what the path takes', async (_, options) => {
    const { replies, dropped, told } = await ping(family, options, ['-c', '5', '-s', '1372'])
    expect(told).toContain(`the path takes ${narrow} octets`)
    // The first is what the network tells us of. The reply of an IPv6 host is another first.
    expect(replies, told).toEqual(family === 'IPv4' ? [2, 3, 4, 5] : [3, 4, 5])
    expect(dropped).toEqual({})
    if (family === 'IPv6') expect(responder?.said()).toContain(`the path takes ${narrow} octets`)
  })

  test('ESP in UDP: the kernel below learns it, and nobody above is told', async () => {
    const { replies, told } = await ping(family, ['--esp', 'aes128gcm16'], ['-c', '5', '-s', '1372'])
    expect(told).not.toContain('the path takes')
    expect(replies.length, told).toBeGreaterThanOrEqual(3)
    expect(replies.slice(-2), told).toEqual([4, 5])
  })

  test('a firewall that refuses ESP on its way is told of, and not believed', async () => {
    const rules =
      'add table inet no; add chain inet no pass { type filter hook forward priority 0; }; add rule inet no pass meta l4proto esp reject with icmpx admin-prohibited'
    await must(right.command('nft', rules))
    try {
      responder = await respond(lab, there, ['--local', peer[family], '--bare'])
      const pinged = await ikebana(lab, host, ['ping', peer[family], '--bare', '-c', '3', '-i', '0.2', '--json'])
      expect(pinged.code, report(pinged)).toBe(1)
      expect(pinged.stderr.match(/is unreachable \(prohibited\)/g), report(pinged)).toHaveLength(1)
      expect(JSON.parse(pinged.stdout)).toMatchObject({ established: true, transmitted: 3, received: 0, failure: null })
    } finally {
      await must(right.command('nft', 'delete table inet no'))
    }
  })
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
