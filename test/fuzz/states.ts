// Every state of both roles, as a place where a negotiation with Mallory is frozen.
export interface StateOfPlay {
  readonly role: 'initiator' | 'responder'
  /** What is not let through: the message or operation with this number, and all after it. `undefined`: nothing. */
  readonly freezeBefore: { readonly what: Freezable; readonly number: number } | undefined
  /** What happens after the negotiation. */
  readonly finally: 'nothing' | 'target-closes' | 'mallory-closes'
}

/** A message for the target, one of the target's operations, a message for Mallory. */
export type Freezable = 'to-target' | 'operation' | 'to-mallory'

const frozen = (role: StateOfPlay['role'], what: Freezable, number: number): StateOfPlay => ({
  role,
  freezeBefore: { what, number },
  finally: 'nothing',
})
const whole = (role: StateOfPlay['role'], end: StateOfPlay['finally']): StateOfPlay => ({
  role,
  freezeBefore: undefined,
  finally: end,
})

export type StateName =
  | 'init-sent'
  | 'auth-signing'
  | 'auth-sent'
  | 'auth-verifying'
  | 'initiator-established'
  | 'initiator-closing'
  | 'initiator-over'
  | 'listening'
  | 'init-answered'
  | 'peer-verifying'
  | 'own-signing'
  | 'responder-established'
  | 'responder-closing'
  | 'responder-over'

export const states: Readonly<Record<StateName, StateOfPlay>> = {
  'init-sent': frozen('initiator', 'to-target', 1),
  'auth-signing': frozen('initiator', 'operation', 1),
  'auth-sent': frozen('initiator', 'to-target', 2),
  'auth-verifying': frozen('initiator', 'operation', 2),
  'initiator-established': whole('initiator', 'nothing'),
  'initiator-closing': whole('initiator', 'target-closes'),
  'initiator-over': whole('initiator', 'mallory-closes'),
  listening: frozen('responder', 'to-target', 1),
  'init-answered': frozen('responder', 'to-target', 2),
  'peer-verifying': frozen('responder', 'operation', 1),
  'own-signing': frozen('responder', 'operation', 2),
  'responder-established': whole('responder', 'nothing'),
  'responder-closing': whole('responder', 'target-closes'),
  'responder-over': whole('responder', 'mallory-closes'),
}

export const stateNames: readonly StateName[] = Object.keys(states) as StateName[]

/** Where operations stay under way until a recipe completes them. */
export const withheld: readonly StateName[] = ['auth-signing', 'auth-verifying', 'peer-verifying', 'own-signing']
