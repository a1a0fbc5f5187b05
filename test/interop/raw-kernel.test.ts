// Bare ESP with a Linux kernel, by the raw path: SAs that were put in by hand on both sides, so that each suite, mode and IP version is seen
// alone. Both ping.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { bootGuest } from './harness/guest.ts'
import { type Inside, type KernelWords, kernelScript } from './harness/kernel-sas.ts'
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

// ---- suites ----------------------------------------------------------------------------------------------------------

interface Suite {
  readonly proposal: string
  /** Octets, salts included. */
  readonly encryption: number
  readonly integrity: number
  readonly kernel: KernelWords
}

const aead = (proposal: string, name: string, encryption: number, icv: number): Suite => ({
  proposal,
  encryption,
  integrity: 0,
  kernel: { algorithms: ({ encryptionKey }) => `aead '${name}' 0x${encryptionKey} ${icv}` },
})
const withMac = (proposal: string, cipher: string, encryption: number, mac: string, integrity: number, icv: number): Suite => ({
  proposal,
  encryption,
  integrity,
  kernel: {
    algorithms: ({ encryptionKey, integrityKey }) =>
      `enc '${cipher}' '${encryptionKey === '' ? '' : `0x${encryptionKey}`}' auth-trunc '${mac}' 0x${integrityKey} ${icv}`,
  },
})

const gcm = aead('aes128gcm16', 'rfc4106(gcm(aes))', 20, 128)
const cbc = withMac('aes128-sha256', 'cbc(aes)', 16, 'hmac(sha256)', 32, 128)
const suites: readonly Suite[] = [
  gcm,
  aead('aes192gcm16', 'rfc4106(gcm(aes))', 28, 128),
  aead('aes256gcm16', 'rfc4106(gcm(aes))', 36, 128),
  aead('aes128gcm12', 'rfc4106(gcm(aes))', 20, 96),
  aead('aes128gcm8', 'rfc4106(gcm(aes))', 20, 64),
  aead('chacha20poly1305', 'rfc7539esp(chacha20,poly1305)', 36, 128),
  aead('aes128ccm16', 'rfc4309(ccm(aes))', 19, 128),
  aead('aes256ccm12', 'rfc4309(ccm(aes))', 35, 96),
  aead('aes256ccm8', 'rfc4309(ccm(aes))', 35, 64),
  cbc,
  withMac('aes256-sha384', 'cbc(aes)', 32, 'hmac(sha384)', 48, 192),
  withMac('aes256-sha512', 'cbc(aes)', 32, 'hmac(sha512)', 64, 256),
  withMac('aes128-sha1', 'cbc(aes)', 16, 'hmac(sha1)', 20, 96),
  withMac('aes128-aesxcbc', 'cbc(aes)', 16, 'xcbc(aes)', 16, 96),
  withMac('aes128-aescmac', 'cbc(aes)', 16, 'cmac(aes)', 16, 96),
  withMac('aes128ctr-sha256', 'rfc3686(ctr(aes))', 20, 'hmac(sha256)', 32, 128),
  withMac('null-sha256', 'ecb(cipher_null)', 0, 'hmac(sha256)', 32, 128),
  withMac('null-sha512', 'ecb(cipher_null)', 0, 'hmac(sha512)', 64, 256),
  withMac('null-aescmac', 'ecb(cipher_null)', 0, 'cmac(aes)', 16, 96),
  aead('aes128gmac', 'rfc4543(gcm(aes))', 20, 128),
  aead('aes256gmac', 'rfc4543(gcm(aes))', 36, 128),
]

// ---- one pair of SAs after the other -----------------------------------------------------------------------------------

let used = 0

/** Octets that look like nothing, and are others each time. */
function key(octets: number): string {
  used++
  return toHex(Uint8Array.from({ length: octets }, (_, i) => (i * 73 + used * 41 + 11) & 0xff))
}

const keys = (suite: Suite): ManualSa => ({
  spi: 0x1000 + used,
  encryptionKey: key(suite.encryption),
  integrityKey: key(suite.integrity),
})

function pairOf(suite: Suite, family: Family, mode: 'transport' | 'tunnel', more: Partial<ManualPair> = {}): ManualPair {
  const both = { protocol: 'esp', proposal: suite.proposal, mode, local: ours[family], remote: theirs[family] } as const
  return { ...both, inbound: keys(suite), outbound: keys(suite), ...more }
}

interface Ends {
  readonly pair: ManualPair
  readonly inside: Inside
}

async function install(pair: ManualPair, words: KernelWords, inside?: Inside): Promise<Ends> {
  const ends = { pair, inside: inside ?? ([pair.local, pair.remote] as const) }
  await us.ask({ do: 'use', pair })
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
  // -W: a guest on a busy machine is slow.
  const pings = sizes.map((octets) => `ping -q -c 2 -i 0.01 -W 10 -s ${octets} -I ${to} ${from}`)
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

describe.each(families)('%s', (family) => {
  test.each(suites)('transport mode, $proposal', async (suite) => {
    const ends = await install(pairOf(suite, family, 'transport'), suite.kernel)
    await expectPings(ends, [56, 1301])
  })

  test.each([gcm, cbc, ...suites.filter(({ proposal }) => /^null-sha256|gmac/.test(proposal))])('tunnel mode, $proposal', async (suite) => {
    await expectPings(await install(pairOf(suite, family, 'tunnel'), suite.kernel, tunnels[family]), [1301])
  })
})
