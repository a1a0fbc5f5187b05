// Proposals in few words, for tests.
import type { ProposalTemplate, TransformChoice } from '../../src/contract/transforms.ts'
import type { Attribute, Proposal, Transform } from '../../src/wire/message.ts'

const choice = (type: number, id: number, keyLength?: number): TransformChoice => ({ type, id, keyLength })

export const gcm = (bits: number): TransformChoice => choice(1, 20, bits)
export const cbc = (bits: number): TransformChoice => choice(1, 12, bits)
export const chacha: TransformChoice = choice(1, 28)
export const nullCipher: TransformChoice = choice(1, 11)
export const prf256: TransformChoice = choice(2, 5)
export const prf384: TransformChoice = choice(2, 6)
export const sha256: TransformChoice = choice(3, 12)
export const sha512: TransformChoice = choice(3, 14)
export const noIntegrity: TransformChoice = choice(3, 0)
export const x25519: TransformChoice = choice(4, 31)
export const ecp256: TransformChoice = choice(4, 19)
export const modp2048: TransformChoice = choice(4, 14)
export const noKeyExchange: TransformChoice = choice(4, 0)
export const esn: TransformChoice = choice(5, 1)
export const noEsn: TransformChoice = choice(5, 0)

export const ike = (...transforms: TransformChoice[]): ProposalTemplate => ({ protocol: 1, transforms })
export const esp = (...transforms: TransformChoice[]): ProposalTemplate => ({ protocol: 3, transforms })
export const ah = (...transforms: TransformChoice[]): ProposalTemplate => ({ protocol: 2, transforms })

/** What a peer would send for a template, as it stands: nothing is split or left out. */
export function offer(template: ProposalTemplate, number = 1, spi: Uint8Array = new Uint8Array(0)): Proposal {
  return { number, protocol: template.protocol, spi, transforms: template.transforms.map((t) => wire(t)) }
}

export function wire({ type, id, keyLength }: TransformChoice, ...attributes: Attribute[]): Transform {
  return { type, id, attributes: keyLength === undefined ? attributes : [{ type: 14, value: keyLength }, ...attributes] }
}
