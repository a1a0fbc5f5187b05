// Authentication only, with the kernel of a Linux guest and the strongSwan in it: AH, ESP with NULL, ESP with GMAC, in transport mode, negotiated by
// either end. RFC 4302; RFC 4303 §3.2.2 (NULL: RFC 2410); RFC 4543; RFC 7296 §3.3.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { agreement, type Ends, rekey } from './harness/agreement.ts'
import { report } from './harness/command.ts'
import { peerConfig, secret } from './harness/config.ts'
import { Embedded, type Scenario } from './harness/embedded.ts'
import { bootGuest } from './harness/guest.ts'
import { Lab, type Namespace } from './harness/lab.ts'
import { type Machine, mustRun } from './harness/machine.ts'
import { type Charon, startCharon } from './harness/strongswan.ts'

const ours = { IPv4: '10.99.0.1', IPv6: 'fd99::1' } as const
const theirs = { IPv4: '10.99.0.2', IPv6: 'fd99::2' } as const
const ike = 'aes128gcm16-prfsha256-ecp256'
type Family = keyof typeof ours
type Role = Scenario['role']

const lab = new Lab()
let host: Namespace
let guest: Machine
let charon: Charon | undefined
let embedded: Embedded | undefined

beforeAll(async () => {
  host = await lab.namespace('host')
  guest = await bootGuest(lab, host, { addresses: Object.values(theirs).map((each) => `${each}/${each.includes(':') ? 64 : 24}`) })
  await host.address('tap0', `${ours.IPv4}/24`, `${ours.IPv6}/64`)
})
afterEach(async () => {
  embedded?.kill()
  embedded = undefined
  await charon?.stop()
  charon = undefined
})
afterAll(() => lab.close())

type Suites = Pick<Scenario, 'esp' | 'ah'>

/** `encapsulation`: whether both pretend that there is a NAT. */
async function begin(role: Role, family: Family, us: Suites, them: Suites, encapsulation: 'udp' | 'none'): Promise<Ends> {
  const config = { local: theirs[family], remote: ours[family], ike, ...them, mode: 'transport' } as const
  const peer = await startCharon(guest, {
    seals: 'kernel',
    config: peerConfig({ ...config, connection: { encap: encapsulation === 'udp' ? 'yes' : 'no' } }),
  })
  charon = peer
  embedded = new Embedded(host, {
    role,
    local: ours[family],
    remote: theirs[family],
    key: secret,
    localIdentity: 'us.example',
    remoteIdentity: 'peer.example',
    ike,
    ...us,
    encapsulation: encapsulation === 'udp' ? 'force' : 'when-needed',
    bare: encapsulation === 'udp' ? 'esp' : 'ip',
  })
  await embedded.listening()
  return { us: embedded, peer }
}

async function up(role: Role, family: Family, suites: Suites, encapsulation: 'udp' | 'none'): Promise<Ends> {
  const ends = await begin(role, family, suites, suites, encapsulation)
  if (role === 'respond') {
    const initiated = await ends.peer.initiate('k')
    expect(initiated.code, report(initiated) + ends.us.said()).toBe(0)
  }
  await ends.us.established()
  return ends
}

interface Established {
  readonly inbound: number
  readonly outbound: number
  readonly mode: string
  readonly suite: { readonly protocol: number; readonly extendedSequence: string }
}
function established({ us }: Ends): Established {
  const [event] = us.events('child-sa-established')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the embedding program writes, which is typed there
  return event?.['established'] as Established
}

interface State {
  readonly protocol: string
  readonly spi: number
  readonly text: string
}
/** One for each direction. */
async function kernelStates(): Promise<readonly State[]> {
  const text = await mustRun(guest, 'ip xfrm state')
  return text.split(/^(?=src )/m).flatMap((state) =>
    [...state.matchAll(/proto (ah|esp) spi 0x([0-9a-f]{8})/g)].map(([, protocol = '', spi = '']) => ({
      protocol,
      spi: Number.parseInt(spi, 16),
      text: state,
    })),
  )
}

