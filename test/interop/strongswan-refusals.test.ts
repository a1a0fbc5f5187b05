// strongSwan and we disagree, or it asks for more before it agrees: both sides end as the RFC says, and ours says why.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { must, report } from './harness/command.ts'
import { type PeerConfig, peerConfig } from './harness/config.ts'
import { ikebana, type Responder, respond, startIkebana } from './harness/ikebana.ts'
import { Lab } from './harness/lab.ts'
import { type Charon, type Section, startCharon } from './harness/strongswan.ts'
import { ourTunnel, peerTunnel, sides, type TwoHosts, twoHosts } from './harness/two-hosts.ts'

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

async function startPeer(config: Partial<PeerConfig>, settings: Section = {}): Promise<Charon> {
  charon = await startCharon(hosts.peerMachine, { seals: 'charon', config: peerConfig({ ...peerTunnel('IPv4'), ...config }), settings })
  return charon
}
const ping = ['ping', sides.IPv4.peer.outer, ...ourTunnel('IPv4'), '-c', '2']
const answer = ['--local', sides.IPv4.us.outer, ...ourTunnel('IPv4')]

describe('a wrong key (RFC 7296 §2.21.2)', () => {
  test('as initiator we are told AUTHENTICATION_FAILED and exit 1', async () => {
    const peer = await startPeer({ secret: 'another one' })
    const pinged = await ikebana(lab, hosts.us, ping)
    expect(pinged.code, report(pinged)).toBe(1)
    expect(report(pinged)).toContain('AUTHENTICATION_FAILED')
    expect(await peer.log()).toMatch(/MAC mismatched/)
    await peer.forgets()
  })

  test('as responder we say AUTHENTICATION_FAILED and keep nothing', async () => {
    responder = await respond(lab, hosts.us, answer)
    const peer = await startPeer({ secret: 'another one' })
    expect((await peer.initiate('k')).code).not.toBe(0)
    expect(await peer.log()).toContain('received AUTHENTICATION_FAILED notify error')
    await peer.forgets()
  })
})

describe('an identity that is not the one expected', () => {
  test('as responder we say AUTHENTICATION_FAILED on the wire, and compare the identities on our side', async () => {
    responder = await respond(lab, hosts.us, answer)
    const peer = await startPeer({ id: 'stranger.example' })
    expect((await peer.initiate('k')).code).not.toBe(0)
    expect(await peer.log()).toContain('received AUTHENTICATION_FAILED notify error')
    await responder.says(/stranger\.example/)
  })
})

describe('no common proposal for IKE (RFC 7296 §2.7)', () => {
  test('as initiator we are told NO_PROPOSAL_CHOSEN, and say what we offered', async () => {
    const peer = await startPeer({ ike: 'aes256-sha512-ecp521' })
    const pinged = await ikebana(lab, hosts.us, [...ping, '--proposal', 'aes128gcm16-prfsha256-x25519'])
    expect(pinged.code, report(pinged)).toBe(1)
    expect(report(pinged)).toContain('NO_PROPOSAL_CHOSEN')
    expect(report(pinged)).toMatch(/AES_GCM_16/)
    expect(await peer.log()).toMatch(/received proposals unacceptable/)
    await peer.forgets()
  })

  test('as responder we say NO_PROPOSAL_CHOSEN, and compare transform by transform on our side', async () => {
    responder = await respond(lab, hosts.us, [...answer, '--proposal', 'aes128gcm16-prfsha256-x25519'])
    const peer = await startPeer({ ike: 'aes256-sha512-ecp521' })
    expect((await peer.initiate('k')).code).not.toBe(0)
    expect(await peer.log()).toContain('received NO_PROPOSAL_CHOSEN notify error')
    await responder.says(/HMAC_SHA2_512/)
  })
})

describe('no common proposal for ESP (RFC 7296 §1.2: the IKE SA stays up)', () => {
  test('as initiator we say why, delete the IKE SA and exit 1', async () => {
    const peer = await startPeer({ esp: 'aes256-sha512' })
    const pinged = await ikebana(lab, hosts.us, [...ping, '--esp', 'aes128gcm16'])
    expect(pinged.code, report(pinged)).toBe(1)
    expect(report(pinged)).toContain('NO_PROPOSAL_CHOSEN')
    expect(await peer.log()).toMatch(/IKE_SA c\[\d+\] established[^]*received DELETE for IKE_SA c/)
    await peer.forgets()
  })

  test('as responder we keep the IKE SA', async () => {
    responder = await respond(lab, hosts.us, [...answer, '--esp', 'aes128gcm16'])
    const peer = await startPeer({ esp: 'aes256-sha512' })
    expect((await peer.initiate('k')).code).not.toBe(0)
    expect(await peer.log()).toMatch(/received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built/)
    expect(await peer.sas()).toContain('ESTABLISHED')
    await responder.says(/HMAC_SHA2_512/)
    const deleted = await peer.terminateIke('c')
    expect(deleted.code, report(deleted)).toBe(0)
  })
})

