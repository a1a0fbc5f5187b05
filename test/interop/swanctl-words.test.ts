// The words for how long things last mean here what they mean to charon: it is asked what it has made of the same words.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConnections } from '../../src/config/connection-file.ts'
import { Lab } from './harness/lab.ts'
import { namespaceMachine } from './harness/machine.ts'
import { type Charon, type Section, startCharon } from './harness/strongswan.ts'

interface Words {
  readonly connection: Readonly<Record<string, string>>
  readonly child: Readonly<Record<string, string>>
}
const samples: Readonly<Record<string, Words>> = {
  defaults: { connection: {}, child: {} },
  often: { connection: { rekey_time: '90m' }, child: { rekey_time: '90' } },
  seldom: { connection: { rekey_time: '2d', reauth_time: '7d' }, child: { rekey_time: '7d' } },
  never: { connection: { rekey_time: '0' }, child: { rekey_time: '0', life_time: '2h' } },
  anew: { connection: { reauth_time: '10h' }, child: {} },
  octets: { connection: {}, child: { rekey_bytes: '500M', rekey_packets: '1000' } },
  more: { connection: { unique: 'replace', rekey_time: '3600s' }, child: { rekey_bytes: '4G' } },
  fewer: { connection: { unique: 'never' }, child: { rekey_bytes: '10k' } },
}

const lab = new Lab()
let charon: Charon | undefined
let listed = ''
beforeAll(async () => {
  const ends: Section = { local: { auth: 'psk' }, remote: { auth: 'psk' } }
  const connections = Object.fromEntries(
    Object.entries(samples).map(([name, { connection, child }]) => [name, { ...connection, ...ends, children: { child } }]),
  )
  charon = await startCharon(namespaceMachine(lab, await lab.namespace('words')), { seals: 'kernel', config: { connections } })
  listed = (await charon.swanctl('--list-conns', '--raw')).stdout
})
afterAll(async () => {
  await charon?.stop()
  lab.close()
})

test.each(Object.entries(samples))('%s', (name, { connection, child }) => {
  const lines = (words: Readonly<Record<string, string>>): string =>
    Object.entries({ ...words, local: '{ auth: psk }', remote: '{ auth: psk }' })
      .map(([word, value]) => `    ${word}: ${value}\n`)
      .join('')
  const childWords = Object.entries(child).map(([word, value]) => `${word}: ${value}`)
  const text = `connections:\n  ${name}:\n${lines(connection)}    children: { child: { ${childWords.join(', ')} } }\nsecrets: { k: { env: KEY } }\n`
  const [ours] = readConnections(text).connections
  const [theirs = '', reauthentication, rekey, unique, childRekey, bytes, packets] =
    new RegExp(
      `\\{${name} .*? reauth_time=(\\d+) rekey_time=(\\d+) unique=UNIQUE_(\\w+) .*?\\{child \\{\\w+=\\w+ rekey_time=(\\d+) rekey_bytes=(\\d+) rekey_packets=(\\d+) `,
    ).exec(listed) ?? []
  expect(theirs, listed).not.toBe('')
  const seconds = (time: number | undefined): string => String((time ?? 0) / 1000)
  const soft = ours?.children[0]?.soft
  expect({
    reauthentication: seconds(ours?.lifetime.reauthenticate),
    rekey: seconds(ours?.lifetime.rekey),
    unique: ours?.uniqueness.toUpperCase(),
    childRekey: seconds(soft?.time),
    bytes: String(soft?.bytes ?? 0),
    packets: String(soft?.packets ?? 0),
  }).toEqual({ reauthentication, rekey, unique, childRekey, bytes, packets })
})