/** What the kernel holds is what we have, from the other side. `algorithm` is the kernel's word for it. */
async function expectSameSas(ends: Ends, protocol: 'ah' | 'esp', algorithm: RegExp, sequence: 'esn' | 'no-esn'): Promise<void> {
  const { inbound, outbound, mode, suite } = established(ends)
  const states = await kernelStates()
  expect(states.map(({ spi }) => spi).toSorted((a, b) => a - b)).toEqual([inbound, outbound].toSorted((a, b) => a - b))
  for (const state of states) {
    expect(state).toMatchObject({ protocol })
    expect(state.text).toMatch(algorithm)
    expect(state.text).toContain('mode transport')
    expect(/\besn\b/.test(state.text), state.text).toBe(sequence === 'esn')
  }
  expect([mode, suite.protocol, suite.extendedSequence]).toEqual(['transport', protocol === 'ah' ? 2 : 3, sequence])
}

async function expectPings({ us }: Ends, family: Family): Promise<void> {
  expect(await us.ask({ do: 'ping', count: 3 })).toMatchObject({ count: 3, dropped: {} })
  expect(await mustRun(guest, `ping -c 3 -i 0.2 -W 2 ${ours[family]}`)).toContain(' 0% packet loss')
}

describe('ESP that authenticates only, in UDP: the same SAs, and packets both ways', () => {
  test.each([
    ['initiate', 'IPv4', 'null-sha256', /enc ecb\(cipher_null\)/, 'no-esn'],
    ['respond', 'IPv6', 'null-sha512-esn', /auth-trunc hmac\(sha512\) \S+ 256/, 'esn'],
    ['respond', 'IPv4', 'null-aescmac', /auth-trunc cmac\(aes\) \S+ 96/, 'no-esn'],
    ['initiate', 'IPv4', 'aes128gmac', /aead rfc4543\(gcm\(aes\)\) \S+ 128/, 'no-esn'],
    ['respond', 'IPv6', 'aes256gmac-esn', /aead rfc4543\(gcm\(aes\)\) \S+ 128/, 'esn'],
  ] as const)('we %s, %s, %s', async (role, family, esp, algorithm, sequence) => {
    const ends = await up(role, family, { esp }, 'udp')
    await expectSameSas(ends, 'esp', algorithm, sequence)
    await expectPings(ends, family)
    await ends.us.ask({ do: 'close' })
    await ends.peer.forgets()
  })
})

describe('without UDP, by the raw path: the same SAs, packets both ways, new keys, and an end', () => {
  test.each([
    ['initiate', 'IPv4', { ah: 'sha256' }, /auth-trunc hmac\(sha256\) \S+ 128/, 'no-esn'],
    ['respond', 'IPv4', { ah: 'sha256-ecp256' }, /auth-trunc hmac\(sha256\) \S+ 128/, 'no-esn'],
    ['respond', 'IPv4', { ah: 'sha384' }, /auth-trunc hmac\(sha384\) \S+ 192/, 'no-esn'],
    ['initiate', 'IPv6', { ah: 'sha512' }, /auth-trunc hmac\(sha512\) \S+ 256/, 'no-esn'],
    ['respond', 'IPv6', { ah: 'aesxcbc' }, /auth-trunc xcbc\(aes\) \S+ 96/, 'no-esn'],
    ['initiate', 'IPv4', { ah: 'aescmac' }, /auth-trunc cmac\(aes\) \S+ 96/, 'no-esn'],
    ['initiate', 'IPv4', { ah: 'sha256-esn' }, /auth-trunc hmac\(sha256\) \S+ 128/, 'esn'],
    ['initiate', 'IPv4', { esp: 'null-sha256' }, /enc ecb\(cipher_null\)/, 'no-esn'],
    ['respond', 'IPv6', { esp: 'aes128gmac' }, /aead rfc4543\(gcm\(aes\)\) \S+ 128/, 'no-esn'],
  ] as const)('we %s, %s, %j', async (role, family, suites, algorithm, sequence) => {
    const ends = await up(role, family, suites, 'none')
    await expectSameSas(ends, 'ah' in suites ? 'ah' : 'esp', algorithm, sequence)
    await expectPings(ends, family)
    let since = await agreement(ends)
    for (const by of ['us', 'charon'] as const) {
      await rekey[by](ends, 'child')
      since = await agreement(ends, { renewed: { what: 'child', since } })
      await expectPings(ends, family)
    }
    await ends.us.ask({ do: 'close' })
    await ends.peer.forgets()
    expect(await kernelStates()).toEqual([])
  })
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
