// As much of koffi as is used here. It is an optional dependency: what is written here compiles without it.
declare module 'koffi' {
  type Type = { readonly name: string }
  type Argument = number | Uint8Array | Readonly<Record<string, number | Uint8Array>>

  interface Library {
    func(definition: string): (...parameters: readonly Argument[]) => number
    func(name: string, result: string, parameters: readonly (string | Type)[]): (...parameters: readonly Argument[]) => number
  }

  export function load(path: null): Library
  export function struct(members: Readonly<Record<string, string>>): Type
  export function pointer(to: Type): Type
  export function sizeof(type: Type): number
  /** Of the last call that failed. */
  export function errno(): number
  export const os: { readonly errno: Readonly<Record<string, number>> }
  export const node: {
    /** Calls back, outside of any turn of the event loop, for as long as something can be read. */
    poll(descriptor: number, readable: () => void): { close(): void }
  }
}
