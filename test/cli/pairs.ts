// Pairs of connection files: Alice's is for `ping`, Bob's for `respond`. Those that are broken are so in one way each.
export interface PairOfFiles {
  readonly title: string
  readonly alice: string
  readonly bob: string
  /** What is to come of it; `at-rekey`: it comes up, and the first rekey of the Child SA is refused. */
  readonly expect: 'agree' | 'refused' | 'at-rekey'
  /** What is to be seen of what is due after a second. */
  readonly lasts: 'a-moment' | 'past-a-second'
  /** The kind and the reason of the refusal, as Alice and Bob tell them; `-`: nothing. */
  readonly reasons?: readonly [alice: string, bob: string]
}

interface Words {
  readonly local_addrs: string
  readonly remote_addrs: string
  readonly id: string
  readonly peer: string
  readonly key: string
  /** Lines of the connection, and words of its child. */
  readonly connection: readonly string[]
  readonly child: readonly string[]
}

const alice: Words = {
  local_addrs: '127.0.0.1',
  remote_addrs: '127.0.0.2',
  id: 'alice.example',
  peer: 'bob.example',
  key: 'not a secret, only a test of pairs',
  connection: [],
  child: [],
}
const bob: Words = { ...alice, local_addrs: '127.0.0.2', remote_addrs: '127.0.0.1', id: 'bob.example', peer: 'alice.example' }

function file(words: Words): string {
  const { local_addrs, remote_addrs, id, peer, key, connection, child } = words
  const end = (who: string): string => (who === '' ? '{ auth: psk }' : `{ auth: psk, id: ${who} }`)
  const lines = [
    `local_addrs: "${local_addrs}"`,
    `remote_addrs: "${remote_addrs}"`,
    ...connection,
    `local: ${end(id)}`,
    `remote: ${end(peer)}`,
  ]
  const indented = lines.map((line) => `    ${line}\n`).join('')
  return `connections:\n  peer:\n${indented}    children: { data: { ${child.join(', ')} } }\nsecrets: { key: { secret: "${key}" } }\n`
}

type Expected = Pick<PairOfFiles, 'expect' | 'lasts' | 'reasons'>
function pairOf(title: string, expected: Partial<Expected>, ofAlice: Partial<Words>, ofBob: Partial<Words> = {}): PairOfFiles {
  return {
    title,
    alice: file({ ...alice, ...ofAlice }),
    bob: file({ ...bob, ...ofBob }),
    expect: 'agree',
    lasts: 'a-moment',
    ...expected,
  }
}

/** Without chance, so that the second is one; with time enough on a busy machine. */
const rekeyed = ['rekey_time: 1s', 'rand_time: 0', 'life_time: 30s']
const later: Partial<Expected> = { lasts: 'past-a-second' }
const refused = (ofAlice: string, ofBob: string): Partial<Expected> => ({ expect: 'refused', reasons: [ofAlice, ofBob] })
const atRekey: Partial<Expected> = { expect: 'at-rekey', lasts: 'past-a-second', reasons: ['notify', 'proposal'] }
const tunnel = (local: string, remote: string): readonly string[] => ['mode: tunnel', `local_ts: "${local}"`, `remote_ts: "${remote}"`]

