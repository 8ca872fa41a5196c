import { argv, stdout } from 'node:process'
import { rolldown } from 'rolldown'

// Puts the program and what it needs of its packages into few files: most of a start would go into finding and reading more than a thousand,
// and calls between modules cost more than calls within one. What is loaded only when it is asked for stays in files of its own. Names are
// kept, and the source maps lead to `src`.
// Usage, as the end of a build: node scripts/bundle.mjs [the compiler's folder, `dist`]

const [, , directory = 'dist'] = argv

const bundle = await rolldown({
  input: { main: 'src/main.ts' },
  platform: 'node',
  // As Node finds packages: of graphql there must be one, and not one for those who import and one for those who require.
  resolve: { mainFields: ['main', 'module'] },
})
const { output } = await bundle.write({
  dir: directory,
  entryFileNames: '[name].js',
  chunkFileNames: 'bundle/[name].js',
  sourcemap: true,
})
await bundle.close()
stdout.write(
  `${directory}/main.js and ${output.filter(({ type }) => type === 'chunk').length - 1} files beside it\n`,
)
