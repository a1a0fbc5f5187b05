// Errors as implementers make them: each is ours with one thing done wrong.
import { outputs } from '../../../src/conformance/vector.ts'
import type { CipherJobs } from '../../../src/crypto/provider.ts'
import {
  inInputs,
  inKind,
  inOutputs,
  inProvider,
  listOf,
  objectOf,
  openAnyway,
  type Plant,
  repairedAnyhow,
  right,
  shapeOf,
  straightenPadding,
  textOf,
  withoutIdentification,
  withoutIntegrity,
} from './planting.ts'

export interface PlantedError extends Plant {
  /** The argument of `wrong.ts`. */
  readonly name: string
  readonly says: string
  readonly rfc: string
  /** `suite kind` of the cases that it has to do with, */
  readonly concerns: readonly string[]
  /** and what is in id, result and inputs of all that it fails, as JSON. */
  readonly marks: RegExp
}

export const plantedErrors: readonly PlantedError[] = [
  {
    name: 'whole-nonces',
    says: 'SKEYSEED with the PRFs made of AES takes whole nonces as the key',
    rfc: 'RFC 7296 §2.14',
    concerns: ['ike ike-keys', 'ike transcript'],
    marks: /xcbc|cmac/i,
    ...inProvider(['ike-keys', 'keymat', 'transcript'], (provider) => ({
      prf(id) {
        const found = provider.prf(id)
        return found === undefined ? undefined : { ...found, nonceLength: undefined }
      },
    })),
  },
  {
    name: 'rekey-with-new-prf',
    says: 'SKEYSEED of a rekeyed IKE SA is made with the PRF of the new one',
    rfc: 'RFC 7296 §2.18',
    concerns: ['ike ike-keys'],
    marks: /"operation":"rekey"/,
    ...inInputs('ike-keys', (inputs) => {
      const { prf } = objectOf(inputs['suite'])
      return inputs['operation'] === 'rekey' && prf !== undefined ? { ...inputs, oldPrf: prf } : inputs
    }),
  },
  {
    name: 'responder-first',
    says: 'the keys of the responder are cut from KEYMAT first',
    rfc: 'RFC 7296 §2.17',
    concerns: ['ike child-keys'],
    marks: /"skD"/,
    ...inOutputs('child-keys', ({ initiator = {}, responder = {} }) => ({ initiator: responder, responder: initiator })),
  },
  {
    name: 'tag-unchecked',
    says: 'what an AEAD opens is released whether its ICV is right or not',
    rfc: 'RFC 5282 §3',
    concerns: ['primitives aead', 'ike sk-payload', 'ike transcript'],
    marks: /"result":"invalid"/,
    ...inProvider(['aead', 'sk-payload', 'transcript'], (provider) => ({
      encryption(id, keyLength) {
        const found = provider.encryption(id, keyLength)
        return found?.kind === 'aead' ? { ...found, open: openAnyway(found) } : found
      },
    })),
  },
  {
    name: 'high-half-left-out',
    says: 'the high half of extended sequence numbers is not authenticated',
    rfc: 'RFC 4303 §2.2.1',
    concerns: ['esp esp-packet', 'ike transcript'],
    marks: /"sequenceNumbers":"ESN"|"id":"ike-transcript-/,
    ...inProvider(['esp-packet', 'transcript'], (provider) => ({
      packetCipher(suite, keys) {
        const cipher = provider.packetCipher(suite, keys)
        const without = (jobs: CipherJobs): CipherJobs => ({ ...jobs, sequence: 'no-esn' })
        return cipher && { ...shapeOf(cipher), seal: (jobs) => cipher.seal(without(jobs)), open: (jobs) => cipher.open(without(jobs)) }
      },
    })),
  },
  {
    name: 'high-half-of-the-highest',
    says: 'every packet gets the high half of the highest number so far: nothing passes 2^32',
    rfc: 'RFC 4303 appendix A2.2',
    concerns: ['sequence esn-inference'],
    marks: /"low"/,
    ...inKind('esn-inference', (_, inputs) => outputs({ sequence: `${textOf(inputs['highest']).slice(0, 8)}${textOf(inputs['low'])}` })),
  },
  {
    name: 'window-one-wider',
    says: 'the replay window has one place more at its left edge than it was made with',
    rfc: 'RFC 4303 §3.4.3',
    concerns: ['sequence replay-window'],
    marks: /"id":"replay-/,
    ...inInputs('replay-window', (inputs) => ({ ...inputs, windowSize: Number(inputs['windowSize']) + 1 })),
  },
  {
    name: 'pad-length-trusted',
    says: 'padding is cut off without a look at it, all there is where Pad Length says more',
    rfc: 'RFC 4303 §2.4',
    concerns: ['esp esp-packet'],
    marks: /"id":"esp-trailer-.*"operation":"open"/,
    ...inProvider(['esp-packet'], (provider) => ({
      packetCipher(suite, keys) {
        const cipher = provider.packetCipher(suite, keys)
        const open = (jobs: CipherJobs): void => {
          cipher?.open(jobs)
          straightenPadding(jobs, cipher?.ivLength ?? 0)
        }
        return cipher && { ...shapeOf(cipher), seal: (jobs) => cipher.seal(jobs), open }
      },
    })),
  },
  {
    name: 'identification-mutable',
    says: 'AH takes Identification for a field that routers change',
    rfc: 'RFC 4302 §3.3.3.1.1.1',
    concerns: ['ah ah-packet'],
    marks: /"(?:packet|protected)":"4/,
    ...inProvider(['ah-packet'], (provider) => ({
      packetMac(id) {
        const found = provider.packetMac(id)
        return found && { ...found, prepare: (key) => withoutIdentification(found.prepare(key)) }
      },
    })),
  },
  {
    name: 'udp-checksum-zero',
    says: 'a repaired UDP checksum of zero is sent as it is, and one that was zero is repaired',
    rfc: 'RFC 3948 §3.1.2; RFC 768',
    concerns: ['checksum checksum-repair'],
    marks: /"id":"[^"]*-udp-/,
    ...inKind('checksum-repair', repairedAnyhow),
  },
  {
    name: 'unnarrowed',
    says: 'a responder answers with the selectors that it was offered when it accepts some part of them',
    rfc: 'RFC 7296 §2.9',
    concerns: ['narrowing narrowing'],
    marks: /"operation":"narrow"/,
    ...inKind('narrowing', (provider, inputs) => {
      const ours = right(provider, 'narrowing', inputs)
      return ours.kind === 'outputs' && inputs['operation'] === 'narrow' ? outputs(objectOf(inputs['offered'])) : ours
    }),
  },
  {
    name: 'aead-beside-integrity',
    says: 'an integrity algorithm beside a combined-mode cipher is overlooked',
    rfc: 'RFC 7296 §3.3, RFC 5282 §8',
    concerns: ['proposals proposal-choice'],
    marks: /GCM|CCM|POLY1305/,
    ...inInputs('proposal-choice', (inputs) => ({ ...inputs, offered: listOf(inputs['offered']).map(withoutIntegrity) })),
  },
  {
    name: 'trailing-octets',
    says: 'what follows behind the Length of an IKE header is not looked at',
    rfc: 'RFC 7296 §3.1',
    concerns: ['messages ike-message'],
    marks: /"result":"invalid"/,
    ...inInputs('ike-message', (inputs) => {
      const message = textOf(inputs['message'])
      const length = Number.parseInt(message.slice(48, 56), 16)
      return length >= headerLength ? { ...inputs, message: message.slice(0, 2 * length) } : inputs
    }),
  },
]

/** RFC 7296 §3.1. */
const headerLength = 28
