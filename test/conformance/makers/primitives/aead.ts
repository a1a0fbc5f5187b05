// AES-CCM and AES-GCM with their shorter ICVs, and AEADs that must not open. RFC 4106 §6, RFC 4309 §4, RFC 5282 §7, RFC 7634 §2.
import { createCipheriv } from 'node:crypto'
import { after, changed, counting, type MadeCase, printedCase, type Values } from './case.ts'

const lengths = [128, 192, 256] as const
const text = Buffer.from('Attack is an answer to a question that nobody asked.').toString('hex')

export function aeadCases(): readonly MadeCase[] {
  return [...ours(), ...refusals()]
}

/** Made with OpenSSL through Node. */
function ours(): readonly MadeCase[] {
  return lengths.flatMap((bits) =>
    ([8, 12, 16] as const).flatMap((icv) => [
      ...both('ccm', bits, icv, counting(bits / 8 + 3, 0x10), 'RFC 4309'),
      ...(icv === 16 ? [] : both('gcm', bits, icv, counting(bits / 8 + 4, 0x60), 'RFC 4106')),
    ]),
  )
}

function both(mode: 'ccm' | 'gcm', bits: (typeof lengths)[number], icv: 8 | 12 | 16, key: string, rfc: string): readonly MadeCase[] {
  const [iv, aad] = [counting(8, 0xa0 + icv), counting(12, 0xc0)]
  const octets = Buffer.from(key, 'hex')
  const nonce = Buffer.concat([octets.subarray(bits / 8), Buffer.from(iv, 'hex')])
  const plaintext = Buffer.from(text, 'hex')
  const cipher = createCipheriv(`aes-${bits}-${mode as 'ccm'}`, octets.subarray(0, bits / 8), nonce, { authTagLength: icv })
  cipher.setAAD(Buffer.from(aad, 'hex'), { plaintextLength: plaintext.length })
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const sealed = Buffer.concat([ciphertext, cipher.getAuthTag()]).toString('hex')
  const common = { algorithm: `ENCR_AES_${mode.toUpperCase()}_${icv}`, keyLength: bits, key, iv, aad }
  const id = `${rfc.toLowerCase().replace(' ', '')}-${mode}-${icv}-${bits}`
  const source = after(rfc, mode === 'ccm' ? '4' : '6')
  const title = `AES-${mode.toUpperCase()} with a key of ${bits} bits and an ICV of ${icv} octets`
  const open = { operation: 'open', ...common }
  const place = { layer: 'integrity', field: 'sealed' }
  return [
    { id: `${id}-seal`, title, source, result: 'valid', inputs: { operation: 'seal', ...common, plaintext: text }, expected: { sealed } },
    { id: `${id}-open`, title, source, result: 'valid', inputs: { ...open, sealed }, expected: { plaintext: text } },
    {
      id: `${id}-wrong-icv`,
      title: `${title}, whose last bit is another`,
      source,
      result: 'invalid',
      inputs: { ...open, sealed: changed(sealed, -1) },
      expected: place,
    },
  ]
}

const victims = [
  ['rfc7634-chacha20-poly1305.json', 'rfc7634-appendix-a', 'RFC 7634', '2'],
  ['rfc7634-chacha20-poly1305.json', 'rfc7634-appendix-b', 'RFC 7634', '2'],
  ['rfc8439-chacha20-poly1305.json', 'rfc8439-2.8.2', 'RFC 8439', '2.8'],
  ['draft-mcgrew-gcm-test.json', 'mcgrew-gcm-1', 'RFC 4106', '5'],
  ['draft-mcgrew-gcm-test.json', 'mcgrew-gcm-3', 'RFC 4106', '5'],
  ['draft-mcgrew-gcm-test.json', 'mcgrew-gcm-7', 'RFC 4106', '5'],
  ['draft-mcgrew-gcm-test.json', 'mcgrew-gcm-15', 'RFC 4543', '3.2'],
] as const

function refusals(): readonly MadeCase[] {
  return victims.flatMap(([file, id, rfc, section]) => {
    const { inputs } = printedCase(file, `${id}-open`)
    const { sealed = '', aad = '', iv = '', key = '' } = inputs
    const make = (name: string, title: string, instead: Values, layer = 'integrity', field = 'sealed'): MadeCase => ({
      id: `${id}-${name}`,
      title,
      source: after(rfc, section),
      result: 'invalid',
      inputs: { ...inputs, ...instead },
      expected: { layer, field },
    })
    // Of GMAC the sealed octets are the ICV alone.
    const hasText = sealed.length > 32
    return [
      make('wrong-icv-first-bit', 'The first bit of the ICV is another', { sealed: changed(sealed, -16, 7) }),
      make('wrong-icv-last-bit', 'The last bit of the ICV is another', { sealed: changed(sealed, -1) }),
      ...(hasText ? [make('wrong-ciphertext', 'The first bit of the ciphertext is another', { sealed: changed(sealed, 0, 7) })] : []),
      make('wrong-aad', 'A bit of the additional data is another', { aad: changed(aad, -1) }),
      make('no-aad', 'The additional data are not there', { aad: '' }),
      make('wrong-iv', 'A bit of the IV is another', { iv: changed(iv, -1) }),
      make('wrong-salt', 'A bit of the salt is another', { key: changed(key, -1) }),
      make('short-icv', 'The last octet of the ICV is not there', { sealed: sealed.slice(0, -2) }),
      make('no-icv', 'There is less than an ICV', { sealed: sealed.slice(0, 30) }),
      make('empty', 'There is nothing to open', { sealed: '' }),
    ]
  })
}
