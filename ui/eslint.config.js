import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

const backendOnly = [
  {
    group: ['@tauri-apps/*'],
    message: 'Only src/lib/backend/tauri.ts speaks to the desktop shell.',
  },
];

export default tseslint.config(
  { ignores: ['dist', 'screenshots', 'node_modules', 'src/lib/backend/contract/generated.ts'] },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
  },
  {
    rules: {
      'no-restricted-imports': ['error', { patterns: backendOnly }],
      'svelte/no-at-html-tags': 'error',
      'svelte/no-navigation-without-resolve': 'off',
      // Not every collection is something that screens follow.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { files: ['src/lib/backend/tauri.ts'], rules: { 'no-restricted-imports': 'off' } },
);
