// The shape of a connection file, and its JSON Schema for editors. Names are those of swanctl.conf. What the words mean: `values.ts`.
import * as z from 'zod'
import { namePattern, type ReadShape, readShape, schemaOf } from '../documents/shape.ts'
import { limits } from '../ike/limits.ts'
import type { JsonObject } from '../inspect/describe.ts'

const word = z.string().min(1)
const words = z.union([word, z.array(word).min(1)])
const named = <T extends z.ZodType>(inside: T) => z.record(z.string().regex(namePattern), inside)
const say = (description: string) => ({ description })

const end = z.strictObject({
  auth: z.enum(['psk']).meta(say('How this side proves who it is. psk: by a pre-shared key.')),
  id: word.optional().meta(say('name, user@name, address, keyid:…; left out: our address, or any peer that has the key')),
})
/** A number is a word as any other here, but not to editors. */
const quantity = (description: string) =>
  z
    .string()
    .min(1)
    .optional()
    .meta({ description, type: ['string', 'integer'] })
const time = (description: string) => quantity(`${description}. 90s, 30m, 4h, 7d; 0 is never`)
const octets = (description: string) => quantity(`${description}. 1000000, 500M, 4G; 0 is never`)
const packets = (description: string) => quantity(`${description}; 0 is never`)

const yesOrNo = z.enum(['yes', 'no'])

