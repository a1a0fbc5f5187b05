// The kernel of a Linux guest agrees with us: transport mode in UDP, IKE by the strongSwan in it. We are an embedding program with a
// userspace TCP and UDP, since a wrong checksum repair does not show in ICMP over IPv4.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { report, start } from './harness/command.ts'
import { peerConfig, secret } from './harness/config.ts'
import { Embedded } from './harness/embedded.ts'
import { bootGuest } from './harness/guest.ts'
import { ikebana, respond } from './harness/ikebana.ts'
import { cable, Lab, type Namespace } from './harness/lab.ts'
import { type Machine, mustRun } from './harness/machine.ts'
import { masquerade } from './harness/nat.ts'
import { type Charon, startCharon } from './harness/strongswan.ts'

const guestAddresses = { IPv4: '10.99.0.2', IPv6: 'fd99::2' } as const
const ours = { IPv4: '10.99.0.1', IPv6: 'fd99::1' } as const
const behindNat = { IPv4: '10.1.0.2', IPv6: 'fd01::2' } as const
/** How the guest appears to who is behind the NAT. */
const guestBehindNat = { IPv4: '10.1.0.1', IPv6: 'fd01::1' } as const
const families = ['IPv4', 'IPv6'] as const
type Family = (typeof families)[number]
const ike = 'aes128gcm16-prfsha256-ecp256'
const echoPort = 7007
const ourEchoPort = 7
/** Longer than the window of the TCP on either side. */
const octets = 200_000

const lab = new Lab()
let host: Namespace
/** Behind a NAT whose other side is `host`. */
let hidden: Namespace
let guest: Machine
let charon: Charon | undefined
let embedded: Embedded | undefined

beforeAll(async () => {
  host = await lab.namespace('host')
  guest = await bootGuest(lab, host, { addresses: [`${guestAddresses.IPv4}/24`, `${guestAddresses.IPv6}/64`] })
  await host.address('tap0', `${ours.IPv4}/24`, `${ours.IPv6}/64`)
  // -t10: by default socat waits half a second only for the answer of `cat`. One `cat` serves all datagrams of a sender: to fork for
  // each, as UDP-RECVFROM does, answers some of them seconds later on a busy machine.
  await mustRun(
    guest,
    `head -c ${octets} /dev/urandom >/tmp/octets
    ip route add 10.1.0.0/24 via ${ours.IPv4}; ip route add fd01::/64 via ${ours.IPv6}
    socat -t10 TCP6-LISTEN:${echoPort},ipv6only=0,fork,reuseaddr EXEC:cat </dev/null >/dev/null 2>&1 &
    socat -t10 UDP6-LISTEN:${echoPort},ipv6only=0,fork,reuseaddr EXEC:cat </dev/null >/dev/null 2>&1 &`,
  )
  hidden = await lab.namespace('hidden')
  await cable(hidden, 'cable0', host, 'cable0')
  await hidden.address('cable0', `${behindNat.IPv4}/24`, `${behindNat.IPv6}/64`)
  await host.address('cable0', `${guestBehindNat.IPv4}/24`, `${guestBehindNat.IPv6}/64`)
  await hidden.ip('route', 'add', 'default', 'via', guestBehindNat.IPv4)
  await hidden.ip('-6', 'route', 'add', 'default', 'via', guestBehindNat.IPv6)
  await masquerade(lab, host, ['tap0', 'cable0'])
})
afterEach(async () => {
  embedded?.kill()
  embedded = undefined
  await charon?.stop()
  charon = undefined
})
afterAll(() => lab.close())

function begin(namespace: Namespace, family: Family, role: 'initiate' | 'respond', remote: string, esp: string): Embedded {
  embedded = new Embedded(namespace, {
    role,
    local: namespace === hidden ? behindNat[family] : ours[family],
    remote,
    key: secret,
    localIdentity: 'us.example',
    remoteIdentity: 'peer.example',
    ike,
    esp,
    // Behind the NAT it shall be found.
    encapsulation: namespace === hidden ? 'when-needed' : 'force',
  })
  return embedded
}

/** `remote` is where it initiates to. */
async function startPeer(family: Family, esp: string, remote: string, encap: 'yes' | 'no'): Promise<Charon> {
  const config = { local: guestAddresses[family], remote, ike, esp, mode: 'transport', connection: { encap } } as const
  charon = await startCharon(guest, { seals: 'kernel', config: peerConfig(config) })
  return charon
}

/** What the guest's kernel holds. */
async function expectKernelSas(esp: string): Promise<void> {
  const states = await mustRun(guest, 'ip xfrm state')
  expect(states).toContain('mode transport')
  expect(states).toContain('type espinudp')
  expect(/flag.* esn/.test(states), states).toBe(esp.endsWith('-esn'))
}

async function expectDataBothWays(us: Embedded, address: string): Promise<void> {
  expect(await us.ask({ do: 'ping', count: 3 })).toMatchObject({ count: 3 })
  expect(await us.ask({ do: 'tcp', port: echoPort, octets })).toMatchObject({ count: 1, badChecksums: 0 })
  expect(await us.ask({ do: 'udp', port: echoPort, count: 20, longest: 1300 })).toMatchObject({ count: 20, badChecksums: 0 })

  expect(await mustRun(guest, `ping -c 3 -i 0.2 -W 2 ${address}`)).toContain(' 0% packet loss')
  // Sealed whole; what is fragmented on the cable is UDP.
  expect(await mustRun(guest, `ping -c 2 -i 0.2 -W 2 -s 9000 ${address}`)).toContain(' 0% packet loss')
  const target = address.includes(':') ? `[${address}]` : address
  const sums = await mustRun(guest, `sha256sum </tmp/octets; socat -t10 -T10 - TCP:${target}:${ourEchoPort} </tmp/octets | sha256sum`)
  const [sent, returned] = sums.split('\n')
  expect(returned).toBe(sent)
  const line = 'as it was sent'
  // Asked again when nothing came back: what we ourselves lose is in our counters, below.
  const ask = `r=$(echo '${line}' | socat -t2 -T2 - UDP:${target}:${ourEchoPort})`
  expect(await mustRun(guest, `for i in 1 2 3; do ${ask}; [ -n "$r" ] && break; done; echo "$r"`)).toBe(`${line}\n`)
  expect(await us.ask({ do: 'status' })).toMatchObject({ badChecksums: 0, dropped: {} })
}

