// A machine that hangs is found, too: by another thread.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('what a host never comes back from is told, and the process ended', { timeout: 30_000 }, () => {
  const script = fileURLToPath(new URL('planted/endless.ts', import.meta.url))
  const { stdout, signal } = spawnSync(process.execPath, ['--import', 'tsx', script], {
    encoding: 'utf8',
    timeout: 25_000,
    killSignal: 'SIGTERM',
  })
  expect(signal).toBe('SIGKILL')
  expect(stdout).toContain('FINDING hangs')
  expect(stdout).toContain('{"world":"gcm-udp","state":"own-signing","seed":5}\n{"form":"sealed"')
})
