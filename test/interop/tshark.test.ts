// tshark opens what we wrote down with the keys that we wrote down: the demonstration, and a ping through strongSwan.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { report } from './harness/command.ts'
import { peerConfig } from './harness/config.ts'
import { ikebana, runCommand } from './harness/ikebana.ts'
import { Lab, type Namespace } from './harness/lab.ts'
import { type Charon, startCharon } from './harness/strongswan.ts'
import { fields, malformed, type Wireshark } from './harness/tshark.ts'
import { type Family, ourTunnel, peerTunnel, sides, type TwoHosts, twoHosts } from './harness/two-hosts.ts'

const lab = new Lab()
let hosts: TwoHosts
let charon: Charon | undefined

beforeAll(async () => {
  hosts = await twoHosts(lab)
})
afterEach(async () => {
  await charon?.stop()
  charon = undefined
})
afterAll(() => lab.close())

const ikeAuth = 'isakmp.exchangetype == 35'

/** Both IKE_AUTH messages are readable: who they are from, that they authenticate, and for which addresses. */
async function expectIkeAuth(wireshark: Wireshark, family: Family): Promise<void> {
  const start = family === 'IPv4' ? 'isakmp.ts.start_ipv4' : 'isakmp.ts.start_ipv6'
  const rows = await fields(wireshark, ikeAuth, ['isakmp.id.data.fqdn', 'isakmp.auth.method', start])
  const selectors = `${sides[family].us.inner},${sides[family].peer.inner}`
  // The request names whom it wants, too.
  expect(rows).toEqual([
    ['us.example,peer.example', '2', selectors],
    ['peer.example', '2', selectors],
  ])
}

describe('the demonstration', () => {
  let namespace: Namespace
  let wireshark: Wireshark

  beforeAll(async () => {
    namespace = await lab.namespace('demo')
    const out = join(lab.folder, 'demo')
    const shown = await runCommand(namespace, ['demo', '--json', '--out', out])
    expect(shown.code, report(shown)).toBe(0)
    expect(JSON.parse(shown.stdout)).toMatchObject({ established: true, sent: 2000, opened: 2000, lost: 0, dropped: {} })
    wireshark = { capture: join(out, 'demo.pcapng'), keys: join(out, 'demo-keys') }
  })

  test('writes keys that only their owner can read', () => {
    expect(statSync(wireshark.keys).mode & 0o777).toBe(0o700)
    for (const name of ['ikev2_decryption_table', 'esp_sa']) expect(statSync(join(wireshark.keys, name)).mode & 0o777).toBe(0o600)
  })

  test('shows IKE_AUTH decrypted', async () => {
    const rows = await fields(wireshark, ikeAuth, ['isakmp.auth.method'])
    expect(rows).toEqual([['2'], ['2']])
  })

  test('shows all 2,000 packets inside ESP, with right integrity check values', async () => {
    const rows = await fields(wireshark, 'esp', ['icmp.type', 'esp.icv_good'])
    expect(rows.filter(([type, good]) => type === '8' && good === '1')).toHaveLength(1000)
    expect(rows.filter(([type, good]) => type === '0' && good === '1')).toHaveLength(1000)
    expect(rows).toHaveLength(2000)
  })

  test('has no malformed frame', async () => {
    expect(await malformed(wireshark)).toBe('')
  })
})

describe.each([
  { family: 'IPv4', ike: 'aes128gcm16-prfsha256-x25519', esp: 'aes128gcm16' },
  { family: 'IPv6', ike: 'aes256gcm16-prfsha384-x25519', esp: 'aes256gcm16' },
  { family: 'IPv4', ike: 'aes256-sha256-prfsha256-x25519', esp: 'aes256-sha256' },
  { family: 'IPv6', ike: 'aes128-sha512-prfsha512-x25519', esp: 'aes128-sha512' },
  { family: 'IPv4', ike: '3des-sha1-modp2048', esp: '3des-sha1' },
] as const satisfies readonly { family: Family; ike: string; esp: string }[])(
  'a ping through strongSwan, $family, IKE $ike, ESP $esp',
  ({ family, ike, esp }) => {
    let wireshark: Wireshark

    test('is captured with its keys', async () => {
      charon = await startCharon(hosts.peerMachine, { seals: 'charon', config: peerConfig({ ...peerTunnel(family), ike, esp }) })
      wireshark = { capture: join(lab.folder, `${esp}-${family}.pcapng`), keys: join(lab.folder, `${esp}-${family}-keys`) }
      const recording = ['--capture', wireshark.capture, '--danger-keys', wireshark.keys]
      const words = ['ping', sides[family].peer.outer, ...ourTunnel(family), '--proposal', ike, '--esp', esp, '-c', '3', ...recording]
      const pinged = await ikebana(lab, hosts.us, words)
      expect(pinged.code, report(pinged)).toBe(0)
    })

    test('shows IKE_AUTH decrypted', async () => {
      await expectIkeAuth(wireshark, family)
    })

    test('shows the echo requests and replies inside ESP', async () => {
      const version =
        family === 'IPv4'
          ? { type: 'icmp.type', request: '8', reply: '0', source: 'ip.src' }
          : { type: 'icmpv6.type', request: '128', reply: '129', source: 'ipv6.src' }
      const rows = await fields(wireshark, 'esp', [version.type, version.source])
      expect(rows.filter(([type]) => type === version.request)).toHaveLength(3)
      expect(rows.filter(([type]) => type === version.reply)).toHaveLength(3)
      expect(rows[0]?.[1]?.split(',')).toEqual([sides[family].us.outer, sides[family].us.inner])
    })

    test('has right integrity check values', async () => {
      const rows = await fields(wireshark, 'esp', ['esp.icv_good'])
      expect(rows.map(([good]) => good)).toEqual(Array.from({ length: 6 }, () => '1'))
    })

    test('has no malformed frame', async () => {
      expect(await malformed(wireshark)).toBe('')
    })
  },
)

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
