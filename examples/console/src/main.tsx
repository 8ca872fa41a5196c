import './style/base.css'
import './style/layout.css'
import './style/content.css'
import { ApolloProvider } from '@apollo/client/react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { createClient } from './client.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no place for the console')

createRoot(root).render(
  <ApolloProvider client={createClient()}>
    <App />
  </ApolloProvider>,
)