export const pairsOfFiles: readonly PairOfFiles[] = [
  // ---- those that agree ----
  pairOf('nothing but defaults', {}, {}),
  pairOf(
    'several proposals, in other orders',
    {},
    {
      connection: ['proposals: [aes128-sha256-ecp256, aes256gcm16-prfsha256-x25519]'],
      child: ['esp_proposals: [aes128-sha256, aes256gcm16-esn]'],
    },
    {
      connection: ['proposals: [aes256gcm16-prfsha256-x25519, aes128-sha256-ecp256]'],
      child: ['esp_proposals: [aes256gcm16-esn, aes128-sha256]'],
    },
  ),
  pairOf('a tunnel that is narrowed', {}, { child: tunnel('10.1.0.0/24', '10.0.0.0/8') }, { child: tunnel('10.2.0.0/16', '10.1.0.0/16') }),
  pairOf('one address for both, of IPv6', {}, { local_addrs: '::1', remote_addrs: '::1' }, { local_addrs: '::1', remote_addrs: '::1' }),
  pairOf(
    'a first key exchange in vain',
    {},
    { connection: ['proposals: aes128-sha256-ecp384-ecp256'] },
    { connection: ['proposals: aes128-sha256-ecp256'] },
  ),
  pairOf(
    'rekeys with a key exchange of their own',
    later,
    { child: [...rekeyed, 'esp_proposals: aes256gcm16-ecp256'] },
    { child: ['esp_proposals: aes256gcm16-ecp256'] },
  ),
  pairOf('an IKE SA without a Child SA at first', {}, { connection: ['childless: force'] }, { connection: ['childless: force'] }),
  pairOf('whoever has the key, from anywhere', {}, { peer: '' }, { peer: '', remote_addrs: '%any' }),
  pairOf(
    'ESP that does not encrypt, beside AH that cannot be had in UDP',
    {},
    { child: ['esp_proposals: "aes128gmac, null-sha256"'] },
    { connection: ['encap: no'], child: ['ah_proposals: sha256', 'esp_proposals: "null-sha256-esn, null-sha256"'] },
  ),
  pairOf(
    'GMAC, rekeyed with a key exchange of its own',
    later,
    { child: [...rekeyed, 'esp_proposals: aes256gmac-ecp256'] },
    { child: ['esp_proposals: aes256gmac-ecp256'] },
  ),
  pairOf('echo requests only', {}, { child: ['local_ts: "dynamic[icmp]"', 'remote_ts: "dynamic[icmp]"'] }),
  pairOf('reauthentication', later, { connection: ['reauth_time: 1s', 'rand_time: 0', 'over_time: 30s'] }),
  // ---- those that do not ----
  pairOf(
    'other proposals for IKE',
    refused('notify', 'proposal'),
    { connection: ['proposals: aes128-sha256-ecp256'] },
    { connection: ['proposals: aes256-sha256-ecp256'] },
  ),
  pairOf(
    'other proposals for ESP',
    refused('notify', 'proposal'),
    { child: ['esp_proposals: aes128-sha256'] },
    { child: ['esp_proposals: aes256gcm16'] },
  ),
  pairOf('ESP for AH', refused('notify', 'proposal'), { child: ['esp_proposals: null-sha256'] }, { child: ['ah_proposals: sha256'] }),
  pairOf(
    'AH before a peer that forces all into UDP',
    refused('protocol nat', '-'),
    { child: ['ah_proposals: sha256'] },
    { child: ['esp_proposals: null-sha256'] },
  ),
  pairOf('other keys', refused('notify', 'authentication wrong-key'), {}, { key: 'another one, and long enough' }),
  pairOf('quotes around one of the keys', refused('notify', 'authentication wrong-key'), {}, { key: `'${alice.key}'` }),
  pairOf('Bob expects somebody else', refused('notify', 'identity value'), {}, { peer: 'carol.example' }),
  pairOf('Alice expects somebody else', refused('identity value', 'authentication rejected-by-peer'), { peer: 'carol.example' }),
  pairOf(
    'selectors apart',
    refused('notify', 'selectors addresses'),
    { child: tunnel('10.1.0.0/16', '10.2.0.0/16') },
    { child: tunnel('10.2.0.0/16', '10.3.0.0/16') },
  ),
  pairOf(
    'selectors that are the same in both files',
    refused('notify', 'selectors swapped'),
    { child: tunnel('10.1.0.0/16', '10.2.0.0/16') },
    { child: tunnel('10.1.0.0/16', '10.2.0.0/16') },
  ),
  pairOf(
    'selectors of two IP versions',
    refused('notify', 'selectors version'),
    { child: tunnel('10.1.0.0/16', '10.2.0.0/16') },
    { child: tunnel('2001:db8:2::/48', '2001:db8:1::/48') },
  ),
  pairOf('a tunnel for transport', refused('notify', 'mode'), { child: ['mode: tunnel'] }),
  pairOf('an address that Bob does not know', refused('notify', 'POLICY_CONNECTION_UNKNOWN'), {}, { remote_addrs: '127.0.0.9' }),
  pairOf(
    'a Child SA at once, for one who wants it later',
    refused('notify', 'POLICY_LIMIT_REACHED'),
    {},
    { connection: ['childless: force'] },
  ),
  pairOf(
    'a key exchange of its own on one side',
    atRekey,
    { child: [...rekeyed, 'esp_proposals: aes256gcm16-ecp256'] },
    { child: ['esp_proposals: aes256gcm16'] },
  ),
  pairOf(
    'other key exchanges of their own',
    atRekey,
    { child: [...rekeyed, 'esp_proposals: aes256gcm16-ecp256'] },
    { child: ['esp_proposals: aes256gcm16-modp2048'] },
  ),
]
