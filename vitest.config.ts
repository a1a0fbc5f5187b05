import { defineConfig, type ViteUserConfig } from 'vitest/config'

const labSeeds = process.env['IKEBANA_LAB_SEEDS'] ?? '1000'

/** Vectors of others, by the thousand. */
const vectorFiles = 'test/crypto/wycheproof.test.ts'

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**', vectorFiles],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/seeds.test.ts', 'test/lab/single-loss.test.ts', 'test/lab/repeats.test.ts'],
          testTimeout: Math.max(120_000, Number(labSeeds) * 100),
          env: { IKEBANA_LAB_SEEDS: labSeeds },
        },
      },
      {
        test: {
          name: 'vectors',
          include: [vectorFiles],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})

export default config
