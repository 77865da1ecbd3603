// Biome lints and formats; eslint is here only for the two rules that need types.
import tseslint from 'typescript-eslint'

const RENDERER = ['packages/desktop/src/renderer/**/*.ts']
const WORKER = ['packages/desktop/src/service-worker/**/*.ts']

/** Files whose types come from this configuration rather than from the nearest tsconfig.json. */
const typedBy = (project, files) => ({
  files,
  languageOptions: { parserOptions: { projectService: false, project, tsconfigRootDir: import.meta.dirname } },
})

export default [
  { ignores: ['**/dist/**', '**/node_modules/**', '**/*.d.ts'] },
  {
    files: ['packages/*/src/**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  typedBy('packages/desktop/tsconfig.renderer.json', RENDERER),
  typedBy('packages/desktop/tsconfig.worker.json', WORKER),
]
