// SPIs 0 to 255 are reserved, and 0 never is on the wire: nobody of us chooses them, and nobody takes them. RFC 4302 §2.4, RFC 4303 §2.1.
import { describe, expect, it } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import { Registry } from '../../src/ike/endpoint/registry.ts'
import { acceptAnswer, childPayloads } from './child-payloads.ts'
import { Puppeteer } from './puppeteer.ts'

/** And the first that is not. */
const spis = [
  [0, 0, 0, 0],
  [0, 0, 0, 1],
  [0, 0, 0, 255],
  [0, 0, 1, 0],
] as const

describe('reserved SPIs', () => {
  it('of a request are refused', () => {
    const puppet = new Puppeteer('established')
    const answers = spis.map((spi) => puppet.request(exchange.CREATE_CHILD_SA, childPayloads(Uint8Array.from(spi))))
    expect(answers.map((answer) => answer?.some(({ kind }) => kind === 'SA'))).toEqual([false, false, false, true])
  })

  it('of an answer are refused', () => {
    expect(spis.map((spi) => acceptAnswer(childPayloads(Uint8Array.from(spi))).ok)).toEqual([false, false, false, true])
  })

  it('are never chosen by us', () => {
    const drawn = [...spis]
    const registry = new Registry(() => Uint8Array.from(drawn.shift() ?? expect.fail()))
    expect(registry.newSpi()).toBe(256)
  })
})
