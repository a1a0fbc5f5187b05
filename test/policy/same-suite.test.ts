// What is offered when an SA is rekeyed: the same algorithms, of the same protocol. RFC 7296 §2.8.
import { expect, test } from 'vitest'
import { childSuite, chooseChildProposal, toChildProposals } from '../../src/policy/proposal-choice.ts'
import { sameChildSuite } from '../../src/policy/same-suite.ts'
import { ah, cbc, ecp256, esp, modp2048, noEsn, sha256, sha512, x25519 } from './offers.ts'

test('a Child SA of AH is rekeyed with the groups of AH, not with those of an ESP proposal that has its algorithms too', () => {
  const configured = [esp(cbc(128), sha256, modp2048, noEsn), ah(sha256, sha512, x25519, ecp256, noEsn)]
  const chosen = chooseChildProposal(toChildProposals([ah(sha256, x25519, noEsn)], new Uint8Array(4)), configured)
  if (!chosen.ok) throw new Error('refused')
  const suite = childSuite(chosen.value)
  expect(sameChildSuite(configured, suite, ecp256.id)).toEqual([ah(sha256, noEsn, ecp256, x25519)])
})
