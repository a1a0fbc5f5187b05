// IKE fragmentation with strongSwan, both roles, and what tshark makes of our fragments. RFC 7383.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { must, report } from './harness/command.ts'
import { peerConfig, secret } from './harness/config.ts'
import { ikebana, type Responder, respond } from './harness/ikebana.ts'
import { Lab } from './harness/lab.ts'
import { type Charon, type Section, startCharon } from './harness/strongswan.ts'
import { fields, malformed, type Wireshark } from './harness/tshark.ts'
import { type Family, peerTunnel, sides, type TwoHosts, twoHosts } from './harness/two-hosts.ts'

const suites = [
  { family: 'IPv4', ike: 'aes128gcm16-prfsha256-ecp256', esp: 'aes128gcm16' },
  { family: 'IPv6', ike: 'chacha20poly1305-prfsha384-x25519', esp: 'chacha20poly1305' },
  { family: 'IPv4', ike: 'aes256-sha256-prfsha256-modp2048', esp: 'aes256-sha256' },
  { family: 'IPv6', ike: 'aes128ctr-aesxcbc-prfaesxcbc-x448', esp: 'aes128gcm16' },
  { family: 'IPv4', ike: '3des-sha1-modp2048', esp: '3des-sha1' },
] as const satisfies readonly Suite[]
interface Suite {
  readonly family: Family
  readonly ike: string
  readonly esp: string
}
const [plain] = suites

const lab = new Lab()
let hosts: TwoHosts
let charon: Charon | undefined
let responder: Responder | undefined

beforeAll(async () => {
  hosts = await twoHosts(lab)
})
afterEach(async () => {
  responder?.kill()
  responder = undefined
  await charon?.stop()
  charon = undefined
})
afterAll(() => lab.close())

/** What makes IKE_AUTH long: what pings are, and so many ports. strongSwan leaves out what another selector has in it. */
const selectorsOf = (inner: string): readonly string[] => [
  `${inner}[${inner.includes(':') ? 58 : 1}]`,
  ...Array.from({ length: 40 }, (_, i) => `${inner}[udp/${1_000 + 2 * i}]`),
]

/** A connection file of ours. */
function ourFile({ family, ike, esp }: Suite, words: string): string {
  const list = (texts: readonly string[]): string => `[${texts.map((text) => `"${text}"`).join(', ')}]`
  const path = join(lab.folder, 'connection.yaml')
  const text = `connections:
  c:
    proposals: ${ike}
    ${words}
    local: { auth: psk, id: us.example }
    remote: { auth: psk, id: peer.example }
    children:
      k: { mode: tunnel, local_ts: ${list(selectorsOf(sides[family].us.inner))}, remote_ts: "${sides[family].peer.inner}", esp_proposals: ${esp} }
secrets: { k: { secret: "${secret}" } }
`
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

async function startPeer({ family, ike, esp }: Suite, connection: Section, settings: Section): Promise<Charon> {
  const tunnel = peerTunnel(family)
  const config = peerConfig({ ...tunnel, remoteSelector: selectorsOf(tunnel.remoteSelector).join(', '), ike, esp, connection })
  charon = await startCharon(hosts.peerMachine, { seals: 'charon', config, settings })
  return charon
}

const pingPeer = async (suite: Suite, words: string, more: readonly string[] = []) =>
  await ikebana(lab, hosts.us, ['ping', sides[suite.family].peer.outer, '--config', ourFile(suite, words), '-c', '2', '-i', '0.2', ...more])
const answerPeer = async (suite: Suite, words: string): Promise<Responder> => {
  responder = await respond(lab, hosts.us, ['--local', sides[suite.family].us.outer, '--config', ourFile(suite, words)])
  return responder
}
const pingFromPeer = async ({ family }: Suite): Promise<string> =>
  await must(hosts.peer.command('ping', '-c', '2', '-i', '0.2', '-W', '2', '-I', sides[family].peer.inner, sides[family].us.inner))

/** What charon logs of fragments that it gets and of those that it sends. */
const reassembled = /received fragment #\d+ of \d+, reassembled fragmented IKE message/
const split = /splitting IKE message .*into \d+ fragments/
const small: Section = { fragment_size: '300' }

describe.each(suites)('$family, IKE $ike', (suite) => {
  test('we initiate in fragments, and it answers in some', async () => {
    const peer = await startPeer(suite, { fragmentation: 'yes' }, small)
    const pinged = await pingPeer(suite, 'fragment_size: 400')
    const log = await peer.log()
    expect(pinged.code, report(pinged) + log).toBe(0)
    expect(pinged.stdout).toContain('2 packets transmitted, 2 received')
    expect(log).toMatch(reassembled)
    expect(log).toMatch(split)
    await peer.forgets()
  })

  test.each(['yes', 'force'])('it initiates in fragments (fragmentation = %s), and we answer in some', async (fragmentation) => {
    await answerPeer(suite, 'fragment_size: 300')
    const peer = await startPeer(suite, { fragmentation }, small)
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated) + (responder?.said() ?? '')).toBe(0)
    expect(await pingFromPeer(suite)).toContain(' 0% packet loss')
    const log = await peer.log()
    expect(log).toMatch(split)
    expect(log).toMatch(reassembled)
    expect((await peer.terminateIke('c')).code).toBe(0)
  })
})

