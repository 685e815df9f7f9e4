import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', 'coverage/', 'out/'] },
  ...tseslint.configs.recommended,
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
    // What a person reads at a terminal is printed here, and nowhere else.
    files: ['src-main/shell/cli/**', 'build/**', 'bench/**', 'test/**/*.script.ts'],
    rules: { 'no-console': 'off' },
  },
);
