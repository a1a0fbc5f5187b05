// `ping --bare` and `respond --bare` with the kernel of a Linux guest and the strongSwan in it: nothing is in UDP. And what is said where there are
// no raw sockets to be had.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { report, run } from './harness/command.ts'
import { peerConfig } from './harness/config.ts'
import { bootGuest } from './harness/guest.ts'
import { ikebana, respond } from './harness/ikebana.ts'
import { Lab, type Namespace } from './harness/lab.ts'
import { type Machine, mustRun } from './harness/machine.ts'
import { type Charon, startCharon } from './harness/strongswan.ts'

const ours = { IPv4: '10.99.0.1', IPv6: 'fd99::1' } as const
const theirs = { IPv4: '10.99.0.2', IPv6: 'fd99::2' } as const

const lab = new Lab()
let host: Namespace
let guest: Machine
let charon: Charon | undefined

beforeAll(async () => {
  host = await lab.namespace('host')
  guest = await bootGuest(lab, host, { addresses: [`${theirs.IPv4}/24`, `${theirs.IPv6}/64`] })
  await host.address('tap0', `${ours.IPv4}/24`, `${ours.IPv6}/64`)
})
afterEach(async () => {
  await charon?.stop()
  charon = undefined
})
afterAll(() => lab.close())

const cases = [
  { family: 'IPv4', protocol: 'esp', words: 'aes128gcm16' },
  { family: 'IPv6', protocol: 'esp', words: 'aes256gcm16-esn' },
  { family: 'IPv4', protocol: 'ah', words: 'sha256' },
  { family: 'IPv6', protocol: 'ah', words: 'sha512' },
] as const

describe.each(cases)('$family, --$protocol $words', ({ family, protocol, words }) => {
  // --ah says it by itself.
  const options = protocol === 'ah' ? ['--ah', words] : ['--esp', words, '--bare']

  async function startPeer(remote: string): Promise<Charon> {
    const suites = protocol === 'ah' ? { ah: words } : { esp: words }
    charon = await startCharon(guest, {
      seals: 'kernel',
      config: peerConfig({ local: theirs[family], remote, ...suites, mode: 'transport', connection: { encap: 'no' } }),
    })
    return charon
  }

  async function expectBareSas(): Promise<void> {
    const states = await mustRun(guest, 'ip xfrm state')
    expect(states.match(new RegExp(`proto ${protocol} spi`, 'g')), states).toHaveLength(2)
    expect(states).not.toContain('encap type')
  }

  test('ping', async () => {
    const peer = await startPeer('%any')
    const pinged = await ikebana(lab, host, ['ping', theirs[family], ...options, '-c', '3', '-i', '0.2', '--json'])
    expect(pinged.code, `${report(pinged)}\n${await peer.log()}`).toBe(0)
    expect(JSON.parse(pinged.stdout)).toMatchObject({
      established: true,
      childSa: { encapsulation: 'none' },
      transmitted: 3,
      received: 3,
      dropped: {},
      failure: null,
    })
    await peer.forgets()
  })

  test('respond, and to what is longer than a frame', async () => {
    const responder = await respond(lab, host, ['--local', ours[family], ...options])
    const peer = await startPeer(ours[family])
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated) + responder.said()).toBe(0)
    await expectBareSas()
    for (const octets of [56, 3000, 9000]) {
      const pinged = await guest.run(`ping -c 1 -W 10 -s ${octets} ${ours[family]}`)
      expect(pinged.stdout, `${octets}: ${pinged.stdout}${responder.said()}`).toContain(' 0% packet loss')
    }
    expect((await responder.interrupt()).code).toBe(0)
    await peer.forgets()
  })
})

test('without root: what is missing, exit code 3, and no negotiation', async () => {
  const command = ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all', '--no-new-privs', '--', process.execPath, '--import', 'tsx']
  const words = ['src/cli/main.ts', 'ping', theirs.IPv4, '--bare', '--psk-file', '-']
  const shell = `echo 'no secret, only for tests' | "$@"`
  const finished = await run(host.command('sh', '-c', shell, 'sh', ...command, ...words), {
    cwd: new URL('../..', import.meta.url).pathname,
  })
  expect(finished.code, report(finished)).toBe(3)
  expect(finished.stderr).toContain('no bare ESP or AH: raw sockets need root, or CAP_NET_RAW (EPERM)')
  expect(finished.stdout).toBe('')
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
