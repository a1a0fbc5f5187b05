// Verification of ICVs. RFC 7296 §3.14, RFC 4303 §3.4.4.1: a packet whose ICV differs is discarded.
import { after, changed, cryptography, type MadeCase, printedCase } from './case.ts'

const twin = 'twin written from RFC 3566 §4'

const sources = [
  ['rfc2202-hmac-sha1.json', 'rfc2202-case-5-sha1-96', 'RFC 2404', '2', cryptography],
  ['rfc3566-aes-xcbc.json', 'rfc3566-case-4-96', 'RFC 3566', '4', twin],
  ['rfc4494-aes-cmac-96.json', 'rfc4494-case-3', 'RFC 4494', '2', cryptography],
  ['rfc4868-hmac-sha2.json', 'rfc4868-auth256-2', 'RFC 4868', '2.3', cryptography],
  ['rfc4868-hmac-sha2.json', 'rfc4868-auth384-2', 'RFC 4868', '2.3', cryptography],
  ['rfc4868-hmac-sha2.json', 'rfc4868-auth512-2', 'RFC 4868', '2.3', cryptography],
] as const

export function macCases(): readonly MadeCase[] {
  return sources.flatMap(([file, id, rfc, section, by]) => {
    const { inputs, expected } = printedCase(file, id)
    const right = expected['mac'] ?? ''
    const make = (name: string, title: string, mac: string, data = inputs['data'] ?? ''): MadeCase => ({
      id: `${id}-verify-${name}`,
      title,
      source: after(rfc, section, by),
      result: name === 'right' ? 'valid' : 'invalid',
      inputs: { ...inputs, operation: 'verify', data, mac },
      expected: name === 'right' ? {} : { layer: 'integrity', field: 'mac' },
    })
    return [
      make('right', 'The ICV is right', right),
      make('first-bit', 'The first bit of the ICV is another', changed(right, 0, 7)),
      make('last-bit', 'The last bit of the ICV is another', changed(right, -1)),
      make('data', 'A bit of the data is another', right, changed(inputs['data'] ?? '', 0)),
      make('short', 'The last octet of the ICV is not there', right.slice(0, -2)),
      make('long', 'An octet stands behind the ICV', `${right}00`),
      make('empty', 'There is no ICV', ''),
    ]
  })
}
