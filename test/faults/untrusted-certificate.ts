import { generateKeyPairSync, sign } from 'node:crypto'

/** A key and a certificate for 127.0.0.1 that signs itself, so that nobody has a reason to trust it. */
export function untrustedCertificate(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = sequence(element(oid, Buffer.from('2a8648ce3d040302', 'hex'))) // ECDSA with SHA-256
  const commonName = sequence(element(oid, Buffer.from('550403', 'hex')), element(utf8String, '127.0.0.1'))
  const name = sequence(element(set, commonName))
  const validity = sequence(element(utcTime, '200101000000Z'), element(utcTime, '491231235959Z'))
  const subjectKey = publicKey.export({ type: 'spki', format: 'der' })
  const content = sequence(element(integer, Buffer.of(1)), algorithm, name, validity, name, subjectKey)
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', content, privateKey)])
  const certificate = sequence(content, algorithm, element(bitString, signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
  }
}

// Tags of ASN.1, and RFC 5280 for what a certificate is made of.
const integer = 0x02
const bitString = 0x03
const oid = 0x06
const utf8String = 0x0c
const utcTime = 0x17
const set = 0x31

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts))
}

function element(tag: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  const { length } = bytes
  const header = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(header), bytes])
}
