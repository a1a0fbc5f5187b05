// Which words belong where in a connection file, and which words of swanctl.conf are known and not supported yet.
import { shapeWords } from './shape.ts'

/** The kinds of maps in a file. */
export type Place = 'file' | 'connections' | 'connection' | 'end' | 'children' | 'child' | 'secrets' | 'secret' | 'policies' | 'policy'

/** What is behind a word: a map, or a value. */
export function inside(place: Place, word: string): Place | 'value' | undefined {
  const named = names[place]
  if (named !== undefined) return named
  if (!wordsOf(place).includes(word)) return undefined
  return maps[place]?.[word] ?? 'value'
}

/** What the items of a list are, where they are maps. */
export const itemsOf = (place: Place | 'value' | undefined): Place | undefined => (place === 'policies' ? 'policy' : undefined)

/** The words of a place; none where names are free. */
export const wordsOf = (place: Place): readonly string[] => valid[place] ?? []

/** Whether the keys there are names that users choose. */
export const isOfNames = (place: Place): boolean => names[place] !== undefined

/** Another place that has this word. */
export function homeOf(word: string): string | undefined {
  return (['connection', 'end', 'child', 'secret', 'policy'] as const).flatMap((place) =>
    wordsOf(place).includes(word) ? [homes[place]] : [],
  )[0]
}

/** Why a word of swanctl.conf cannot be used; `undefined` for words that are none of its. */
export const whyUnsupported = (word: string): string | undefined => unsupportedWords.get(word)
/** The same for values of `auth`, `mode` and `unique`. */
export const whyUnsupportedValue = (value: string): string | undefined => unsupportedValues.get(value.replace(/-.*/, ''))

const names: Readonly<Partial<Record<Place, Place>>> = { connections: 'connection', children: 'child', secrets: 'secret' }
const maps: Readonly<Partial<Record<Place, Readonly<Partial<Record<string, Place>>>>>> = {
  file: { connections: 'connections', secrets: 'secrets', policies: 'policies' },
  connection: { local: 'end', remote: 'end', children: 'children' },
}
const valid: Readonly<Partial<Record<Place, readonly string[]>>> = shapeWords
const homes = { connection: 'a connection', end: 'local or remote', child: 'a child', secret: 'a secret', policy: 'a policy' } as const

const certificates = 'there are pre-shared keys only, no certificates'
const eap = 'there are pre-shared keys only, no EAP'
const leases = 'addresses are not handed out yet'
const kernel = 'the kernel has no part in this'
const daemon = 'there is no daemon yet: ping and respond start what they need'
const tuning = 'it cannot be set yet'

const groups: readonly (readonly [why: string, words: string])[] = [
  [
    certificates,
    'certs cacerts cert cacert pubkeys send_certreq send_cert revocation ca_id cert_policy ocsp authorities private rsa ecdsa pkcs8',
  ],
  [certificates, 'pkcs12 token pin handle slot module crl_uris ocsp_uris cert_uri_base'],
  [eap, 'eap_id aaa_id eap xauth xauth_id ntlm groups'],
  [leases, 'pools vips addrs subnets'],
  [kernel, 'if_id_in if_id_out mark_in mark_in_sa mark_out set_mark_in set_mark_out reqid priority interface hw_offload'],
  [kernel, 'policies_fwd_out label label_mode per_cpu_sas inactivity updown hostaccess'],
  [daemon, 'start_action close_action dpd_action keyingtries trap'],
  [tuning, 'dscp'],
  ['a peer is given up after thirteen transmissions, whatever is written', 'dpd_timeout'],
  ['MOBIKE (RFC 4555) is not implemented', 'mobike'],
  ['HMAC-SHA2-256 is cut to 128 bits, as RFC 4868 has it', 'sha256_96'],
  ['IPComp is not implemented', 'ipcomp'],
  ['IKEv2 is all there is: leave it out', 'version aggressive pull'],
  ['use --port, --nat-port and --local of ping and respond', 'local_port remote_port'],
  ['post-quantum pre-shared keys (RFC 8784) are not implemented', 'ppk_id ppk_required ppk'],
  ['RFC 4739 is not implemented: local and remote are one round each', 'round'],
  ['mediation between peers behind NATs is an extension of strongSwan alone', 'mediation mediated_by mediation_peer'],
]
const unsupportedWords: ReadonlyMap<string, string> = new Map(
  groups.flatMap(([why, words]) => words.split(' ').map((word): readonly [string, string] => [word, why])),
)
const unsupportedValues: ReadonlyMap<string, string> = new Map([
  ...['pubkey', 'rsa', 'ecdsa', 'ed25519', 'ed448', 'ike'].map((word): readonly [string, string] => [word, certificates]),
  ...['eap', 'xauth'].map((word): readonly [string, string] => [word, eap]),
  ['keep', 'a new IKE SA of a peer is not refused because there is one'],
  ['null', 'RFC 7619 is not implemented'],
  ['beet', 'transport and tunnel mode are all there is'],
  ['transport_proxy', 'transport and tunnel mode are all there is'],
  ['pass', 'a policy with action: bypass is for that'],
  ['drop', 'a policy with action: discard is for that'],
])
