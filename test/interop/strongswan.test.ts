// strongSwan agrees with us: its charon with kernel-libipsec, in a namespace; tunnel mode in UDP. Both ends start, both ends delete.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { must, report } from './harness/command.ts'
import { peerConfig } from './harness/config.ts'
import { ikebana, type Responder, respond } from './harness/ikebana.ts'
import { Lab } from './harness/lab.ts'
import { type Charon, startCharon } from './harness/strongswan.ts'
import { type Family, ourTunnel, peerTunnel, sides, type TwoHosts, twoHosts } from './harness/two-hosts.ts'

/** The words are the same on both sides. The first is among our defaults, for tests that name nothing on our side. */
const suites = [
  { ike: 'aes128gcm16-prfsha256-ecp256', esp: 'aes128gcm16' },
  { ike: 'chacha20poly1305-prfsha384-x25519', esp: 'chacha20poly1305' },
  { ike: 'aes256-sha256-prfsha256-modp2048', esp: 'aes256-sha256' },
] as const
/** What is off unless it is named. */
const optional = [
  { ike: 'aes128ctr-aesxcbc-prfaesxcbc-x448', esp: 'aes128ctr-aesxcbc' },
  { ike: 'aes256ccm16-prfaescmac-ecp256bp', esp: 'aes256ccm16' },
  { ike: 'aes128-aescmac-prfsha1-ecp512bp', esp: 'aes128-aescmac' },
  { ike: 'aes128gcm8-prfsha256-modp4096', esp: 'aes128gcm8' },
  { ike: 'aes192ccm8-prfsha256-modp1536', esp: 'aes256ctr-sha1' },
  { ike: 'aes256gcm12-prfsha256-modp8192', esp: 'aes256gcm12' },
  { ike: 'camellia256-sha512-x25519', esp: 'camellia128-sha256' },
  { ike: '3des-sha1-modp2048', esp: '3des-sha1' },
] as const
const everywhere = suites.flatMap((suite) => (['IPv4', 'IPv6'] as const).map((family) => ({ ...suite, family })))

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

async function startPeer(family: Family, ike: string, esp: string): Promise<Charon> {
  charon = await startCharon(hosts.peerMachine, { seals: 'charon', config: peerConfig({ ...peerTunnel(family), ike, esp }) })
  return charon
}

const pingFromPeer = async (family: Family): Promise<string> =>
  await must(hosts.peer.command('ping', '-c', '3', '-i', '0.2', '-W', '2', '-I', sides[family].peer.inner, sides[family].us.inner))

const cases = [...everywhere, ...optional.map((suite) => ({ ...suite, family: 'IPv4' as const }))]

describe.each(cases)('$family, IKE $ike, ESP $esp', ({ family, ike, esp }) => {
  const algorithms = ['--proposal', ike, '--esp', esp]

  test('we initiate, it answers our pings, and we delete', async () => {
    const peer = await startPeer(family, ike, esp)
    const pinged = await ikebana(lab, hosts.us, ['ping', sides[family].peer.outer, ...ourTunnel(family), ...algorithms, '-c', '3'])
    expect(pinged.code, report(pinged) + (await peer.log())).toBe(0)
    expect(pinged.stdout).toContain('3 packets transmitted, 3 received')
    expect(await peer.log()).toMatch(/received DELETE for IKE_SA c/)
    await peer.forgets()
  })

  test('it initiates, we answer its pings, and it deletes', async () => {
    responder = await respond(lab, hosts.us, ['--local', sides[family].us.outer, ...ourTunnel(family), ...algorithms])
    const peer = await startPeer(family, ike, esp)
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated) + responder.said()).toBe(0)
    expect(await pingFromPeer(family)).toContain(' 0% packet loss')
    // It waits for our answer to its Delete.
    const deleted = await peer.terminateIke('c')
    expect(deleted.code, report(deleted)).toBe(0)
    await peer.forgets()
  })
})

describe.each([
  { outside: 'IPv6', inside: 'IPv4' },
  { outside: 'IPv4', inside: 'IPv6' },
] as const)('$inside in $outside', ({ outside, inside }) => {
  const [{ ike, esp }] = suites

  test('we initiate', async () => {
    charon = await startCharon(hosts.peerMachine, { seals: 'charon', config: peerConfig({ ...peerTunnel(outside, inside), ike, esp }) })
    const pinged = await ikebana(lab, hosts.us, ['ping', sides[outside].peer.outer, ...ourTunnel(inside), '-c', '3'])
    expect(pinged.code, report(pinged) + (await charon.log())).toBe(0)
    expect(pinged.stdout).toContain('3 packets transmitted, 3 received')
  })

  test('it initiates', async () => {
    responder = await respond(lab, hosts.us, ['--local', sides[outside].us.outer, ...ourTunnel(inside)])
    charon = await startCharon(hosts.peerMachine, { seals: 'charon', config: peerConfig({ ...peerTunnel(outside, inside), ike, esp }) })
    const initiated = await charon.initiate('k')
    expect(initiated.code, report(initiated) + responder.said()).toBe(0)
    expect(await pingFromPeer(inside)).toContain(' 0% packet loss')
  })
})