describe('where one side does not want to', () => {
  test.each([
    ['fragmentation: accept', 'yes', /FRAG_SUP/, undefined],
    ['fragmentation: no', 'yes', undefined, undefined],
    ['fragment_size: 300', 'no', undefined, undefined],
    ['fragment_size: 300', 'accept', /FRAG_SUP/, reassembled],
  ])('ours %s, its %s: nothing but what both want', async (words, fragmentation, announced, received) => {
    const peer = await startPeer(plain, { fragmentation }, { fragment_size: '1280' })
    const pinged = await pingPeer(plain, words)
    const log = await peer.log()
    expect(pinged.code, report(pinged) + log).toBe(0)
    expect(received !== undefined, log).toBe(reassembled.test(log))
    const response = log.split('\n').find((line) => /generating IKE_SA_INIT response/.test(line)) ?? ''
    expect(announced !== undefined, log).toBe(/FRAG_SUP/.test(response))
  })
})

describe('on a path that carries no more than 600 octets', () => {
  const narrow =
    'add table inet narrow; add chain inet narrow in { type filter hook input priority 0; }; add rule inet narrow in meta l4proto udp meta length gt 600 drop'
  beforeAll(async () => {
    for (const namespace of [hosts.us, hosts.peer]) await must(namespace.command('nft', narrow))
  })
  afterAll(async () => {
    for (const namespace of [hosts.us, hosts.peer]) await must(namespace.command('nft', 'delete table inet narrow'))
  })

  test('we initiate, and come to a size that gets through (RFC 7383 §2.5.2)', async () => {
    const peer = await startPeer(plain, { fragmentation: 'yes' }, { fragment_size: '500' })
    const pinged = await pingPeer(plain, 'fragment_size: 1280')
    const log = await peer.log()
    expect(pinged.code, report(pinged) + log).toBe(0)
    expect(log).toMatch(reassembled)
  })
})

describe.each([plain, suites[2], suites[4]])('tshark, $family, IKE $ike', (suite) => {
  test('puts our fragments together and reads what is in them', async () => {
    await startPeer(suite, { fragmentation: 'yes' }, small)
    const wireshark: Wireshark = { capture: join(lab.folder, `${suite.ike}.pcapng`), keys: join(lab.folder, `${suite.ike}-keys`) }
    const pinged = await pingPeer(suite, 'fragment_size: 400', ['--capture', wireshark.capture, '--danger-keys', wireshark.keys])
    expect(pinged.code, report(pinged)).toBe(0)
    const rows = await fields(wireshark, 'isakmp.exchangetype == 35', [
      'isakmp.flag_r',
      'isakmp.frag.number',
      'isakmp.frag.total',
      'isakmp.id.data.fqdn',
      'isakmp.auth.method',
    ])
    // A machine that is busy sends them again.
    const all = rows.filter(([response]) => response === '0')
    const total = Number(all[0]?.[2])
    const requests = all.slice(0, total)
    expect(total, JSON.stringify(rows)).toBeGreaterThan(2)
    expect(requests.map(([, number]) => number)).toEqual(requests.map((_, i) => String(i + 1)))
    expect(requests.at(-1)?.slice(2)).toEqual([String(total), 'us.example,peer.example', '2'])
    expect(rows.filter(([response]) => response === '1').some((row) => row.slice(3).join() === 'peer.example,2')).toBe(true)
    expect(await malformed(wireshark)).toBe('')
  })
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
