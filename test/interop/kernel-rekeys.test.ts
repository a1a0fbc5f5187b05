// Rekeys in transport mode with the kernel of a Linux guest, which charon tells what to do: by either end, and by both at once, while pings go on.
// RFC 7296 §1.3.2, §1.3.3, §2.8.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { agreement, type Agreed, type Ends, rekey } from './harness/agreement.ts'
import { report } from './harness/command.ts'
import { peerConfig, secret } from './harness/config.ts'
import { Embedded, type Scenario } from './harness/embedded.ts'
import { bootGuest } from './harness/guest.ts'
import { Lab, type Namespace } from './harness/lab.ts'
import { type Machine, mustRun, namespaceMachine } from './harness/machine.ts'
import { inAll, noLosses, pingBothWays, type Wire } from './harness/pings.ts'
import { type Charon, type Section, startCharon } from './harness/strongswan.ts'

const ours = '10.99.0.1'
const theirs = '10.99.0.2'
const ike = 'aes128gcm16-prfsha256-ecp256'
const kinds = ['child', 'ike'] as const

const lab = new Lab()
let host: Namespace
let guest: Machine
let wire: Wire
let charon: Charon | undefined
let embedded: Embedded | undefined

beforeAll(async () => {
  host = await lab.namespace('host')
  guest = await bootGuest(lab, host, { addresses: [`${theirs}/24`] })
  await host.address('tap0', `${ours}/24`)
  wire = { ourMachine: namespaceMachine(lab, host), peerMachine: guest, from: theirs, to: ours }
})
afterEach(async () => {
  embedded?.kill()
  embedded = undefined
  await charon?.stop()
  charon = undefined
})
afterAll(() => lab.close())

async function up(role: Scenario['role'], esp: string, settings: Section = {}): Promise<Ends> {
  const config = peerConfig({ local: theirs, remote: ours, ike, esp, mode: 'transport' })
  const peer = await startCharon(guest, { seals: 'kernel', config, settings })
  charon = peer
  const us = new Embedded(host, {
    role,
    local: ours,
    remote: theirs,
    key: secret,
    localIdentity: 'us.example',
    remoteIdentity: 'peer.example',
    ike,
    esp,
    encapsulation: 'force',
  })
  embedded = us
  await us.listening()
  if (role === 'respond') {
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated) + us.said()).toBe(0)
  }
  await us.established()
  return { us, peer }
}

/** The SPIs in the kernel, both directions. */
async function kernelSpis(): Promise<readonly number[]> {
  const states = await mustRun(guest, 'ip xfrm state')
  return [...states.matchAll(/spi 0x([0-9a-f]{8})/g)].map(([, spi = '']) => Number.parseInt(spi, 16))
}

test.each([
  ['initiate', 'aes128gcm16'],
  ['respond', 'aes128gcm16-ecp256'],
] as const)('an IKE SA in which we %s, ESP %s: both kinds are rekeyed by us, by it, and by both at once', async (role, esp) => {
  // docs/interoperability.md has why it shall not wait long for our answers.
  const ends = await up(role, esp, { retransmit_timeout: '0.5' })
  let since: Agreed = await agreement(ends)
  const losses = await pingBothWays(ends, wire, 100, async () => {
    for (const what of kinds) {
      for (const by of ['us', 'charon'] as const) {
        await rekey[by](ends, what)
        since = await agreement(ends, { renewed: { what, since } })
      }
    }
  })
  expect(inAll(losses), await ends.peer.log()).toEqual(inAll(noLosses))

  for (const what of [...kinds, ...kinds]) {
    await rekey.both(ends, what)
    since = await agreement(ends, { renewed: { what, since }, emptied: 'may-stay' })
  }
  expect(inAll(await pingBothWays(ends, wire, 3))).toEqual(inAll(noLosses))
  expect(since.child.suite.endsWith('/ECP_256')).toBe(esp !== 'aes128gcm16')
  expect(await kernelSpis()).toEqual(expect.arrayContaining([since.child.inbound, since.child.outbound]))
  expect(await ends.peer.log()).toMatch(/detected (?:CHILD|IKE)_REKEY collision/)
  expect(ends.us.events('rekey-failed').filter(({ next }) => next !== 'superseded')).toEqual([])
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
