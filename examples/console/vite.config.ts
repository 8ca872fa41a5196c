import { fileURLToPath } from 'node:url'
import { generate } from '@graphql-codegen/cli'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import codegen from './codegen.ts'

// The page calls its own origin, and this server hands that on: a gateway without CORS headers is enough.
const proxy = { '/graphql': process.env.GATEWAY_URL ?? 'http://127.0.0.1:4000' }

// What the page may load: itself. The development server writes scripts into the page, so this is for the built one.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [typedDocuments(), react()],
  server: { proxy },
  preview: { proxy, headers: { 'content-security-policy': contentSecurityPolicy } },
})

/** Types the documents before anything imports them. */
function typedDocuments(): Plugin {
  return {
    name: 'typed-documents',
    async buildStart() {
      await generate(codegen)
    },
  }
}