describe('with every other datagram lost, both ways', () => {
  const losing = 'add rule inet weather in meta l4proto udp numgen inc mod 2 == 0 drop'
  const weather = `add table inet weather; add chain inet weather in { type filter hook input priority 0; }; ${losing}`

  beforeAll(async () => {
    for (const namespace of [hosts.us, hosts.peer]) await must(namespace.command('nft', weather))
  })
  afterAll(async () => {
    for (const namespace of [hosts.us, hosts.peer]) await must(namespace.command('nft', 'delete table inet weather'))
  })

  // Without fragmentation: of a message in two pieces a loss with this rhythm takes the same one each time.
  test('we initiate and delete', async () => {
    const config = peerConfig({ ...peerTunnel('IPv4'), ike: suites[0].ike, esp: suites[0].esp, connection: { fragmentation: 'no' } })
    const peer = (charon = await startCharon(hosts.peerMachine, { seals: 'charon', config }))
    const pinged = await ikebana(lab, hosts.us, ['ping', sides.IPv4.peer.outer, ...ourTunnel('IPv4'), '-c', '6', '-i', '0.2'])
    expect(pinged.code, report(pinged)).toBe(0)
    await peer.forgets()
  })

  test('it initiates and deletes', async () => {
    responder = await respond(lab, hosts.us, ['--local', sides.IPv4.us.outer, ...ourTunnel('IPv4')])
    const config = peerConfig({ ...peerTunnel('IPv4'), ike: suites[0].ike, esp: suites[0].esp })
    charon = await startCharon(hosts.peerMachine, { seals: 'charon', config, settings: { retransmit_timeout: '0.5' } })
    const initiated = await charon.initiate('k')
    expect(initiated.code, report(initiated) + responder.said()).toBe(0)
    const deleted = await charon.terminateIke('c')
    expect(deleted.code, report(deleted)).toBe(0)
    await charon.forgets()
  })
})

describe('a responder of ours', () => {
  test('answers the Delete of a Child SA with one of its own, and the next Child SA comes with the next IKE SA', async () => {
    responder = await respond(lab, hosts.us, ['--local', sides.IPv4.us.outer, ...ourTunnel('IPv4')])
    const peer = await startPeer('IPv4', suites[0].ike, suites[0].esp)
    expect((await peer.initiate('k')).code).toBe(0)
    const deleted = await peer.terminateChild('k')
    expect(deleted.code, report(deleted)).toBe(0)
    expect(await peer.log()).toMatch(/received DELETE for ESP CHILD_SA with SPI/)
    expect(await peer.sas()).toContain('ESTABLISHED')
    expect((await peer.terminateIke('c')).code).toBe(0)
    expect((await peer.initiate('k')).code).toBe(0)
    expect(await pingFromPeer('IPv4')).toContain(' 0% packet loss')
  })

  test('deletes its SAs when it is interrupted, and exits 0', async () => {
    responder = await respond(lab, hosts.us, ['--local', sides.IPv4.us.outer, ...ourTunnel('IPv4')])
    const peer = await startPeer('IPv4', suites[0].ike, suites[0].esp)
    expect((await peer.initiate('k')).code).toBe(0)
    const ended = await responder.interrupt()
    expect(ended.code, report(ended)).toBe(0)
    expect(await peer.log()).toMatch(/received DELETE for IKE_SA c/)
    await peer.forgets()
  })

  test('is asked whether it lives, and says so (RFC 7296 §2.4)', async () => {
    responder = await respond(lab, hosts.us, ['--local', sides.IPv4.us.outer, ...ourTunnel('IPv4')])
    const [{ ike, esp }] = suites
    charon = await startCharon(hosts.peerMachine, {
      seals: 'charon',
      config: peerConfig({ ...peerTunnel('IPv4'), ike, esp, connection: { dpd_delay: '1s' } }),
    })
    expect((await charon.initiate('k')).code).toBe(0)
    await charon.logs(
      /sending DPD request[^]*parsed INFORMATIONAL response 2 \[ \][^]*sending DPD request[^]*parsed INFORMATIONAL response 3 \[ \]/,
    )
    expect(await charon.sas()).toContain('ESTABLISHED')
  })

  test('lets it rekey its Child SA, and its IKE SA', async () => {
    responder = await respond(lab, hosts.us, ['--local', sides.IPv4.us.outer, ...ourTunnel('IPv4')])
    const peer = await startPeer('IPv4', suites[0].ike, suites[0].esp)
    expect((await peer.initiate('k')).code).toBe(0)
    await peer.swanctl('--rekey', '--child', 'k')
    await peer.logs(/CHILD_SA k\{2\} established[^]*received DELETE for ESP CHILD_SA with SPI/)
    await peer.swanctl('--rekey', '--ike', 'c')
    await peer.logs(/IKE_SA c\[2\] rekeyed[^]*IKE_SA deleted/)
    expect(await pingFromPeer('IPv4')).toContain(' 0% packet loss')
  })

  test('accepts any identity that has the key when it was told none', async () => {
    const options = ['--mode', 'tunnel', '--ts-local', sides.IPv4.us.inner, '--ts-remote', sides.IPv4.peer.inner]
    responder = await respond(lab, hosts.us, ['--local', sides.IPv4.us.outer, ...options])
    const peer = await startPeer('IPv4', suites[0].ike, suites[0].esp)
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated) + responder.said()).toBe(0)
    expect(await pingFromPeer('IPv4')).toContain(' 0% packet loss')
  })
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
