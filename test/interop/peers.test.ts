// The peers agree with each other: what fails in here is the harness or the machine, not Ikebana.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { must } from './harness/command.ts'
import { cable, Lab, type Namespace } from './harness/lab.ts'
import { namespaceMachine } from './harness/machine.ts'
import { startCharon } from './harness/strongswan.ts'

describe('two charons with kernel-libipsec, in two namespaces', () => {
  const lab = new Lab()
  let left: Namespace
  let right: Namespace

  beforeAll(async () => {
    left = await lab.namespace('left')
    right = await lab.namespace('right')
    await cable(left, 'cable0', right, 'cable0')
    await left.address('cable0', '10.55.0.1/24', 'fd55::1/64')
    await right.address('cable0', '10.55.0.2/24', 'fd55::2/64')
    await left.address('lo', '172.31.1.1/32')
    await right.address('lo', '172.31.2.1/32')
  })
  afterAll(() => lab.close())

  test('bring a tunnel up, and a ping goes through', async () => {
    const config = (n: number, local: string, remote: string, localInner: string, remoteInner: string) => ({
      connections: {
        c: {
          version: 2,
          local_addrs: local,
          remote_addrs: remote,
          proposals: 'aes128-sha256-x25519',
          local: { auth: 'psk', id: `host${n}` },
          remote: { auth: 'psk' },
          children: { k: { mode: 'tunnel', local_ts: localInner, remote_ts: remoteInner, esp_proposals: 'aes128gcm16' } },
        },
      },
      secrets: { ike: { secret: '"not a secret at all"' } },
    })
    const a = await startCharon(namespaceMachine(lab, left), {
      seals: 'charon',
      config: config(1, '10.55.0.1', '10.55.0.2', '172.31.1.1/32', '172.31.2.1/32'),
    })
    const b = await startCharon(namespaceMachine(lab, right), {
      seals: 'charon',
      config: config(2, '10.55.0.2', '10.55.0.1', '172.31.2.1/32', '172.31.1.1/32'),
    })
    const initiated = await a.initiate('k')
    expect(initiated.code, initiated.stdout).toBe(0)
    expect(await must(left.command('ping', '-c', '2', '-i', '0.2', '-I', '172.31.1.1', '172.31.2.1'))).toContain(' 0% packet loss')
    await a.terminateIke('c')
    await b.forgets()
    await a.stop()
    await b.stop()
  })
})

test('nothing is left behind', () => {
  expect(Lab.remains()).toEqual([])
})