const child = z.strictObject({
  mode: z.enum(['transport', 'tunnel']).optional().meta(say('transport, where it is left out')),
  local_ts: words.optional().meta(say('Our traffic selectors: dynamic, 10.1.0.0/24, dynamic[tcp/80]')),
  remote_ts: words.optional().meta(say("The peer's traffic selectors: dynamic, 10.1.0.0/24, dynamic[tcp/80]")),
  esp_proposals: words.optional().meta(say('aes256gcm16-esn, aes128-sha256; see ikebana check --esp')),
  ah_proposals: words
    .optional()
    .meta(
      say(
        'sha256, sha512-esn: AH, which never goes in UDP; beside esp_proposals: what is written first is preferred; see ikebana check --ah',
      ),
    ),
  rekey_time: time('When a Child SA gets new keys: 1h, where it is left out'),
  life_time: time('When it ends: a tenth more than rekey_time, where it is left out'),
  rand_time: time('How much earlier than rekey_time at most, by chance: life_time less rekey_time, where it is left out'),
  rekey_bytes: octets('After how many octets it gets new keys: never, where it is left out'),
  life_bytes: octets('After how many it ends: a tenth more than rekey_bytes, where it is left out'),
  rand_bytes: octets('How many fewer than rekey_bytes at most, by chance: life_bytes less rekey_bytes, where it is left out'),
  rekey_packets: packets('After how many packets it gets new keys: never, where it is left out'),
  life_packets: packets('After how many it ends: a tenth more than rekey_packets, where it is left out'),
  rand_packets: packets('How many fewer than rekey_packets at most, by chance: life_packets less rekey_packets, where it is left out'),
  replay_window: quantity('In packets: 1024, where it is left out; 0: no check; else 32 to 8192'),
  mtu: quantity('Octets of the longest packet that the first link takes, 256 to 65535; 0, where it is left out: not known'),
  pmtu_discovery: yesOrNo.optional().meta(say('Whether the network is believed when it takes less (ICMP): yes, where it is left out')),
  heed_unreachable: yesOrNo
    .optional()
    .meta(say('Whether we ask the peer if it lives when the network says no (ICMP): yes, where it is left out')),
  fragment_after: yesOrNo
    .optional()
    .meta(say('Tunnels, IPv4 packets that may be fragmented: after sealing, and not before; no, where it is left out')),
  later_fragments: yesOrNo
    .optional()
    .meta(say('Tunnels whose selectors name ports: whether later fragments go through, where the peer agrees; yes, where it is left out')),
  copy_df: z
    .enum(['yes', 'no', 'set'])
    .optional()
    .meta(say('Tunnels: whether DF is copied, cleared (no) or set; yes, where it is left out')),
  copy_ecn: yesOrNo.optional().meta(say('Tunnels: whether ECN is copied (RFC 6040, normal mode); yes, where it is left out')),
  copy_dscp: z
    .enum(['out', 'in', 'yes', 'no'])
    .optional()
    .meta(say('Tunnels: to the outer header (out), from it (in), both (yes), neither (no); out, where it is left out')),
  outer_dscp: quantity('Tunnels: DSCP of the outer header where copy_dscp does not copy it, 0 to 63; 0, where it is left out'),
  icmp_errors: z
    .enum(['payload', 'selectors'])
    .optional()
    .meta(say('Whether ICMP errors that the selectors leave out go by the packet that they are about: payload, where it is left out')),
  tfc_padding: quantity(
    'How long packets are made to look: 512 (octets), multiple of 128, mtu; 0, where it is left out: as long as they are',
  ),
  dummies: quantity(
    'Dummy packets of ESP, wherever nothing else is sent for so long: 10/s, 30/m, 6/h; 0, where it is left out: none. See dummy_size, dpd_delay',
  ),
  dummy_size: quantity('How long dummies look, in octets: 512, 64-1400, mtu; as tfc_padding has it, or any length, where it is left out'),
})
const connection = z.strictObject({
  local_addrs: words.optional().meta(say('Our addresses; %any, or left out: whatever the system would send from')),
  remote_addrs: words.optional().meta(say("The peer's address or name; %any, or left out: anyone")),
  proposals: words.optional().meta(say('aes256gcm16-prfsha256-ecp256; see ikebana check --proposal')),
  encap: z
    .enum(['yes', 'no'])
    .optional()
    .meta(say('yes, where it is left out and there are no ah_proposals: ESP in UDP, also without a NAT')),
  fragmentation: z
    .enum(['yes', 'accept', 'no', 'force'])
    .optional()
    .meta(say('Of IKE messages (RFC 7383). yes, where it is left out; accept: take fragments, send none; force is the same as yes')),
  // An editor takes it for a number.
  fragment_size: z
    .string()
    .min(1)
    .meta({
      ...say('The largest IP datagram of a fragment in octets, and of a message in one piece; 1280, where it is left out'),
      type: 'integer',
      minimum: limits.smallestFragment,
      maximum: limits.messageLength,
    })
    .optional(),
  rekey_time: time('When the IKE SA gets new keys: 4h, where it and reauth_time are left out'),
  reauth_time: time('When it is set up from scratch: never, where it is left out'),
  over_time: time('How long after that it ends, where neither succeeds: a tenth of the longer of the two, where it is left out'),
  rand_time: time('How much earlier than rekey_time and reauth_time at most, by chance: over_time, where it is left out'),
  childless: z
    .enum(['allow', 'prefer', 'force', 'never'])
    .optional()
    .meta(say('Whether the IKE SA starts without a Child SA: allow, where it is left out')),
  unique: z
    .enum(['no', 'replace', 'never'])
    .optional()
    .meta(say('What becomes of other IKE SAs with the same peer: no, where it is left out')),
  overlap: z
    .enum(['newest', 'refuse', 'map'])
    .optional()
    .meta(
      say(
        'A second peer with the same address, as behind one NAT: newest, where it is left out: it has what is sent to the address; refuse it; map it to an address of overlap_pool',
      ),
    ),
  overlap_pool: words
    .optional()
    .meta(say('For overlap: map. Addresses, prefixes or ranges that no host has: 100.64.0.0/24, fd00:64::/112')),
  keep_alive: time('Behind a NAT, after how much silence of ours an octet keeps it from forgetting us: 20s, where it is left out'),
  dpd_delay: time('After how much silence the peer is asked whether it lives: never, where it is left out'),
  window_size: quantity('How many requests of the peer are taken at once: 1, where it is left out'),
  local: end,
  remote: end,
  children: named(child).meta({ description: 'Child SAs', minProperties: 1 }),
})
const secret = z
  .strictObject({
    id: words.optional().meta(say('Whose key it is; left out: for connections that no other secret names')),
    file: word.optional().meta(say('A file with the key: its final newline is not part of it')),
    env: word.optional().meta(say('An environment variable with the key')),
    secret: word.optional().meta(say('The key itself: better in a file')),
  })
  .meta({ oneOf: [{ required: ['file'] }, { required: ['env'] }, { required: ['secret'] }] })
const policy = z.strictObject({
  name: word.meta(say('What messages call it')),
  action: z.enum(['protect', 'bypass', 'discard']).meta(say('What becomes of packets: sealed, as they are, or dropped')),
  direction: z.enum(['out', 'in', 'both']).optional().meta(say('both, where it is left out; what is protected is so both ways')),
  connection: word.optional().meta(say('Of protect: by which connection; the only one, where it is left out')),
  child: word.optional().meta(say('Of protect: by which child of it; the only one, where it is left out')),
  local_ts: words.optional().meta(say('Our traffic selectors: dynamic[tcp/22]; those of the child, or any, where it is left out')),
  remote_ts: words.optional().meta(say("The peer's traffic selectors; those of the child, or any, where it is left out")),
  pfp: words
    .optional()
    .meta(say('Of protect: what an SA takes from its first packet: local_addr, remote_addr, protocol, local_port, remote_port')),
})
const file = z.strictObject({
  connections: named(connection),
  secrets: named(secret).optional(),
  policies: z.array(policy).min(1).optional().meta(say('In order: the first that matches decides; what none matches is dropped')),
})