describe('traffic selectors that do not overlap (RFC 7296 §2.9)', () => {
  test('as responder we say TS_UNACCEPTABLE, and compare selector by selector on our side', async () => {
    responder = await respond(lab, hosts.us, answer)
    const peer = await startPeer({ remoteSelector: '172.31.9.0/24' })
    expect((await peer.initiate('k')).code).not.toBe(0)
    expect(await peer.log()).toMatch(/received TS_UNACCEPTABLE notify, no CHILD_SA built/)
    await responder.says(/172\.31\.9\./)
  })

  test('as responder we narrow what is wider than ours', async () => {
    responder = await respond(lab, hosts.us, answer)
    const peer = await startPeer({ remoteSelector: '172.31.0.0/16' })
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated)).toBe(0)
    expect(await peer.sas()).toContain('172.31.1.1/32')
  })
})

describe('INVALID_KE_PAYLOAD (RFC 7296 §1.3)', () => {
  test('as initiator we try again with the group that it wants', async () => {
    const peer = await startPeer({ ike: 'aes128gcm16-prfsha256-ecp256' })
    const pinged = await ikebana(lab, hosts.us, [...ping, '--proposal', 'aes128gcm16-prfsha256-x25519-ecp256'])
    expect(pinged.code, report(pinged)).toBe(0)
    expect(await peer.log()).toMatch(/DH group CURVE_25519 unacceptable, requesting ECP_256/)
  })

  test('as responder we name the group that we want', async () => {
    responder = await respond(lab, hosts.us, [...answer, '--proposal', 'aes128gcm16-prfsha256-ecp256'])
    const peer = await startPeer({ ike: 'aes128gcm16-prfsha256-x25519-ecp256' })
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated)).toBe(0)
    expect(await peer.log()).toMatch(/peer didn't accept DH group CURVE_25519, it requested ECP_256/)
  })
})

describe('a COOKIE demanded by it (RFC 7296 §2.6)', () => {
  test('is brought back, and the negotiation goes on', async () => {
    const peer = await startPeer({}, { cookie_threshold: 1, cookie_threshold_ip: 0 })
    // One initiator that never gets further than IKE_SA_INIT leaves it with a half-open IKE SA.
    await must(
      hosts.us.command(
        'nft',
        'add table inet hole; add chain inet hole out { type filter hook output priority 0; }; add rule inet hole out udp dport 4500 drop',
      ),
    )
    const stuck = startIkebana(lab, hosts.us, ping)
    await peer.logs(/generating IKE_SA_INIT response/)
    stuck.child.kill('SIGKILL')
    await stuck.finished
    await must(hosts.us.command('nft', 'delete table inet hole'))

    const pinged = await ikebana(lab, hosts.us, ping)
    expect(pinged.code, report(pinged)).toBe(0)
    expect(await peer.log()).toMatch(/IKE_SA_INIT request 0 \[ N\(COOKIE\) SA KE/)
  })
})

describe('a COOKIE demanded by us, when many negotiations hang', () => {
  test('is brought back by it, and the negotiation goes on', async () => {
    responder = await respond(lab, hosts.us, answer)
    const crowd = Array.from({ length: 70 }, (_, i) => `10.55.0.${100 + i}`)
    const batch = crowd.map((address) => `ip address add ${address}/24 dev cable0`).join('; ')
    await must(hosts.peer.command('sh', '-c', batch))
    const program = new URL('harness/strangers-program.ts', import.meta.url).pathname
    const said = await must(hosts.peer.command(process.execPath, '--import', 'tsx', program, sides.IPv4.us.outer, ...crowd))
    expect(said).toBe('70 answers\n')

    const peer = await startPeer({})
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated) + responder.said()).toBe(0)
    expect(await peer.log()).toMatch(
      /parsed IKE_SA_INIT response 0 \[ N\(COOKIE\) \][^]*generating IKE_SA_INIT request 0 \[ N\(COOKIE\) SA KE/,
    )
  })
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
