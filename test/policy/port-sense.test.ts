// Ports without a protocol that has some: RFC 4301 §7.1, §7.2, appendix D.2.
import { describe, expect, test } from 'vitest'
import { parseSoundSelector } from '../../src/policy/port-sense.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'

const anyProtocol = 'is for a protocol, such as tcp or udp: "any" has no ports'

describe('ports are written', () => {
  test.each([
    'dynamic[tcp/80]',
    'dynamic[sctp/opaque]',
    'dynamic[icmp/8]',
    'dynamic[135/opaque]',
    'dynamic[any/any]',
    '10.0.0.0/8[gre]',
    'dynamic[gre/opaque]',
    'dynamic',
  ])('where there are some: %s', (text) => {
    expect(parseSoundSelector(text)).toEqual(parseSelector(text))
  })

  test.each([
    ['dynamic[any/80]', '80', 12, `"80" ${anyProtocol}`],
    ['10.0.0.0/8[0/1-9]', '1-9', 13, `"1-9" ${anyProtocol}`],
    ['dynamic[any/opaque]', 'opaque', 12, `"opaque" ${anyProtocol}`],
    ['dynamic[gre/80]', '80', 12, '"80" is no port of gre, which has none'],
    [' ::/0[47/1-2]', '1-2', 9, '"1-2" is no port of gre, which has none'],
  ])('and nowhere else: %s', (text, word, offset, message) => {
    expect(parseSoundSelector(text)).toEqual({ ok: false, fault: { word, offset, nearest: undefined, message } })
  })

  test('what is no selector is told as it is', () => {
    expect(parseSoundSelector('dynamic[tcp/90-80]')).toEqual(parseSelector('dynamic[tcp/90-80]'))
  })
})