export interface FileShape {
  readonly connections: Readonly<Record<string, ConnectionShape>>
  readonly secrets?: Readonly<Record<string, SecretShape>> | undefined
  readonly policies?: readonly PolicyShape[] | undefined
}
export type Words = string | readonly string[]
export interface ConnectionShape {
  readonly local_addrs?: Words | undefined
  readonly remote_addrs?: Words | undefined
  readonly proposals?: Words | undefined
  readonly encap?: 'yes' | 'no' | undefined
  readonly fragmentation?: 'yes' | 'accept' | 'no' | 'force' | undefined
  readonly fragment_size?: string | undefined
  readonly rekey_time?: string | undefined
  readonly reauth_time?: string | undefined
  readonly over_time?: string | undefined
  readonly rand_time?: string | undefined
  readonly childless?: 'allow' | 'prefer' | 'force' | 'never' | undefined
  readonly unique?: 'no' | 'replace' | 'never' | undefined
  readonly overlap?: 'newest' | 'refuse' | 'map' | undefined
  readonly overlap_pool?: Words | undefined
  readonly keep_alive?: string | undefined
  readonly dpd_delay?: string | undefined
  readonly window_size?: string | undefined
  readonly local: EndShape
  readonly remote: EndShape
  readonly children: Readonly<Record<string, ChildShape>>
}
export interface EndShape {
  readonly auth: 'psk'
  readonly id?: string | undefined
}
type YesOrNo = 'yes' | 'no'

export interface ChildShape {
  readonly mode?: 'transport' | 'tunnel' | undefined
  readonly local_ts?: Words | undefined
  readonly remote_ts?: Words | undefined
  readonly esp_proposals?: Words | undefined
  readonly ah_proposals?: Words | undefined
  readonly rekey_time?: string | undefined
  readonly life_time?: string | undefined
  readonly rand_time?: string | undefined
  readonly rekey_bytes?: string | undefined
  readonly life_bytes?: string | undefined
  readonly rand_bytes?: string | undefined
  readonly rekey_packets?: string | undefined
  readonly life_packets?: string | undefined
  readonly rand_packets?: string | undefined
  readonly replay_window?: string | undefined
  readonly mtu?: string | undefined
  readonly pmtu_discovery?: YesOrNo | undefined
  readonly heed_unreachable?: YesOrNo | undefined
  readonly fragment_after?: YesOrNo | undefined
  readonly later_fragments?: YesOrNo | undefined
  readonly copy_df?: YesOrNo | 'set' | undefined
  readonly copy_ecn?: YesOrNo | undefined
  readonly copy_dscp?: YesOrNo | 'out' | 'in' | undefined
  readonly outer_dscp?: string | undefined
  readonly icmp_errors?: 'payload' | 'selectors' | undefined
  readonly tfc_padding?: string | undefined
  readonly dummies?: string | undefined
  readonly dummy_size?: string | undefined
}
export interface SecretShape {
  readonly id?: Words | undefined
  readonly file?: string | undefined
  readonly env?: string | undefined
  readonly secret?: string | undefined
}

export interface PolicyShape {
  readonly name: string
  readonly action: 'protect' | 'bypass' | 'discard'
  readonly direction?: 'out' | 'in' | 'both' | undefined
  readonly connection?: string | undefined
  readonly child?: string | undefined
  readonly local_ts?: Words | undefined
  readonly remote_ts?: Words | undefined
  readonly pfp?: Words | undefined
}

/** The words of each kind of map. */
export const shapeWords: Readonly<Record<'file' | 'connection' | 'end' | 'child' | 'secret' | 'policy', readonly string[]>> = {
  file: Object.keys(file.shape),
  connection: Object.keys(connection.shape),
  end: Object.keys(end.shape),
  child: Object.keys(child.shape),
  secret: Object.keys(secret.shape),
  policy: Object.keys(policy.shape),
}

/** Unknown words and names are not among the misfits: `vocabulary.ts` knows more of them. */
export function readFileShape(value: unknown): ReadShape<FileShape> {
  const read = readShape(file, value)
  return { ...read, misfits: read.misfits.filter(({ kind }) => kind !== 'unknown-word') }
}

/** JSON Schema 2020-12 of connection files. */
export const connectionSchema = (): JsonObject => schemaOf(file, 'Connections of Ikebana', 'ref')
