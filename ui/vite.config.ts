import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  base: './',
  server: { port: 5173, strictPort: true },
  build: {
    target: 'es2022',
    // Nothing inline, so that a strict content security policy needs no exception.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  // A machine that is busy with other things takes its time.
  test: { include: ['src/**/*.test.ts', 'tests/**/*.test.ts'], environment: 'node', testTimeout: 60_000 },
});
