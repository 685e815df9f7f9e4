import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', 'coverage/', 'out/', 'dist/'] },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // A prop that is bound by some and not by others is declared with let, together with the rest.
      'prefer-const': 'off',
      // Addresses in this page are fragments of one document; there is no router to resolve them.
      'svelte/no-navigation-without-resolve': 'off',
      // State holds maps and sets that are replaced, never changed.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 420, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // One wrapper checks who calls and what comes in; nobody else listens to the page.
    files: ['src-main/shell/electron/**'],
    ignores: ['src-main/shell/electron/ipc.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: [{ name: 'electron', importNames: ['ipcMain'] }] }],
    },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    // What a person reads at a terminal is printed here, and nowhere else.
    files: ['src-main/shell/cli/**', 'resources/inference/**', 'build/**', 'bench/**', 'test/**/*.script.ts'],
    rules: { 'no-console': 'off' },
  },
);
