// A planted bug: a responder whose IKE SA is up takes another IKE_AUTH as if it were the first (RFC 7296 §1.2 has one).
import { exchange } from '../../../src/iana/exchanges.ts'
import type { receive } from '../../../src/ike/endpoint/receive.ts'
import type { IkeSa } from '../../../src/ike/sa/ike-sa.ts'
import type { IkeSaState } from '../../../src/ike/sa/states.ts'

type Receive = typeof receive

export function forgetful(real: Receive): Receive {
  const before = new WeakMap<IkeSa, IkeSaState>()
  return (context, sa, arrival, message, bytes) => {
    if (sa.state.phase === 'init-answered') before.set(sa, sa.state)
    const { exchangeType } = message.header
    const known = before.get(sa)
    if (sa.state.phase === 'established' && exchangeType === exchange.IKE_AUTH && known !== undefined) sa.state = known
    real(context, sa, arrival, message, bytes)
  }
}