/** Whatever the guest and the other side of its cable say to each other but IKE, ESP in UDP, and neighbour discovery. */
async function inClear(during: () => Promise<void>): Promise<string> {
  // Of what is fragmented, the first fragment tells; in IPv6 it could only be UDP.
  const udp = '(ip and udp and ip[6:2] & 0x1fff = 0) or (ip6 and ip6[6] == 17)'
  const filter = `tcp or icmp or (icmp6 and (ip6[40] == 128 or ip6[40] == 129)) or ((${udp}) and not port 500 and not port 4500)`
  const watch = start(host.command('tcpdump', '-lni', 'tap0', '--immediate-mode', filter))
  try {
    await during()
  } finally {
    watch.child.kill('SIGINT')
  }
  return (await watch.finished).stdout.trim()
}

/** ESN under HMAC has its high half at the end of what is authenticated, ESN in an AEAD has it in the middle: both are here. */
const cases = [
  { family: 'IPv4', esp: 'aes128gcm16' },
  { family: 'IPv4', esp: 'aes128gcm16-esn' },
  { family: 'IPv4', esp: 'aes128-sha256-esn' },
  { family: 'IPv4', esp: 'chacha20poly1305' },
  { family: 'IPv6', esp: 'aes256gcm16' },
  { family: 'IPv6', esp: 'chacha20poly1305-esn' },
  { family: 'IPv6', esp: 'aes256-sha512' },
  { family: 'IPv6', esp: 'aes256-sha384-esn' },
] as const

describe.each(cases)('transport mode, $family, ESP $esp', ({ family, esp }) => {
  test('we initiate: data both ways, nothing of it in clear, and we delete', async () => {
    const peer = await startPeer(family, esp, ours[family], 'yes')
    const clear = await inClear(async () => {
      const us = begin(host, family, 'initiate', guestAddresses[family], esp)
      await us.established()
      await expectKernelSas(esp)
      await expectDataBothWays(us, ours[family])
      await us.ask({ do: 'close' })
      await peer.forgets()
    })
    expect(clear).toBe('')
  })

  test('it initiates: data both ways, nothing of it in clear, and it deletes', async () => {
    const us = begin(host, family, 'respond', guestAddresses[family], esp)
    await us.listening()
    const peer = await startPeer(family, esp, ours[family], 'yes')
    const clear = await inClear(async () => {
      const initiated = await peer.initiate('k')
      expect(initiated.code, report(initiated) + us.said()).toBe(0)
      await us.established()
      await expectKernelSas(esp)
      await expectDataBothWays(us, ours[family])
      const deleted = await peer.terminateIke('c')
      expect(deleted.code, report(deleted)).toBe(0)
    })
    expect(clear).toBe('')
  })
})

describe.each(families)('transport mode through a NAT, %s', (family) => {
  const esp = 'aes128gcm16'

  test('we initiate from behind it: TCP and UDP both ways, with the checksums repaired', async () => {
    const peer = await startPeer(family, esp, '%any', 'no')
    const us = begin(hidden, family, 'initiate', guestAddresses[family], esp)
    await us.established()
    await expectKernelSas(esp)
    // It knows us by the address of the NAT, at a port of the NAT's choice.
    expect(await peer.sas()).toMatch(new RegExp(`remote .*@ ${ours[family]}\\[2\\d{4}\\]`))
    await expectDataBothWays(us, ours[family])
    await us.ask({ do: 'close' })
    await peer.forgets()
  })

  test('it initiates from behind it: TCP and UDP both ways, with the checksums repaired', async () => {
    const us = begin(hidden, family, 'respond', guestBehindNat[family], esp)
    await us.listening()
    const peer = await startPeer(family, esp, behindNat[family], 'no')
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated) + us.said()).toBe(0)
    await us.established()
    await expectKernelSas(esp)
    await expectDataBothWays(us, behindNat[family])
    expect((await peer.terminateIke('c')).code).toBe(0)
  })
})

describe.each(families)('the command with nothing but a key, %s', (family) => {
  /** What strongSwan has for `default`, with ESN before it, as our defaults prefer it. */
  const esp = 'aes256gcm16-esn,default'

  test('ping', async () => {
    const peer = await startPeer(family, esp, '%any', 'no')
    const pinged = await ikebana(lab, host, ['ping', guestAddresses[family], '-c', '3', '-i', '0.2', '--json'])
    expect(pinged.code, report(pinged)).toBe(0)
    expect(JSON.parse(pinged.stdout)).toMatchObject({ established: true, transmitted: 3, received: 3, dropped: {}, failure: null })
    await peer.forgets()
  })

  test('respond', async () => {
    const responder = await respond(lab, host, ['--local', ours[family]])
    const peer = await startPeer(family, esp, ours[family], 'no')
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated) + responder.said()).toBe(0)
    await expectKernelSas('aes256gcm16-esn')
    expect(await mustRun(guest, `ping -c 3 -i 0.2 -W 2 ${ours[family]}`)).toContain(' 0% packet loss')
    expect((await responder.interrupt()).code).toBe(0)
    await peer.forgets()
  })
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
