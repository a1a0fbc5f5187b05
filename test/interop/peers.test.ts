// The peers agree with each other: what fails in here is the harness or the machine, not Ikebana.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { must, report } from './harness/command.ts'
import { peerConfig } from './harness/config.ts'
import { bootGuest } from './harness/guest.ts'
import { cable, Lab, type Namespace } from './harness/lab.ts'
import { type Machine, namespaceMachine } from './harness/machine.ts'
import { startCharon } from './harness/strongswan.ts'

describe('two charons with kernel-libipsec in namespaces', () => {
  const lab = new Lab()
  let left: Namespace
  let right: Namespace

  beforeAll(async () => {
    left = await lab.namespace('left')
    right = await lab.namespace('right')
    await cable(left, 'cable0', right, 'cable0')
    await left.address('cable0', '10.55.0.1/24')
    await right.address('cable0', '10.55.0.2/24')
    await left.address('lo', '172.31.1.1/32')
    await right.address('lo', '172.31.2.1/32')
  })
  afterAll(() => lab.close())

  test('bring a tunnel up, a ping goes through, and a Delete ends it', async () => {
    const a = await startCharon(namespaceMachine(lab, left), {
      seals: 'charon',
      config: peerConfig({ local: '10.55.0.1', remote: '10.55.0.2', localSelector: '172.31.1.1/32', remoteSelector: '172.31.2.1/32' }),
    })
    const b = await startCharon(namespaceMachine(lab, right), {
      seals: 'charon',
      config: peerConfig({ local: '10.55.0.2', remote: '10.55.0.1', localSelector: '172.31.2.1/32', remoteSelector: '172.31.1.1/32' }),
    })
    const initiated = await a.initiate('k')
    expect(initiated.code, report(initiated)).toBe(0)
    expect(await must(left.command('ping', '-c', '2', '-i', '0.2', '-I', '172.31.1.1', '172.31.2.1'))).toContain(' 0% packet loss')
    await a.terminateIke('c')
    await b.forgets()
  })
})

describe('a Linux guest', () => {
  const lab = new Lab()
  let host: Namespace
  let guest: Machine

  beforeAll(async () => {
    host = await lab.namespace('host')
    guest = await bootGuest(lab, host, { addresses: ['10.99.0.2/24', 'fd99::2/64', '172.31.2.1/32'] })
    await host.address('tap0', '10.99.0.1/24', 'fd99::1/64')
    await host.address('lo', '172.31.1.1/32')
  })
  afterAll(() => lab.close())

  test('answers a ping', async () => {
    expect(await must(host.command('ping', '-c', '2', '-i', '0.2', '10.99.0.2'))).toContain(' 0% packet loss')
    expect(await must(host.command('ping', '-c', '2', '-i', '0.2', 'fd99::2'))).toContain(' 0% packet loss')
  })

  test('seals in its kernel what a charon in a namespace opens', async () => {
    const ours = await startCharon(namespaceMachine(lab, host), {
      seals: 'charon',
      config: peerConfig({ local: '10.99.0.1', remote: '10.99.0.2', localSelector: '172.31.1.1/32', remoteSelector: '172.31.2.1/32' }),
    })
    const its = await startCharon(guest, {
      seals: 'kernel',
      config: peerConfig({ local: '10.99.0.2', remote: '10.99.0.1', localSelector: '172.31.2.1/32', remoteSelector: '172.31.1.1/32' }),
    })
    const initiated = await its.initiate('k')
    expect(initiated.code, report(initiated)).toBe(0)
    expect((await guest.run('ip xfrm state')).stdout).toContain('espinudp')
    expect(await must(host.command('ping', '-c', '2', '-i', '0.2', '-I', '172.31.1.1', '172.31.2.1'))).toContain(' 0% packet loss')
    await its.terminateIke('c')
    await ours.forgets()
    await its.stop()
    await ours.stop()
  })
})

test('nothing is left behind', () => {
  expect(Lab.remains()).toEqual([])
})
