import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { tempDir } from './temp.ts'

export interface TestCertificate {
  readonly cert: Buffer
  readonly key: Buffer
  readonly certFile: string
  readonly keyFile: string
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A certificate for localhost that signs itself, by the system's openssl. `options` go to `openssl req -x509`. */
export const testCertificate = async (...options: string[]): Promise<TestCertificate> => {
  const folder = await tempDir()
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const out = ['-keyout', keyFile, '-out', certFile]
  await promisify(execFile)('openssl', ['req', '-x509', ...KEY, ...out, ...names, ...options])
  return { cert: await readFile(certFile), key: await readFile(keyFile), certFile, keyFile }
}

/** An authority of the test's own: certificates for a name, for some days from now (a negative number: expired). */
export const testAuthority = async () => {
  const { certFile: ca, keyFile: caKey } = await testCertificate()
  const sign = async (name: string, days: number): Promise<TestCertificate> => {
    const folder = await tempDir()
    const [keyFile, request, certFile] = ['key.pem', 'request.pem', 'cert.pem'].map((file) => join(folder, file)) as [
      string,
      string,
      string,
    ]
    const openssl = (...argv: string[]) => promisify(execFile)('openssl', argv)
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
    await openssl('req', ...KEY, '-keyout', keyFile, '-out', request, ...names)
    const by = ['-CA', ca, '-CAkey', caKey, '-set_serial', '7', '-copy_extensions', 'copy']
    await openssl('x509', '-req', '-in', request, ...by, '-days', `${days}`, '-out', certFile)
    return { cert: await readFile(certFile), key: await readFile(keyFile), certFile, keyFile }
  }
  return { caFile: ca, sign }
}
