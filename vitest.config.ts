import { defineConfig, type ViteUserConfig } from 'vitest/config'

const labSeeds = process.env['IKEBANA_LAB_SEEDS'] ?? '1000'

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/seeds.test.ts'],
          testTimeout: Math.max(120_000, Number(labSeeds) * 100),
          env: { IKEBANA_LAB_SEEDS: labSeeds },
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
