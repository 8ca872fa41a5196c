import { fileURLToPath } from 'node:url'
import type { CodegenConfig } from '@graphql-codegen/cli'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Types every document of the page against the schema that the gateway prints; one that does not fit it fails. */
const config: CodegenConfig = {
  schema: at('../../schema.graphql'),
  documents: [at('src/**/*.{ts,tsx}'), `!${at('src/gql/**')}`],
  generates: {
    [at('src/gql/')]: {
      preset: 'client',
      presetConfig: { fragmentMasking: { unmaskFunctionName: 'readFragment' } },
      config: {
        useTypeImports: true,
        strictScalars: true,
        scalars: { DateTime: 'string', FieldSet: 'string', _Any: 'unknown' },
      },
    },
  },
  importExtension: '.ts',
  silent: true,
}

export default config
